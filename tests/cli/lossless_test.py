"""Groups that are kept frame by frame go through every verb: encode, info, validate, decode, report."""

import numpy as np

from kinema_cli import refused, run, run_tests, simulate

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


def test_events_are_counts_alone():
    counts = np.random.default_rng(1).poisson(0.02, (7, 100, 120)).astype(np.uint8)
    np.save("counts.npy", counts)
    np.save("floats.npy", counts.astype(np.float32))
    run("codec", "encode", "counts.npy", "-o", "counts.h5", "--mode", "events", "--quiet")
    info = run("info", "counts.h5", "--json").json()
    assert info["lossless_frames"] == 7 and info["snapshots"] == 7, info
    run("codec", "decode", "counts.h5", "-o", "back.npy", "--quiet")
    assert np.array_equal(np.load("back.npy"), counts)
    refused("codec", "encode", "floats.npy", "-o", "f.h5", "--mode", "events",
            says="no counts of electrons")


def test_audited_frames_judge():
    run("codec", "encode", "movie.npy", "-o", "audit.h5", "--ratio", 5, "--audit", 2,
        "--no-keep-breaks", "--quiet")
    info = run("info", "audit.h5", "--json").json()
    assert info["audited_frames"] == 3, info
    run("validate", "audit.h5")
    run("codec", "decode", "audit.h5", "-o", "audit.npy", "--quiet")
    judged = run("codec", "evaluate", "audit.npy", "--reference", "audit.h5", "--json").json()
    assert judged["frames"] == [2, 12, 22], judged
    error = (np.load("audit.npy")[2].astype(float) - movie[2]) ** 2
    assert abs(judged["decoded"]["psnr"][0] - 10 * np.log10(255**2 / error.mean())) < 1e-3
    twice = run("codec", "evaluate", "audit.npy", "--reference", "audit.h5", "--peak", 510, "--json")
    assert abs(twice.json()["decoded"]["mean_psnr"] - judged["decoded"]["mean_psnr"]
               - 20 * np.log10(2)) < 1e-6
    refused("codec", "evaluate", "audit.npy", "--reference", "break.h5", says="--audit")
    refused("codec", "evaluate", "audit.npy", "--reference", "audit.h5", "--raw", "movie.npy",
            says="--raw")


run_tests(globals())
