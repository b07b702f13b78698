"""render: films and pictures of atoms and volumes, read back by the readers of movies."""

import json
import pathlib
import shutil
import struct

import numpy as np

from kinema_cli import refused, run, run_tests

VIDEO = json.loads(run("doctor", "--json").out)["video"] is not None
SIZE = ("--size", "160x120", "--fps", 10, "--length", "1.2 s")

run("simulate", "graphene", "-o", "flake.npy", "--truth", "flake.extxyz", "--optics-out",
    "optics.toml", "--frames", 3, "--atoms", 90, "--relax", "springs", "--exposures", 1)


def balls(folder, count=3, size=20):
    """Two balls that part, as volumes of a reconstruction."""
    (pathlib.Path(folder) / "volumes").mkdir(parents=True)
    z, y, x = np.mgrid[:size, :size, :size] - size / 2
    for i in range(count):
        density = sum(np.exp(-((x - s * (2 + i))**2 + y**2 + z**2) / 8) for s in (-1, 1))
        np.save("ball.npy", density.astype(np.float32))
        run("convert", "ball.npy", "ball.mrc", "--pixel-size", "2 A", "--force", "--quiet")
        data = bytearray(pathlib.Path("ball.mrc").read_bytes())
        data[36:40] = struct.pack("<i", size)              # mz: a volume, not a stack
        data[40:52] = struct.pack("<3f", *[2.0 * size] * 3)
        data[88:92] = struct.pack("<i", 1)                 # the space group of a volume
        (pathlib.Path(folder) / "volumes" / f"frame_{10 * i:04d}.mrc").write_bytes(data)


balls("result")


def colours_of(path):
    """A film as (T, Y, X, 3)."""
    run("convert", path, "read.npy", "--force", "--quiet")
    pixels = np.load("read.npy")
    return pixels.view(np.uint8).reshape(*pixels.shape[:3], 3)


def test_films_are_read_back():
    if not VIDEO:
        return
    for words, name in ((["flake.extxyz"], "flake.mp4"), (["result"], "balls.mp4")):
        made = run("render", *words, "-o", name, *SIZE, "--json").json()
        assert made["pictures"] == 12
        found = run("info", name, "--json").json()
        assert (found["frames"], found["height"], found["width"]) == (12, 120, 160), found
        film = colours_of(name)
        assert film.min() < 120 and film.max() > 250  # something on white
        assert np.abs(film[0].astype(int) - film[6].astype(int)).max() > 50  # it moves
        sidecar = json.loads(pathlib.Path(name + ".json").read_text())
        assert sidecar["provenance"]["command"].startswith("kinema render")


def test_pictures_and_gifs_need_no_module():
    made = run("render", "flake.extxyz", "-o", "flake.png", *SIZE, "--view", "beam", "--colour",
               "height", "--map", "cividis", "--json").json()
    assert made["pictures"] == 1
    assert struct.unpack(">II", pathlib.Path("flake.png").read_bytes()[16:24]) == (160, 120)
    run("render", "flake.extxyz", "-o", "flake.gif", *SIZE, "--frames", "1:3", "--quiet")
    data = pathlib.Path("flake.gif").read_bytes()
    assert data[:6] == b"GIF89a" and struct.unpack("<HH", data[6:10]) == (160, 120)
    assert data.count(b"\x21\xf9\x04\x05") == 12
    run("render", "result/volumes/frame_*.mrc", "-o", "film_%03d.png", *SIZE, "--quiet")
    assert len(list(pathlib.Path(".").glob("film_*.png"))) == 12


def test_the_same_picture_on_any_number_of_threads():
    for count in (1, 2):
        run("render", "result", "-o", f"one_{count}.png", *SIZE, "--threads", count)
    assert pathlib.Path("one_1.png").read_bytes() == pathlib.Path("one_2.png").read_bytes()


def test_what_is_wrong_is_told():
    refused("render", "flake.extxyz", "-o", "x.png", "--colour", "mood", says="they have height")
    refused("render", "flake.extxyz", "-o", "x.mrc", says="x.mrc")
    refused("render", "flake.extxyz", "-o", "flake.png", says="--force")
    refused("render", "result", "-o", "x.png", "--level", "1e9", says="--level")
    refused("render", "result", "-o", "x.png", "--size", "tiny", says="1280x720")
    refused("render", "flake.extxyz", "result", "-o", "x.png", says="is no volume")
    pathlib.Path("empty").mkdir(exist_ok=True)
    refused("render", "empty", "-o", "x.png", says="trajectory.extxyz")
    refused("render", "flake.extxyz", "-o", "x.gif", "--fps", 0, says="fps")


def test_without_the_video_module_a_run_leaves_a_gif():
    # A copy of the program beside which no module lies.
    from kinema_cli import kinema  # pylint: disable=import-outside-toplevel
    import os  # pylint: disable=import-outside-toplevel
    import subprocess  # pylint: disable=import-outside-toplevel
    alone = pathlib.Path("alone")
    alone.mkdir(exist_ok=True)
    shutil.copy(kinema, alone / "kinema")
    environment = {name: value for name, value in os.environ.items() if name != "KINEMA_MODULE_PATH"}
    words = ["atoms", "reconstruct", "flake.npy", "--optics", "optics.toml", "-o", "atoms", "--frames",
             "0:1", "--md-time", "0 ps", "--calibration-rounds", "1", "--no-report", "--quiet"]
    done = subprocess.run([alone / "kinema", *words], capture_output=True, text=True, check=False,
                          env=environment)
    assert done.returncode == 0, done.stderr
    assert "movie.gif stands for movie.mp4" in done.stdout and "ffmpeg" not in done.stderr
    assert (pathlib.Path("atoms") / "movie.gif").read_bytes()[:6] == b"GIF89a"
    figures = pathlib.Path("atoms") / "figures"
    for name in ("height_map", "heights", "sigma"):
        text = (figures / f"{name}.svg").read_text()
        assert text.startswith("<svg ") and "nan" not in text
    assert (figures / "sheet.png").read_bytes()[:4] == b"\x89PNG"


run_tests(globals())
