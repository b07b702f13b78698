"""A decode that was stopped goes on where it was, to the same bytes; a killed encode stays readable.

Every run is long enough, at one thread, that the signal meets it at work.
"""

import json
import os
import signal
import struct
import subprocess
import time

from kinema_cli import bytes_of, kinema, run, run_tests, simulate

simulate("movie.npy", 24, 192, 192)
run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 2, "--quiet")
DECODE = ["codec", "decode", "coded.h5", "--iterations", 60, "--threads", 1, "--memory", "1 MB"]


def groups_kept(out):
    """Groups that a stopped decode has finished."""
    try:
        with open(out + ".partial.json", encoding="utf-8") as file:
            return len(json.load(file)["groups"])
    except FileNotFoundError:
        return 0


def stop_at_work(number, out, at_least=2):
    """Starts a decode and sends it a signal once some groups are finished."""
    words = [*map(str, DECODE), "-o", out]
    with subprocess.Popen([kinema, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as work:
        deadline = time.monotonic() + 60
        while groups_kept(out) < at_least:
            assert work.poll() is None and time.monotonic() < deadline, "the decode was not at work"
            time.sleep(0.005)
        work.send_signal(number)
        _, err = work.communicate(timeout=60)
        return work.returncode, err.decode()


def whole():
    """The movie decoded without a pause."""
    if not os.path.exists("whole.npy"):
        run(*DECODE, "-o", "whole.npy")
    return bytes_of("whole.npy")


def goes_on(out):
    """The same command ends what was begun."""
    kept = groups_kept(out)
    assert 2 <= kept < 12, kept
    assert not os.path.exists(out)
    done = run(*DECODE, "-o", out)
    assert f"goes on after {kept} of 12 groups" in done.err, done.err
    assert bytes_of(out) == whole()
    assert not os.path.exists(out + ".partial") and not os.path.exists(out + ".partial.json")


def test_int_and_term_end_with_130_and_the_work_goes_on():
    for number, out in ((signal.SIGINT, "int.npy"), (signal.SIGTERM, "term.npy")):
        code, err = stop_at_work(number, out)
        assert code == 130, (code, err)
        assert "kinema: interrupted; what was complete is kept" in err
        goes_on(out)


def test_a_killed_decode_goes_on():
    assert stop_at_work(signal.SIGKILL, "kill.npy")[0] == -signal.SIGKILL
    goes_on("kill.npy")


def test_a_movie_with_statistics_in_its_header_goes_on_too():
    run(*DECODE, "-o", "whole.mrc")
    stop_at_work(signal.SIGTERM, "stopped.mrc")
    run(*DECODE, "-o", "stopped.mrc")
    assert bytes_of("stopped.mrc") == bytes_of("whole.mrc")


def test_other_options_begin_anew():
    stop_at_work(signal.SIGTERM, "other.npy")
    done = run("codec", "decode", "coded.h5", "-o", "other.npy", "--decoder", "mean")
    assert "goes on" not in done.err
    run("codec", "decode", "coded.h5", "-o", "mean.npy", "--decoder", "mean")
    assert bytes_of("other.npy") == bytes_of("mean.npy")


def test_a_damaged_journal_begins_anew():
    for text in ("", "{", '{"key": 3}', '{"key": "x", "groups": 7}', "[]"):
        for name, content in (("torn.npy.partial.json", text), ("torn.npy.partial", "torn")):
            with open(name, "w", encoding="utf-8") as file:
                file.write(content)
        run("codec", "decode", "coded.h5", "-o", "torn.npy", "--decoder", "mean", "--force")
        assert os.path.getsize("torn.npy") > 24 * 192 * 192 * 4


LONG = 600  # frames


def long_movie(path):
    """Noise that takes a while to encode, as .npy."""
    if os.path.exists(path):
        return
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({LONG}, 256, 256), }}"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.ljust(117).encode() + b"\n")
        for _ in range(LONG):
            file.write(os.urandom(256 * 256))


def test_a_killed_encode_leaves_its_finished_groups_readable():
    long_movie("long.npy")
    words = ["codec", "encode", "long.npy", "-o", "killed.h5", "--ratio", "2", "--threads", "1"]
    with subprocess.Popen([kinema, *words, "--progress", "none"]) as work:
        while not os.path.exists("killed.h5.partial") or os.path.getsize("killed.h5.partial") < 1e6:
            assert work.poll() is None, "the encode was over before it could be killed"
        work.kill()
    assert not os.path.exists("killed.h5")
    found = run("info", "killed.h5.partial", "--json").json()
    assert found["complete"] is False and 0 < found["frames"] < LONG, found
    done = run("codec", "decode", "killed.h5.partial", "-o", "killed.npy", "--decoder", "mean")
    assert "not complete" in done.err
    run("codec", "encode", "long.npy", "-o", "complete.h5", "--ratio", 2)
    run("codec", "decode", "complete.h5", "-o", "complete.npy", "--decoder", "mean",
        "--frames", f"0:{found['frames']}")
    assert bytes_of("killed.npy") == bytes_of("complete.npy")


def test_an_interrupted_encode_ends_with_130():
    long_movie("long.npy")
    words = ["codec", "encode", "long.npy", "-o", "stopped.h5", "--ratio", "2", "--threads", "1"]
    with subprocess.Popen([kinema, *words], stderr=subprocess.PIPE) as work:
        while not os.path.exists("stopped.h5.partial"):
            assert work.poll() is None
        work.send_signal(signal.SIGINT)
        _, err = work.communicate(timeout=60)
    assert work.returncode == 130, err
    assert not os.path.exists("stopped.h5")


run_tests(globals())
