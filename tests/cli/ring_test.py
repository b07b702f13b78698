"""Frames through a ring in shared memory, from another process: all of them, wrap-around and all,
and each that is lost is told."""

import mmap
import os
import struct
import subprocess
import sys
import threading
import time

import h5py
import numpy as np

from kinema_cli import kinema, refused, run, run_tests

DETECTOR = os.path.join(os.path.dirname(kinema), "tests", "detector_example")
HEIGHT, WIDTH = 48, 80
PAGE = 4096
NAME = f"kinema_test_{os.getpid()}"


def frames_of(count):
    """What examples/04_detector.c exposes."""
    random = np.arange(count, dtype=np.uint64) + np.uint64(2463534242)
    movie = np.empty((count, HEIGHT * WIDTH), "<u2")
    low = np.uint64(0xFFFFFFFF)
    for i in range(HEIGHT * WIDTH):
        random ^= random << np.uint64(13) & low
        random ^= random >> np.uint64(17)
        random ^= random << np.uint64(5) & low
        movie[:, i] = 100 + random % np.uint64(16)
    return movie.reshape(count, HEIGHT, WIDTH)


def contents(path):
    with h5py.File(path, "r") as file:
        return file["entry/hashes"][:].tolist(), file["entry/groups"][:].tolist()


