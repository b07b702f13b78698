"""restore takes out what was put in, writes how it came to be, and refuses what cannot be."""

import json
import struct

from kinema_cli import bytes_of, refused, run, run_tests, simulate, write_npy

simulate("movie.npy", 6, 64, 72)


def floats_of(path):
    """The float32 pixels of a .npy file of ours."""
    data = bytes_of(path)
    start = 10 + struct.unpack("<H", data[8:10])[0]
    return struct.unpack(f"<{(len(data) - start) // 4}f", data[start:])


def ramp(path, frames, added=0.0, factor=1.0):
    """A movie of 16 x 16 pixels, each frame brighter than the last."""
    values = [added + factor * (10 * t + i % 7) for t in range(frames) for i in range(256)]
    return write_npy(path, "'<f4'", (frames, 16, 16), struct.pack(f"<{len(values)}f", *values))


def test_a_restored_movie_says_how_it_came_to_be():
    found = run("restore", "movie.npy", "-o", "restored.mrc", "--drift", "--json").json()
    assert found["frames"] == 6 and found["dtype"] == "float32", found
    assert found["survey"]["noise"]["source"] == "measured"
    assert len(found["survey"]["drift"]) == 6
    with open("restored.mrc.json", encoding="utf-8") as file:
        beside = json.load(file)
    assert list(beside["provenance"]["inputs"]) == ["movie.npy"]
    assert "restore movie.npy" in json.dumps(beside) and "read_noise" in json.dumps(beside)


def test_averages_and_references():
    ramp("plain.npy", 5)
    ramp("recorded.npy", 5, added=100.0, factor=2.0)
    write_npy("dark.npy", "'<f4'", (1, 16, 16), struct.pack("<256f", *[100.0] * 256))
    write_npy("flat.npy", "'<f4'", (1, 16, 16), struct.pack("<256f", *[2.0] * 256))
    plain = ["--denoise", "none", "--no-defects", "--quiet"]
    run("restore", "recorded.npy", "-o", "calibrated.npy", "--dark", "dark.npy", "--flat",
        "flat.npy", *plain)
    twice = [2.0 * value for value in floats_of("plain.npy")]  # the flat's median is one
    assert all(abs(a - b) < 1e-3 for a, b in zip(floats_of("calibrated.npy"), twice))
    run("restore", "plain.npy", "-o", "pairs.npy", "--average", 2, *plain)
    assert [floats_of("pairs.npy")[256 * t] for t in range(2)] == [5.0, 25.0]
    run("restore", "plain.npy", "-o", "mean.npy", "--average", 0, *plain)
    assert floats_of("mean.npy")[0] == 20.0


def test_what_cannot_be_is_refused():
    refused("restore", "movie.npy", "-o", "x.mrc", "--average", 7, says=["7 frames", "of 6"])
    refused("restore", "movie.npy", "-o", "x.mrc", "--gain", 2, says="--read-noise")
    refused("restore", "movie.npy", "-o", "x.mrc", "--denoise", "magic", says="magic")
    refused("restore", "movie.npy", "-o", "x.mrc", "--dark", "mean.npy", says="dark is 16 x 16")
    refused("restore", "movie.npy", "-o", "x.mrc", "--memory", "100 kB", says="--memory")
    refused("restore", "movie.npy", "-o", "x.mrc", "--window", "sliding", "--average", 2,
            "--neighbours", 1, says="sliding")
    refused("restore", "absent.mrc", "-o", "x.mrc", says="absent.mrc")
    run("restore", "movie.npy", "-o", "taken.npy", "--denoise", "none", "--quiet")
    refused("restore", "movie.npy", "-o", "taken.npy", says="--force")


def test_memory_and_threads_change_nothing():
    for words in (["--threads", 1], ["--threads", 3, "--memory", "40 MB"]):
        run("restore", "movie.npy", "-o", f"threads{words[1]}.npy", "--quiet", *words)
    assert bytes_of("threads1.npy") == bytes_of("threads3.npy")


run_tests(globals())
