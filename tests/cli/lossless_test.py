"""Groups that are kept frame by frame go through every verb: encode, info, validate, decode, report."""

import numpy as np

from kinema_cli import run, run_tests, simulate

simulate("first.npy", 13, 128, 128)
first = np.load("first.npy")
second = 255 - np.rot90(first[::-1], axes=(1, 2))  # another scene
movie = np.concatenate([first, second[:12]])
np.save("movie.npy", movie)


def encoded(path, *words):
    run("codec", "encode", "movie.npy", "-o", path, "--ratio", 5, "--quiet", *words)
    return run("info", path, "--json").json()


def test_a_break_keeps_its_group():
    info = encoded("break.h5")
    assert (info["lossless_frames"], info["snapshots"], info["frames"]) == (5, 9, 25), info
    run("validate", "break.h5")
    run("codec", "decode", "break.h5", "-o", "break.npy", "--quiet")
    decoded = np.load("break.npy")
    assert np.array_equal(decoded[10:15], movie[10:15])
    assert not np.array_equal(decoded[:5], movie[:5])
    run("codec", "decode", "break.h5", "-o", "part.npy", "--frames", "12:16", "--quiet")
    assert np.array_equal(np.load("part.npy"), decoded[12:16])
    run("codec", "report", "break.h5", "break.npy", "--raw", "movie.npy", "-o", "break.html")
    page = open("break.html", encoding="utf-8").read()
    assert "frames kept lossless" in page and "10:15" in page


def test_lossless_is_exact():
    info = encoded("lossless.h5", "--mode", "lossless")
    assert (info["lossless_frames"], info["snapshots"]) == (25, 25), info
    run("codec", "decode", "lossless.h5", "-o", "lossless.npy", "--quiet")
    assert np.array_equal(np.load("lossless.npy"), movie)
    run("codec", "report", "lossless.h5", "lossless.npy", "--raw", "movie.npy", "-o", "l.html")


run_tests(globals())