def start(*words):
    return subprocess.Popen([kinema, "codec", "encode", f"shm:{NAME}", "--ratio", "5", "--force",
                             "--json", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(work, code=0):
    out, err = work.communicate(timeout=60)
    assert work.returncode == code, (work.returncode, err.decode())
    return out.decode(), err.decode()


def test_a_producer_in_c_hands_over_every_frame():
    np.save("movie.npy", frames_of(67))
    run("codec", "encode", "movie.npy", "-o", "file.h5", "--ratio", 5, "--force")
    for slots, rate in ((40, 100), (100, 0)):
        work = start("-o", "ring.h5")
        time.sleep(0.3)  # the encoder waits for the ring
        assert subprocess.run([DETECTOR, NAME, "67", str(slots), str(rate)], timeout=60,
                              check=False).returncode == 0
        out, _ = ended(work)
        assert contents("ring.h5") == contents("file.h5"), (slots, rate)
        assert '"lost_frames": 0' in out and "its writer has ended" in out
        assert not os.path.exists(f"/dev/shm/{NAME}")


class Ring:
    """A writer of its own, byte by byte as docs/formats/ring.md says."""

    def __init__(self, slots, pixels=3, version=1, height=HEIGHT, width=WIDTH):
        self.frame = HEIGHT * WIDTH * 2
        self.slots, self.stride = slots, 64 + -(-self.frame // 64) * 64
        self.path = f"/dev/shm/{NAME}"
        with open(self.path, "wb") as file:
            file.truncate(PAGE + slots * self.stride)
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        struct.pack_into("<IIIIqqQ", self.memory, 8, version, PAGE, pixels, slots, height, width,
                         self.stride)
        self.memory[:8] = b"KINEMARB"

    def put(self, name, value):
        struct.pack_into("<Q", self.memory, {"written": 64, "lost": 72, "ended": 80}[name], value)

    def write(self, index, number, frame):
        at = PAGE + index % self.slots * self.stride
        struct.pack_into("<QQ", self.memory, at, number, time.monotonic_ns())
        self.memory[at + 64:at + 64 + self.frame] = frame.tobytes()
        self.put("written", index + 1)

    def taken(self):
        return struct.unpack_from("<Q", self.memory, 128)[0]

    def remove(self):
        os.unlink(self.path)


def test_frames_go_round_the_ring_many_times():
    movie = frames_of(67)
    np.save("movie.npy", movie)
    run("codec", "encode", "movie.npy", "-o", "file.h5", "--ratio", 5, "--force")
    for slots in (1, 4):
        ring = Ring(slots)
        work = start("-o", "round.h5")
        for index, frame in enumerate(movie):
            while index - ring.taken() >= slots:
                assert work.poll() is None
                time.sleep(0.001)
            ring.write(index, index, frame)
        ring.put("ended", 1)
        ended(work)
        ring.remove()
        assert contents("round.h5") == contents("file.h5"), slots


def test_frames_that_are_lost_are_told_where_they_are_missing():
    movie = frames_of(12)
    ring = Ring(16)
    numbers = [0, 1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16]  # 3, 4 and 11 to 13 are lost, then 2 more
    for index, number in enumerate(numbers):
        ring.write(index, number, movie[index])
    ring.put("lost", 7)
    ring.put("ended", 1)
    out, err = ended(start("-o", "lossy.h5"), code=2)
    assert "7 frames were lost before they came, the first 2 before frame 3" in err, err
    assert '"lost_frames": 7' in out
    ring.remove()
    with h5py.File("lossy.h5", "r") as file:
        assert file["entry/losses"][:].tolist() == [[3, 2], [9, 3], [12, 2]]
        assert file["entry/recorded"].attrs["lost_frames"] == 7
        assert file["entry"].attrs["complete"] == 1
    np.save("movie.npy", movie)
    run("codec", "encode", "movie.npy", "-o", "file.h5", "--ratio", 5, "--force")
    assert contents("lossy.h5") == contents("file.h5"), "those that came are all there"
    found = run("info", "lossy.h5", "--json").json()
    assert found["lost_frames"] == 7, found
    assert "7 frames were lost" in run("info", "lossy.h5").out
    reader = os.path.join(os.path.dirname(__file__), "../../docs/formats/read_container.py")
    told = subprocess.run([sys.executable, reader, "lossy.h5"], capture_output=True, check=True)
    assert b"3 frames were lost before frame 9" in told.stdout, told
    run("validate", "lossy.h5")


def test_a_ring_that_runs_over_is_told():
    """A writer that is faster than two threads can be, into two slots."""
    work = start("-o", "over.h5", "--mode", "lossless", "--threads", "1")
    time.sleep(0.3)
    detector = subprocess.run([DETECTOR, NAME, "5000", "2", "0"], timeout=60, check=False)
    assert detector.returncode == 0
    out, err = ended(work, code=2)
    lost = int(out.split('"lost_frames": ')[1].split(",")[0])
    frames = int(out.split('"frames": ')[1].split(",")[0])
    assert lost > 0 and lost + frames == 5000 and f"{lost} frames were lost" in err, (lost, frames)


def test_a_silent_writer_ends_after_idle():
    ring = Ring(8)
    for index, frame in enumerate(frames_of(3)):
        ring.write(index, index, frame)
    out, _ = ended(start("-o", "idle.h5", "--idle", "0.3 s"))
    assert '"frames": 3' in out and "has not said that it ended" in out
    assert ring.taken() == 3
    ring.remove()


def test_a_slow_writer_shows_as_lag():
    ring = Ring(8)
    movie = frames_of(5)

    def write():
        for index, frame in enumerate(movie):
            ring.write(index, index, frame)
            time.sleep(0.05)
        ring.put("ended", 1)
    writer = threading.Thread(target=write)
    writer.start()
    out, _ = ended(start("-o", "slow.h5"))
    writer.join()
    ring.remove()
    assert float(out.split('"largest_lag_ms": ')[1].split(",")[0]) >= 200
    assert int(out.split('"largest_lag_frames": ')[1].split(",")[0]) == 5


def test_what_is_no_ring_is_refused():
    words = ["codec", "encode", f"shm:{NAME}", "-o", "x.h5", "--idle", "0.2 s"]
    refused(*words, says="there is no such ring, and none came within --idle")
    refused("codec", "encode", "shm:a/b", "-o", "x.h5", says="a ring is named shm:NAME")
    refused(*words, "--resume", says="--resume cannot go on")
    for given, says in ((dict(version=9), "has version 9"), (dict(pixels=5), "pixels of type 5"),
                        (dict(height=-1), "frames of -1"), (dict(width=4096), "do not fit")):
        ring = Ring(4, **given)
        refused(*words, says=says)
        ring.remove()
    ring = Ring(4)
    refused(*words, says="no frame came within --idle")
    refused(*words, "--shape", "8x8", says="holds frames of 48x80, not of --shape 8x8")
    refused(*words, "--type", "uint8", says="holds pixels of uint16, not of --type uint8")
    ring.put("written", 9)
    refused(*words, says="is damaged")
    ring.put("written", 0)
    ring.put("ended", 1)
    refused(*words, says="its writer has ended")
    ring.memory[:8] = b"KINEMAXX"
    refused(*words, says="is no ring of frames")
    ring.remove()
    assert not os.path.exists("x.h5") and not os.path.exists("x.h5.partial")


def test_a_ring_has_one_reader():
    ring = Ring(4)
    ring.write(0, 0, frames_of(1)[0])
    work = start("-o", "one.h5", "--idle", "3 s")
    while ring.taken() == 0:
        time.sleep(0.01)
    refused("codec", "encode", f"shm:{NAME}", "-o", "x.h5", says="is read by another process")
    ring.put("ended", 1)
    ended(work)
    ring.remove()


run_tests(globals())
