"""Ranks that decode together make the bytes that one makes alone, and fail together.

argv[1] is the program. Skipped where mpirun or the MPI module is absent.
"""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from kinema_cli import SKIPPED, bytes_of, kinema, run, run_tests, simulate  # noqa: E402

if shutil.which("mpirun") is None:
    print("mpirun is absent: install openmpi-bin")
    sys.exit(SKIPPED)
if run("doctor", "--json").json()["mpi"] is None:
    print("the MPI module is absent: install libopenmpi-dev and build again")
    sys.exit(SKIPPED)

simulate("movie.npy", 23, 80, 80)
run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 3, "--quiet")
DECODE = ["codec", "decode", "coded.h5", "--iterations", "6", "--threads", "1"]


def run_ranks(count, *words, code=0, timeout=60):
    """Runs the program on so many ranks; a rank that hangs is a failure."""
    done = subprocess.run(
        ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(count), kinema, *words],
        capture_output=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "OMPI_MCA_btl": "self,vader,tcp"})  # no network is asked for
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == code, f"{words} on {count} ranks: {done.returncode}\n{said}"
    return done


def test_ranks_agree_with_one_alone():
    run(*DECODE, "-o", "alone.npy")
    for count in (2, 3):
        out = f"ranks{count}.npy"
        done = run_ranks(count, *DECODE, "-o", out)
        assert bytes_of(out) == bytes_of("alone.npy")
        assert done.stdout.decode().count("groups decoded") == 1  # the root rank alone speaks


def test_a_part_of_the_movie_too():
    run(*DECODE, "-o", "part.npy", "--frames", "4:17")
    run_ranks(3, *DECODE, "-o", "part3.npy", "--frames", "4:17")
    assert bytes_of("part3.npy") == bytes_of("part.npy")


def test_more_ranks_than_groups():
    run(*DECODE, "-o", "few.npy", "--frames", "0:3")
    run_ranks(3, *DECODE, "-o", "few3.npy", "--frames", "0:3")
    assert bytes_of("few3.npy") == bytes_of("few.npy")


def test_wrong_input_ends_all_ranks():
    run_ranks(2, "codec", "decode", "absent.h5", "-o", "x.npy", code=2)
    # Only the root rank knows that the output exists; the others must not wait for it.
    run(*DECODE, "-o", "there.npy")
    done = run_ranks(2, *DECODE, "-o", "there.npy", code=2)
    assert done.stderr.decode().count("kinema: there.npy: exists") == 1


def test_a_damaged_measurement_ends_all_ranks():
    try:
        tail = stored_tail()
    except ImportError:
        print("h5py is absent: no measurement is damaged")
        return
    data = bytearray(bytes_of("coded.h5"))
    data[data.index(tail)] ^= 0xFF
    with open("damaged.h5", "wb") as file:
        file.write(data)
    done = run_ranks(2, "codec", "decode", "damaged.h5", "-o", "y.npy", "--decoder", "mean",
                     "--threads", "1", code=2)
    assert "is damaged" in done.stderr.decode()
    assert not os.path.exists("y.npy")


def stored_tail():
    """Bytes from the middle of the last measurement, as they lie in the container."""
    import h5py  # pylint: disable=import-outside-toplevel
    with h5py.File("coded.h5") as file:
        snapshots = file["entry/measurement/snapshots"]
        _, chunk = snapshots.id.read_direct_chunk((snapshots.shape[0] - 1, 0, 0))
    return chunk[len(chunk) // 2:]


run_tests(globals())
