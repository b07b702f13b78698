#!/usr/bin/env python3
"""killed_writer.py PROGRAM FOLDER [KILLS]: whatever stops an encoder, what it had committed is there.

Kills it (SIGKILL) at random moments, interrupts it, lets it run into a limit of file sizes and into a full
file system; then reads the partial container, decodes it, and goes on with --resume. Also a writer with
four readers. Prints a line a test; exit 1 names what was lost.
"""
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

program, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
kills = int(sys.argv[3]) if len(sys.argv) > 3 else 200
folder.mkdir(parents=True, exist_ok=True)
os.chdir(folder)
frames, ratio = 400, 5


def make_movie():
    rng = np.random.default_rng(1)
    scene = 20 + 10 * np.sin(np.arange(192) / 9.0)
    movie = rng.poisson(np.broadcast_to(scene, (frames, 192, 192))).astype(np.uint8)
    np.save("movie.npy", movie)


def encode(out, *more, **process):
    return subprocess.Popen(
        [program, "codec", "encode", "movie.npy", "-o", out, "--ratio", str(ratio), "--progress", "json", *more],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **process)


def told(lines):
    """Frames that the program said to be done."""
    done = 0
    for line in lines.splitlines():
        try:
            done = max(done, int(json.loads(line).get("done", 0)))
        except (ValueError, AttributeError):
            pass
    return done


def committed(path):
    """Frames in a partial container, every snapshot checked against its hash; 0 where there is none."""
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return 0
    info = subprocess.run([program, "info", path, "--json"], capture_output=True, text=True)
    if info.returncode != 0:
        return 0
    done = subprocess.run([program, "validate", path, "--json"], capture_output=True, text=True)
    assert json.loads(done.stdout)["fatal"] is False, done.stdout
    return json.loads(info.stdout)["frames"]


def contents(path):
    with h5py.File(path, "r") as file:
        entry = file["entry"]
        return entry["hashes"][:], entry["groups"][:], dict(entry["noise"].attrs)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a[:2], b[:2])) and all(
        np.allclose(a[2][k], b[2][k], rtol=1e-12) for k in ("gain", "read_variance", "change"))


def kill_at_random(whole, seconds):
    rng, lost, resumed, seen = random.Random(2), 0, 0, set()
    for i in range(kills):
        writer = encode("killed.h5")
        time.sleep(rng.uniform(0, seconds))
        writer.kill()
        said = told(writer.communicate()[1])
        there = frames if os.path.exists("killed.h5") else committed("killed.h5.partial")
        seen.add(there)
        if there < said:
            lost += 1
            print(f"killed {i}: {said} frames were committed, {there} are there")
        if i % 10 == 0 and not os.path.exists("killed.h5"):
            assert encode("killed.h5", "--resume").wait() == 0
            assert same(contents("killed.h5"), whole), "resumed differently"
            resumed += 1
        for path in ("killed.h5", "killed.h5.partial"):
            if os.path.exists(path):
                os.remove(path)
    print(f"killed {kills} times, after 0 to {max(seen)} frames: {lost} lost; resumed {resumed} times, bit-equal")
    return lost == 0


def stop_gently(whole):
    writer = encode("stopped.h5")
    time.sleep(0.15)
    writer.send_signal(signal.SIGINT)
    said = told(writer.communicate()[1])
    there = committed("stopped.h5.partial")
    assert writer.returncode in (0, 130), writer.returncode
    assert writer.returncode == 0 or there >= said
    assert encode("stopped.h5", "--resume", *(["--force"] if writer.returncode == 0 else [])).wait() == 0
    assert same(contents("stopped.h5"), whole)
    print(f"interrupted: exit {writer.returncode}, {there} frames there, resumed bit-equal")


def limit_size(whole):
    limit = os.path.getsize("whole.h5") // 2
    writer = encode("limited.h5", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    errors = writer.communicate()[1]
    there = committed("limited.h5.partial")
    assert writer.returncode == 74, (writer.returncode, errors[-300:])
    assert 0 < there < frames and there >= told(errors), (there, told(errors))
    assert encode("limited.h5", "--resume").wait() == 0
    assert same(contents("limited.h5"), whole)
    print(f"a limit of {limit} bytes: exit 74, {there} frames there, resumed bit-equal")


def fill_disk(whole):
    os.makedirs("small", exist_ok=True)
    size = os.path.getsize("whole.h5") // 2 // 4096 * 4096
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", "small"], capture_output=True).returncode:
        print("a full file system: not tried, mount is not allowed here")
        return
    try:
        writer = encode("small/full.h5")
        errors = writer.communicate()[1]
        there = committed("small/full.h5.partial")
        assert writer.returncode == 74, (writer.returncode, errors[-300:])
        assert there >= told(errors) and there > 0, (there, told(errors))
        shutil.copy("small/full.h5.partial", "full.h5.partial")
        assert encode("full.h5", "--resume").wait() == 0
        assert same(contents("full.h5"), whole)
        print(f"a full file system of {size} bytes: exit 74, {there} frames there, resumed bit-equal elsewhere")
    finally:
        subprocess.run(["umount", "small"], check=True)


def read_while_written():
    writer = encode("read.h5")
    read = []
    while writer.poll() is None:
        readers = [subprocess.Popen([program, "info", "read.h5.partial", "--json"], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True) for _ in range(4)]
        for reader in readers:
            out = reader.communicate()[0]
            if reader.returncode == 0:
                read.append(json.loads(out)["frames"])
    assert writer.returncode == 0
    assert read and max(read) <= frames
    print(f"four readers beside the writer: looked in {len(read)} times, {min(read)} to {max(read)} frames")


make_movie()
for path in os.listdir("."):
    if ".h5" in path:
        os.remove(path)
begin = time.time()
assert encode("whole.h5").wait() == 0
seconds = time.time() - begin
whole = contents("whole.h5")
sound = kill_at_random(whole, 1.1 * seconds)
stop_gently(whole)
limit_size(whole)
fill_disk(whole)
read_while_written()
sys.exit(0 if sound else 1)
