"""A container is decoded while it is written: to its end, or as far as a killed writer came."""

import subprocess
import time

import numpy as np

from kinema_cli import kinema, refused, run, run_tests

FRAMES, EDGE = 30, 64
movie = np.random.default_rng(3).poisson(40, (FRAMES, EDGE, EDGE)).astype("<u2")
ENCODE = [kinema, "codec", "encode", "-", "-o", "live.h5", "--shape", f"{EDGE}x{EDGE}", "--type",
          "uint16", "--ratio", "5", "--force", "--quiet"]
FOLLOW = [kinema, "codec", "decode", "live.h5", "-o", "followed.npy", "--follow", "--decoder", "mean",
          "--force", "--json"]


def pour(pipe, frames):
    for frame in frames:
        pipe.write(frame.tobytes())
        pipe.flush()
        time.sleep(0.02)


def follow_while(act):
    """The program follows while `act` has a writer to feed; what it then says."""
    with subprocess.Popen(ENCODE, stdin=subprocess.PIPE) as writer:
        pour(writer.stdin, movie[:11])
        with subprocess.Popen(FOLLOW, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:
            act(writer)
            writer.wait(timeout=60)
            out, err = reader.communicate(timeout=60)
    assert reader.returncode == 0, err.decode()
    return err.decode()


def test_to_the_end():
    def rest(writer):
        pour(writer.stdin, movie[11:])
        writer.stdin.close()

    follow_while(rest)
    run("codec", "decode", "live.h5", "-o", "whole.npy", "--decoder", "mean", "--quiet")
    followed, whole = np.load("followed.npy"), np.load("whole.npy")
    assert followed.shape == movie.shape
    assert np.array_equal(followed, whole)


def test_as_far_as_a_killed_writer_came():
    def kill(writer):
        time.sleep(0.5)
        writer.kill()

    said = follow_while(kill)
    assert "nobody writes it" in said, said
    followed = np.load("followed.npy")
    assert 0 < len(followed) <= 11 and len(followed) % 5 == 0, followed.shape


def test_refusals():
    refused("codec", "decode", "none.h5", "-o", "a.npy", "--follow", says="none.h5")
    refused("codec", "decode", "live.h5", "-o", "a.npy", "--follow", "--frames", "0:5",
            says="--frames")


run_tests(globals())
