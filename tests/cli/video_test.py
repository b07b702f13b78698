"""Videos against another reader and writer, ffmpeg: the same frames in the same order, every bit of
FFV1, and H.264 that shows what was there."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np

from kinema_cli import SKIPPED, refused, run, run_tests

if shutil.which("ffmpeg") is None:
    print("skipped: ffmpeg is absent")
    sys.exit(SKIPPED)
if json.loads(run("doctor", "--json").out)["video"] is None:
    print("skipped: the video module is absent")
    sys.exit(SKIPPED)

FRAMES, HEIGHT, WIDTH = 40, 48, 64
rng = np.random.default_rng(7)


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True,
                   stdin=subprocess.DEVNULL)


def probe(path):
    found = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", path],
        check=True, capture_output=True)
    return json.loads(found.stdout)["streams"][0]


def moving_square():
    """Frame t has a bright square whose left edge is at t, on a ramp."""
    movie = np.tile(np.linspace(40, 120, WIDTH).astype(np.uint8), (FRAMES, HEIGHT, 1))
    for t in range(FRAMES):
        movie[t, 8:24, t:t + 16] = 220
    return movie


def make(path, *codec, movie=None, pixels="gray"):
    """The movie as ffmpeg writes it, from bytes on its standard input."""
    movie = moving_square() if movie is None else movie
    size = f"{movie.shape[2]}x{movie.shape[1]}"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", pixels, "-s", size,
                    "-r", "25", "-i", "-", *codec, path], input=movie.tobytes(), check=True)
    return path


def frames_of(path, *more):
    run("convert", path, "read.npy", "--force", "--quiet", *more)
    return np.load("read.npy")


def info(path):
    return run("info", path, "--json").json()


def edges(movie):
    """Where the square begins in each frame: its number, if the order is right."""
    full = 255 if movie.dtype == np.uint8 else 1023  # of 10 bits
    bright = movie[:, 10:22].astype(float).mean(axis=1) > 0.68 * full
    return [int(row.argmax()) for row in bright]


def psnr(a, b):
    return 10 * np.log10(255.0**2 / np.mean((a.astype(float) - b.astype(float))**2))


H264 = ("-pix_fmt", "yuv420p", "-c:v", "libx264", "-bf", "3", "-g", "12", "-crf", "10")
KINDS = {
    "slices.mp4": (*H264, "-slices", "4"),
    "b.mp4": H264, "b.mov": H264, "b.mkv": H264, "b.avi": H264, "b.ts": H264,
    "open.ts": (*H264, "-x264-params", "open-gop=1"),
    "mpeg4.avi": ("-pix_fmt", "yuv420p", "-c:v", "mpeg4", "-bf", "2", "-g", "12", "-q:v", "2"),
    "mpeg2.ts": ("-pix_fmt", "yuv420p", "-c:v", "mpeg2video", "-bf", "2", "-q:v", "2"),
    "vp8.webm": ("-pix_fmt", "yuv420p", "-c:v", "libvpx", "-b:v", "1M"),
    "vp9.webm": ("-pix_fmt", "yuv420p", "-c:v", "libvpx-vp9", "-b:v", "1M"),
    "ten.mp4": ("-pix_fmt", "yuv420p10le", "-c:v", "libx264", "-bf", "3"),
}


def test_frames_come_in_order_of_presentation():
    for name, codec in KINDS.items():
        make(name, *codec)
        read = frames_of(name)
        assert read.shape == (FRAMES, HEIGHT, WIDTH), (name, read.shape)
        assert edges(read) == list(range(FRAMES)), (name, edges(read))
        found = info(name)
        assert abs(found["frame_time_seconds"] - 0.04) < 1e-6, (name, found)
        assert found["frame_time_source"] == "header"
        if name != "ten.mp4":
            assert psnr(read, moving_square()) > 30, (name, psnr(read, moving_square()))


def test_any_frame_is_the_one_that_reading_in_order_gives():
    for name, codec in KINDS.items():
        if not os.path.exists(name):
            make(name, *codec)
        whole = frames_of(name)
        for first in (37, 5, 13, 24):
            part = frames_of(name, "--frames", f"{first}:{first + 3}")
            assert np.array_equal(part, whole[first:first + 3]), (name, first)


def test_recorded_numbers_come_back_exactly():
    grey16 = rng.integers(0, 65536, (5, 33, 47), dtype=np.uint16)
    make("g16.mkv", "-c:v", "ffv1", movie=grey16, pixels="gray16le")
    assert np.array_equal(frames_of("g16.mkv"), grey16)
    grey8 = rng.integers(0, 256, (5, 34, 46), dtype=np.uint8)
    make("raw.avi", "-c:v", "rawvideo", movie=grey8)
    assert np.array_equal(frames_of("raw.avi"), grey8)
    colour = rng.integers(0, 256, (3, 18, 22 * 3), dtype=np.uint8)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", "22x18",
                    "-i", "-", "-c:v", "rawvideo", "dib.avi"], input=colour.tobytes(), check=True)
    read = frames_of("dib.avi")  # a DIB's rows lie bottom up
    for i, channel in enumerate("BGR"):
        assert np.array_equal(read[channel], colour.reshape(3, 18, 22, 3)[..., i]), channel


def test_colour_is_told_from_grey():
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", "-pix_fmt", "yuv420p", "colour.mp4")
    assert info("colour.mp4")["dtype"] == "rgb8"
    make("full.mkv", "-vf", "scale=in_range=pc:out_range=pc,format=yuv420p", "-color_range", "pc", "-c:v",
         "ffv1")
    assert np.array_equal(frames_of("full.mkv"), moving_square())


def test_uneven_times_are_noted():
    make("vfr.mp4", "-vf", "select='not(mod(n,3))+not(mod(n,7))'", "-vsync", "vfr", *H264)
    found = info("vfr.mp4")
    assert found["frame_time_seconds"] is None
    assert any("not evenly spaced" in note for note in found["notes"])
    wanted = [t for t in range(FRAMES) if t % 3 == 0 or t % 7 == 0]
    assert edges(frames_of("vfr.mp4")) == wanted


def test_files_cut_short_give_what_is_there_or_an_error():
    for name in ("b.mp4", "b.mkv", "mpeg4.avi", "b.ts"):
        if not os.path.exists(name):
            make(name, *KINDS[name])
        with open(name, "rb") as file:
            whole = file.read()
        for part in (0.05, 0.3, 0.7, 0.95):
            cut = "cut" + os.path.splitext(name)[1]
            with open(cut, "wb") as file:
                file.write(whole[:int(len(whole) * part)])
            done = subprocess.run([sys.argv[1], "convert", cut, "cut.npy", "--force", "--quiet"],
                                  capture_output=True, check=False, timeout=60)
            assert done.returncode in (0, 2), (name, part, done)
            if done.returncode == 0:
                found = edges(np.load("cut.npy"))
                assert len(found) <= FRAMES and found == sorted(found), (name, part, found)
                if name == "b.mkv" and part < 0.9:
                    assert any("may be cut short" in note for note in info(cut)["notes"]), part


def test_a_wrong_checksum_names_its_frame():
    movie = rng.integers(0, 65536, (6, 64, 64), dtype=np.uint16)
    np.save("noise.npy", movie)
    run("convert", "noise.npy", "noise.mkv", "--force", "--quiet")
    with open("noise.mkv", "rb") as file:
        data = bytearray(file.read())
    data[len(data) // 2] ^= 0x10
    with open("bad.mkv", "wb") as file:
        file.write(data)
    refused("convert", "bad.mkv", "bad.npy", "--quiet", says=["frame 2", "checksum"])
    assert np.array_equal(frames_of("bad.mkv", "--frames", "3:6"), movie[3:])


def test_ffv1_keeps_every_bit_and_the_facts():
    movie = rng.integers(0, 65536, (7, 51, 65), dtype=np.uint16)
    np.save("exact.npy", movie)
    for name in ("exact.mkv", "exact.avi"):
        run("convert", "exact.npy", name, "--force", "--quiet", "--pixel-size", "0.2 A, 0.3 A",
            "--frame-time", "2 ms")
        os.remove(name + ".json")  # the file itself must know
        assert np.array_equal(frames_of(name), movie), name
        found = info(name)
        assert found["pixel_size_angstrom"] == [0.2, 0.3] and found["pixel_size_source"] == "header"
        assert found["frame_time_seconds"] == 0.002
        ffmpeg("-i", name, "-f", "rawvideo", "-pix_fmt", "gray16le", "exact.raw")
        assert np.array_equal(np.fromfile("exact.raw", np.uint16).reshape(movie.shape), movie), name
    np.save("signed.npy", movie.astype(np.int16))
    refused("convert", "signed.npy", "signed.mkv", says=["int16", ".tif"])


def test_h264_shows_what_is_there():
    y, x = np.mgrid[0:243, 0:321]
    movie = np.stack([1000 + 400 * np.sin((x + 3 * t) / 20) * np.cos(y / 30) for t in range(9)])
    np.save("wave.npy", movie.astype(np.float32))
    run("convert", "wave.npy", "wave.mp4", "--force", "--quiet", "--contrast", "500, 1500", "--fps",
        30, "--pixel-size", "0.5 A")
    found = probe("wave.mp4")
    assert (found["codec_name"], found["pix_fmt"]) == ("h264", "yuv420p"), found
    assert (found["height"], found["width"], found["nb_read_frames"]) == (244, 322, "9"), found
    assert found["r_frame_rate"] == "30/1"
    ffmpeg("-i", "wave.mp4", "-vf", "scale=in_range=tv:out_range=pc,format=gray", "-f", "rawvideo",
           "wave.raw")
    shown = np.fromfile("wave.raw", np.uint8).reshape(9, 244, 322)
    wanted = np.clip((movie - 500) / 1000 * 255, 0, 255)
    assert psnr(shown[:, :150, :321], wanted[:, :150]) > 35
    corner = shown[4, 190:, :140].astype(int)  # the bar: a run of white with dark above it
    white = (corner > 230).sum(axis=1).max()
    assert abs(white - 40) <= 3, white  # 2 nm of 0.5 A
    assert (corner < 30).sum() > 100
    run("convert", "wave.npy", "bare.mp4", "--force", "--quiet", "--contrast", "500, 1500",
        "--pixel-size", "0.5 A", "--scale-bar=false")
    assert psnr(frames_of("bare.mp4")[:, :243, :321], wanted) > 35
    assert info("bare.mp4")["pixel_size_angstrom"] == 0.5


def test_what_makes_no_sense_is_refused():
    np.save("square.npy", moving_square())
    refused("convert", "square.npy", "x.mp4", "--contrast", "9, 3", says="white is above black")
    refused("convert", "square.npy", "x.mp4", "--fps", 0, says="--fps")
    refused("info", "b.mkv", "--dataset", "stream 7", says=["stream 7", "stream 0"])
    assert not os.path.exists("x.mp4") and not os.path.exists("x.mp4.partial")


def test_the_same_frames_give_the_same_bytes():
    np.save("square.npy", moving_square())
    for ending in ("mp4", "mkv"):
        files = []
        for threads in (1, 2):
            run("convert", "square.npy", f"same{threads}.{ending}", "--force", "--quiet", "--threads",
                threads)
            with open(f"same{threads}.{ending}", "rb") as file:
                files.append(file.read())
        assert files[0] == files[1], ending


run_tests(globals())
