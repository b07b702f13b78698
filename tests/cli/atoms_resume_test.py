"""atoms reconstruct goes on by frame: whatever ends it, the same command makes the same bytes."""

import csv
import os
import signal
import struct
import subprocess
import time

from kinema_cli import bytes_of, kinema, refused, run, run_tests

run("simulate", "graphene", "-o", "movie.npy", "--optics-out", "optics.toml", "--frames", 7,
    "--atoms", 42, "--relax", "springs", "--exposures", 1, "--ripple", "0.6 A")
with open("optics.toml", "a", encoding="ascii") as optics:
    optics.write('cs_sigma = "0 um"\n')  # what is not searched for takes no time
WORDS = ["atoms", "reconstruct", "movie.npy", "--optics", "optics.toml", "--md-time", "0 ps",
         "--calibration-frames", 1, "--calibration-rounds", 1, "--no-report", "--no-movie"]
STEPS = 1 + 7 + 2 * 7  # the optics, each frame alone, two sweeps over all frames


def steps_kept(out):
    """Whole records behind the first one, which tells the job."""
    try:
        data = bytes_of(f"{out}/journal.partial")
    except FileNotFoundError:
        return 0
    count = at = 0
    while at + 8 <= len(data):
        at += 24 + struct.unpack_from("<Q", data, at)[0]
        count += at <= len(data)
    return max(0, count - 1)


def stop_at_work(number, out, at_least, *more):
    words = [str(word) for word in [*WORDS, "-o", out, "--threads", 1, *more]]
    with subprocess.Popen([kinema, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as work:
        deadline = time.monotonic() + 60
        while steps_kept(out) < at_least:
            assert work.poll() is None and time.monotonic() < deadline, work.communicate()
            time.sleep(0.002)
        work.send_signal(number)
        _, err = work.communicate(timeout=60)
        return work.returncode, err.decode()


def table(out):
    """frames.csv without what the frames took."""
    with open(f"{out}/frames.csv", encoding="utf-8", newline="") as file:
        return [{key: value for key, value in row.items() if key != "seconds"}
                for row in csv.DictReader(file)]


def test_whatever_ends_it_it_goes_on_to_the_same_bytes():
    kept = 0
    ends = [(3, signal.SIGKILL), (10, signal.SIGINT), (16, signal.SIGKILL)]  # in each of the stages
    for at_least, number in ends:
        code, err = stop_at_work(number, "cut", at_least, "--resume")
        assert code == (130 if number == signal.SIGINT else -number), (code, err)
        assert kept == 0 or f"cut: goes on after {kept} finished steps" in err, err
        assert not os.path.exists("cut/trajectory.extxyz")
        kept = steps_kept("cut")
        assert at_least <= kept < STEPS, kept
    with open("cut/journal.partial", "ab") as file:
        file.write(struct.pack("<Q", 4000) + b"torn by a crash")
    refused(*WORDS, "-o", "cut", "--resume", "--seed", 5, says=["other options", "--resume"])
    run(*WORDS, "-o", "cut", "--resume", "--threads", 2)
    run(*WORDS, "-o", "whole", "--threads", 1)
    for name in ("trajectory.extxyz", "trajectory.dump", "optics.json"):
        assert bytes_of(f"cut/{name}") == bytes_of(f"whole/{name}"), name
    assert table("cut") == table("whole") and len(table("cut")) == 7
    assert not os.path.exists("cut/journal.partial")
    assert not os.path.exists("whole/journal.partial")
    refused(*WORDS, "-o", "cut", "--resume", says="--force")


run_tests(globals())
