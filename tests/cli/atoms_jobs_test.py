"""atoms reconstruct of many movies: one job, failures named and none fatal, gone on with."""

import csv
import os
import shutil
import signal
import subprocess
import time

from kinema_cli import bytes_of, kinema, refused, run, run_tests, write_npy

os.mkdir("movies")
for name, seed in (("run_2", 2), ("run_10", 10)):
    run("simulate", "graphene", "-o", f"movies/{name}.npy", "--optics-out", "optics.toml", "--frames",
        2, "--atoms", 42, "--relax", "springs", "--exposures", 1, "--ripple", "0.6 A", "--seed", seed,
        "--force")
write_npy("movies/vacuum.npy", "'|u1'", (2, 64, 64), bytes([200] * (2 * 64 * 64)))
with open("movies/notes.txt", "w", encoding="ascii") as notes:
    notes.write("no movie\n")
with open("optics.toml", "a", encoding="ascii") as optics:
    optics.write("estimate = false\n")
WORDS = ["--optics", "optics.toml", "--md-time", "0 ps", "--pixel-size", "0.2 A", "--no-report",
         "--no-movie"]


def table(out):
    with open(f"{out}/jobs.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_is_one_job_and_a_failure_is_not_fatal():
    done = run("atoms", "reconstruct", "movies", *WORDS, "-o", "all", "--json", code=2)
    rows = table("all")
    assert [row["name"] for row in rows] == ["run_2", "run_10", "vacuum"], rows
    assert [row["state"] for row in rows] == ["done", "done", "failed"], rows
    assert rows[0]["frames"] == "2" and rows[0]["atoms"] == "42" and float(rows[0]["seconds"]) > 0
    assert "no frame shows a sheet" in rows[2]["error"], rows
    told = [line for line in done.err.splitlines() if line.startswith("kinema: ")]
    assert told[-2].startswith("kinema: vacuum: no frame shows a sheet"), told
    assert told[-1:] == ["kinema: 1 of 3 movies failed"], told
    found = done.json()
    assert found["failed"] == 1 and [row["state"] for row in found["movies"]] == [
        "done", "done", "failed"], found
    run("atoms", "reconstruct", "movies/run_2.npy", *WORDS, "-o", "alone")
    for name in ("trajectory.extxyz", "optics.json"):
        assert bytes_of(f"all/run_2/{name}") == bytes_of(f"alone/{name}"), name
    refused("atoms", "reconstruct", "movies", *WORDS, "-o", "all", says=["run_2", "--force"])


def test_a_killed_job_goes_on_with_the_movie_it_was_at():
    words = ["atoms", "reconstruct", "movies/run_*.npy", *WORDS, "-o", "cut"]
    with subprocess.Popen([kinema, *words, "--threads", "1"], stderr=subprocess.DEVNULL) as work:
        deadline = time.monotonic() + 60
        while not os.path.exists("cut/run_10/journal.partial"):
            assert work.poll() is None and time.monotonic() < deadline
            time.sleep(0.002)
        work.send_signal(signal.SIGKILL)
        work.wait(60)
    assert [row["state"] for row in table("cut")] == ["done", "waiting"]
    before = os.stat("cut/run_2/summary.json").st_mtime_ns
    run(*words, "--resume")
    assert [row["state"] for row in table("cut")] == ["done", "done"]
    assert os.stat("cut/run_2/summary.json").st_mtime_ns == before  # not done again
    for name in ("run_2", "run_10"):
        assert bytes_of(f"cut/{name}/trajectory.extxyz") == bytes_of(
            f"all/{name}/trajectory.extxyz"), name
    told = run(*words, "--resume", "--seed", 4, code=2).err
    assert told.count("give --force") == 2, told  # made by another job: not taken for this one's


def test_names_that_would_meet_stay_apart():
    os.mkdir("apart")
    shutil.copy("movies/run_2.npy", "apart/run_2.npy")
    run("convert", "movies/run_2.npy", "apart/run_2.mrc")
    run("atoms", "reconstruct", "apart/run_2.npy", "apart/run_2.mrc", *WORDS, "--frames", "0:1", "-o",
        "both")
    assert [row["name"] for row in table("both")] == ["run_2.npy", "run_2.mrc"]
    refused("atoms", "reconstruct", "movies/run_2.npy", "apart/run_2.npy", *WORDS, "-o", "twice",
            says=["would both be written to", "rename"])
    os.mkdir("empty")
    refused("atoms", "reconstruct", "empty", *WORDS, "-o", "none", says="holds no movie")


run_tests(globals())
