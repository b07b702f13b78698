"""Raw frames that come from a pipe or a growing file become what the same frames in a file do, and
whatever is lost is told."""

import os
import signal
import subprocess
import threading
import time

import h5py
import numpy as np

from kinema_cli import bytes_of, kinema, refused, run, run_tests

RAW = ["--shape", "48x80", "--type", "uint16", "--ratio", 5]
random = np.random.default_rng(7)
movie = random.poisson(40, (23, 48, 80)).astype("<u2")
np.save("movie.npy", movie)


def encode(words, feed, code=0, signal_after=None):
    """Runs `codec encode`, and `feed` on its standard input; its result as JSON and its errors."""
    command = [kinema, "codec", "encode", *map(str, words), "--json", "--force"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as work:
        feeding = threading.Thread(target=feed, args=(work.stdin,))
        feeding.start()
        if signal_after:
            signal_after()
            work.send_signal(signal.SIGINT)
        out, err = work.stdout.read().decode(), work.stderr.read().decode()
        assert work.wait(timeout=60) == code, (work.returncode, err)
        feeding.join()
    return out, err


def pour(data, piece=1 << 20, pause=0.0):
    def feed(pipe):
        for at in range(0, len(data), piece):
            pipe.write(data[at:at + piece])
            pipe.flush()
            time.sleep(pause)
        pipe.close()
    return feed


def contents(path):
    """Snapshots as stored, groups and hashes: all that the frames make."""
    with h5py.File(path, "r") as file:
        snapshots = file["entry/measurement/snapshots"]
        return ([snapshots.id.read_direct_chunk((s, 0, 0))[1] for s in range(len(snapshots))],
                file["entry/groups"][:].tolist(), file["entry/hashes"][:].tolist(),
                file["entry/masks"].attrs["hash"])


def expected(*more):
    run("codec", "encode", "movie.npy", "-o", "file.h5", "--ratio", 5, "--force", *more)
    return contents("file.h5")


def test_a_pipe_gives_what_a_file_gives():
    for more in ([], ["--quantise", "none"], ["--mode", "lossless"], ["--masks", "open"]):
        out, _ = encode(["-", *RAW, *more, "-o", "pipe.h5"], pour(movie.tobytes(), 1000))
        assert contents("pipe.h5") == expected(*more), more
        assert '"frames": 23' in out and '"lost_frames": 0' in out and "largest_lag_ms" in out, out


def test_other_byte_orders_and_types():
    encode(["-", *RAW, "--byte-order", "big", "-o", "big.h5"], pour(movie.astype(">u2").tobytes()))
    assert contents("big.h5") == expected()
    for dtype in ("uint8", "int16", "float32", "float64"):
        np.save("movie.npy", movie.astype(dtype))
        words = ["-", "--shape", "48x80", "--type", dtype, "--ratio", 5, "-o", "type.h5"]
        encode(words, pour(movie.astype(dtype).tobytes()))
        assert contents("type.h5") == expected(), dtype
    np.save("movie.npy", movie)


def test_a_slow_writer_is_waited_for():
    out, _ = encode(["-", *RAW, "-o", "slow.h5"], pour(movie.tobytes(), 7680, 0.01))
    assert contents("slow.h5") == expected()
    lag = float(out.split('"largest_lag_ms": ')[1].split(",")[0])
    assert lag >= 40, "the first frame of a group waits for four others"


def test_facts_that_the_user_knows_are_kept():
    encode(["-", *RAW, "--pixel-size", "0.5 A", "-o", "facts.h5"], pour(movie.tobytes()))
    found = run("info", "facts.h5", "--json").json()
    assert found["pixel_size_angstrom"] == 0.5 and found["pixel_size_source"] == "user"
    assert found["provenance"]["inputs"] == {}
    assert found["provenance"]["options"]["input_hash"] is False
    with h5py.File("facts.h5", "r") as file:
        assert file["entry/recorded"].attrs["lost_frames"] == 0
        assert file["entry/losses"].shape == (0, 2)
        assert "no hash" in file["entry/recorded"].attrs["notes"][0]
    run("validate", "facts.h5")


def test_a_last_frame_that_is_not_whole_is_told():
    out, err = encode(["-", *RAW, "-o", "torn.h5"], pour(movie.tobytes()[:-1000]), code=2)
    assert "standard input: ended 6680 bytes into frame 22, which is left away" in err, err
    assert '"trailing_bytes": 6680' in out
    found = run("info", "torn.h5", "--json").json()
    assert found["frames"] == 22 and found["trailing_bytes"] == 6680 and found["complete"]
    assert "6680 bytes into a frame" in run("info", "torn.h5").out


def test_what_says_too_little_is_refused():
    def nothing(pipe):
        pipe.close()
    for words, says in (
            (["-", "-o", "x.h5"], "give --shape HEIGHTxWIDTH and --type"),
            (["-", "--shape", "48x80", "-o", "x.h5"], "give --shape"),
            (["-", "--shape", "48", "--type", "uint8", "-o", "x.h5"], "is no HEIGHTxWIDTH"),
            (["-", "--shape", "0x8", "--type", "uint8", "-o", "x.h5"], "an edge"),
            (["-", "--shape", "8x8", "--type", "uint12", "-o", "x.h5"], "is no pixel type"),
            (["-", "--shape", "8x8", "--type", "uint32", "-o", "x.h5"], "uint32 are not encoded"),
            (["-", *RAW, "--frames", "0", "-o", "x.h5"], "at least one frame"),
            (["-", *RAW, "--resume", "-o", "x.h5"], "--resume cannot go on"),
            (["-", *RAW, "--follow", "-o", "x.h5"], "--follow is for a file"),
            (["none.raw", *RAW, "-o", "x.h5"], "no such file"),
            (["none.raw", *RAW, "--follow", "--idle", "0.1 s", "-o", "x.h5"], "none came within"),
            ([".", *RAW, "-o", "x.h5"], "is a folder"),
            (["-", *RAW, "-o", "x.h5"], "no frame came")):
        _, err = encode(words, nothing, code=2)
        lines = [line for line in err.splitlines() if line.startswith("kinema: ")]
        assert len(lines) == 1 and says in lines[0], (words, err)
    _, err = encode(["-", *RAW, "-o", "x.h5"], pour(bytes(100)), code=2)
    assert "ended after 100 bytes, of the 7680 that a frame of 48x80 uint16 has" in err, err
    _, err = encode(["-", "--shape", "8x8", "--type", "uint32", "-o", "x.h5"], pour(bytes(999)), 2)
    assert "uint32 are not encoded" in err, err
    assert not os.path.exists("x.h5") and not os.path.exists("x.h5.partial")


def test_a_raw_file_is_read_to_its_end():
    movie.tofile("movie.raw")
    run("codec", "encode", "movie.raw", *RAW, "-o", "raw.h5", "--force")
    assert contents("raw.h5") == expected()
    run("codec", "encode", "movie.raw", *RAW, "--frames", 10, "-o", "ten.h5", "--force")
    assert contents("ten.h5")[2] == expected()[2][:2]


def test_a_growing_file_is_followed():
    for words, end in ((["--idle", "0.5 s"], "nothing came"), (["--frames", 23], "--frames")):
        if os.path.exists("grows.raw"):
            os.remove("grows.raw")

        def grow():
            time.sleep(0.2)
            for at in range(0, movie.nbytes, 5000):
                with open("grows.raw", "ab") as file:
                    file.write(movie.tobytes()[at:at + 5000])
                time.sleep(0.01)
        writer = threading.Thread(target=grow)
        writer.start()
        done = run("codec", "encode", "grows.raw", *RAW, "--follow", *words, "-o", "grown.h5",
                   "--force", "--json").json()
        writer.join()
        assert contents("grown.h5") == expected()
        assert end in done["live"]["end"], done["live"]


def test_a_file_that_is_cut_short_meanwhile_is_told():
    movie.tofile("cut.raw")

    def cut():
        time.sleep(0.5)
        os.truncate("cut.raw", 1000)
    writer = threading.Thread(target=cut)
    writer.start()
    refused("codec", "encode", "cut.raw", *RAW, "--follow", "--idle", "5 s", "-o", "cut.h5",
            "--force", says="cut short")
    writer.join()


def test_an_interrupted_recording_keeps_what_was_committed():
    stopped = threading.Event()

    def feed(pipe):  # frames, and then none although the pipe stays open
        pipe.write(movie.tobytes())
        pipe.flush()
        stopped.wait(60)
        pipe.close()

    def twenty_are_there():
        while not os.path.exists("int.h5.partial") or run(
                "info", "int.h5.partial", "--json").json()["frames"] < 20:
            time.sleep(0.02)
        threading.Timer(2.0, stopped.set).start()

    _, err = encode(["-", *RAW, "-o", "int.h5"], feed, code=130, signal_after=twenty_are_there)
    assert "int.h5.partial: keeps 20 frames" in err and "interrupted" in err, err
    run("codec", "decode", "int.h5.partial", "-o", "int.npy", "--decoder", "mean", "--force")
    expected()
    run("codec", "decode", "file.h5", "-o", "all.npy", "--decoder", "mean", "--frames", "0:20",
        "--force")
    assert bytes_of("int.npy") == bytes_of("all.npy")


run_tests(globals())
