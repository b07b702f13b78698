"""Ranks that share a folder of movies of atoms leave what one leaves alone.

argv[1] is the program. Skipped where mpirun or the MPI module is absent.
"""

import csv
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from kinema_cli import SKIPPED, bytes_of, kinema, run, run_tests, write_npy  # noqa: E402

if shutil.which("mpirun") is None:
    print("mpirun is absent: install openmpi-bin")
    sys.exit(SKIPPED)
if run("doctor", "--json").json()["mpi"] is None:
    print("the MPI module is absent: install libopenmpi-dev and build again")
    sys.exit(SKIPPED)

os.mkdir("movies")
run("simulate", "graphene", "-o", "movies/a.npy", "--optics-out", "optics.toml", "--frames", 3,
    "--atoms", 42, "--relax", "springs", "--exposures", 1, "--ripple", "0.6 A")
shutil.copy("movies/a.npy", "movies/c.npy")
write_npy("movies/b.npy", "'|u1'", (2, 64, 64), bytes(2 * 64 * 64))
with open("optics.toml", "a", encoding="ascii") as optics:
    optics.write("estimate = false\n")
WORDS = ["atoms", "reconstruct", "movies", "--optics", "optics.toml", "--md-time", "0 ps",
         "--pixel-size", "0.2 A", "--frames", "0:1", "--no-report", "--threads", "1", "--no-movie"]


def table(out):
    with open(f"{out}/jobs.csv", encoding="utf-8", newline="") as file:
        return [{key: value for key, value in row.items() if key != "seconds"}
                for row in csv.DictReader(file)]


def test_ranks_share_the_movies():
    run(*WORDS, "-o", "alone", code=2)
    done = subprocess.run(
        ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "2", kinema, *WORDS, "-o", "ranks"],
        capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "OMPI_MCA_btl": "self,vader,tcp"})  # no network is asked for
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 2, said
    assert said.count("1 of 3 movies failed") == 1, said  # the root rank alone speaks
    assert [row["state"] for row in table("ranks")] == ["done", "failed", "done"]
    assert table("ranks") == table("alone")
    for name in ("a", "c"):
        assert bytes_of(f"ranks/{name}/trajectory.extxyz") == bytes_of(
            f"alone/{name}/trajectory.extxyz")


run_tests(globals())
