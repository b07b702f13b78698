"""TIFF in and out, beside python3-tifffile and libtiff's own tools."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

from kinema_cli import SKIPPED, run, run_tests, sample

try:
    import numpy as np
    import tifffile
except ImportError:
    print("python3-tifffile is absent")
    sys.exit(SKIPPED)
if not shutil.which("tiffcp"):
    print("libtiff-tools is absent")
    sys.exit(SKIPPED)

RANDOM = np.random.default_rng(7)
TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64",
         "float16", "float32", "float64", "complex64", "complex128")


def movie_of(dtype, shape=(3, 37, 70)):
    """Pixels over the whole range of the type."""
    kind = np.dtype(dtype)
    if kind.kind == "c":
        return (RANDOM.normal(size=shape) + 1j * RANDOM.normal(size=shape)).astype(kind)
    if kind.kind == "f":
        return RANDOM.normal(size=shape).astype(kind)
    limits = np.iinfo(kind)
    return RANDOM.integers(limits.min, limits.max, size=shape, dtype=kind, endpoint=True)


def tool(*words):
    """One of libtiff's tools, which must be content."""
    done = subprocess.run(list(map(str, words)), capture_output=True, check=False)
    assert done.returncode == 0, (words, done.stderr.decode())
    return done


def info(path, *more):
    return run("info", path, "--json", *more).json()


def pixels(path, *more):
    """A movie as kinema reads it: (frames, height, width)."""
    run("convert", path, "back.npy", "--force", "--quiet", *more)
    return np.load("back.npy")


def same(path, wanted, *more):
    found = pixels(path, *more)
    wanted = wanted.reshape((-1,) + wanted.shape[-2:])
    assert found.dtype == wanted.dtype and np.array_equal(found, wanted), path


def test_ome_tiff_is_what_others_take_it_for():
    for dtype in TYPES:
        movie = movie_of(dtype)
        np.save("movie.npy", movie)
        if dtype in ("uint64", "int64", "float16"):
            run("convert", "movie.npy", "movie.ome.tif", code=2)
            continue
        run("convert", "movie.npy", "movie.ome.tif", "--force", "--pixel-size", "0.2 A, 0.25 A",
            "--frame-time", "40 ms")
        with tifffile.TiffFile("movie.ome.tif") as file:
            assert file.is_ome, dtype
            series = file.series[0]
            assert series.axes == "TYX" and series.shape == movie.shape, series
            assert np.array_equal(series.asarray(), movie), dtype
            ome = tifffile.xml2dict(file.ome_metadata)["OME"]
            told = ome["Image"]["Pixels"]
            assert (told["PhysicalSizeX"], told["PhysicalSizeXUnit"]) == (0.02, "nm")
            assert (told["PhysicalSizeY"], told["PhysicalSizeYUnit"]) == (0.025, "nm")
            assert (told["TimeIncrement"], told["TimeIncrementUnit"]) == (0.04, "s")
            assert told["TiffData"]["UUID"]["value"] == ome["UUID"]
        same("movie.ome.tif", movie)
        os.remove("movie.ome.tif.json")  # the file alone must tell
        found = info("movie.ome.tif")
        assert found["pixel_size_angstrom"] == [0.2, 0.25] and found["frame_time_seconds"] == 0.04
        assert [axis["name"] for axis in found["axes"]] == ["time", "y", "x"]
        assert not tool("tiffinfo", "-D", "movie.ome.tif").stderr


def test_imagej_tiff_is_what_others_take_it_for():
    for dtype in TYPES:
        movie = movie_of(dtype)
        np.save("movie.npy", movie)
        run("convert", "movie.npy", "movie.tif", "--force", "--pixel-size", "0.2 A",
            "--frame-time", "40 ms")
        with tifffile.TiffFile("movie.tif") as file:
            assert file.is_imagej and np.array_equal(file.asarray(), movie), dtype
            assert file.imagej_metadata["finterval"] == 0.04
            assert file.imagej_metadata["frames"] == 3 and file.imagej_metadata["unit"] == "nm"
        same("movie.tif", movie)
        assert not tool("tiffinfo", "-D", "movie.tif").stderr


def test_colour_goes_in_and_out():
    for samples in (3, 4):
        movie = RANDOM.integers(0, 256, size=(2, 21, 30, samples), dtype="uint8")
        extra = {"extrasamples": ["unassalpha"]} if samples == 4 else {}
        for config in ("contig", "separate"):
            data = movie if config == "contig" else np.moveaxis(movie, -1, 1)
            tifffile.imwrite("rgb.tif", data, photometric="rgb", planarconfig=config, **extra)
            tool("tiffcp", "-c", "zip", "rgb.tif", "packed.tif")
            for path in ("rgb.tif", "packed.tif"):
                assert info(path)["dtype"] == ("rgb8" if samples == 3 else "rgba8")
                for out in ("out.tif", "out.ome.tif"):
                    run("convert", path, out, "--force")
                    with tifffile.TiffFile(out) as file:
                        assert np.array_equal(file.asarray(), movie), (path, out, samples)
                    assert not tool("tiffinfo", "-D", out).stderr


def test_every_layout_of_libtiff_holds_the_same_numbers():
    for dtype in ("uint8", "uint16", "int32", "float32", "float64", "complex64"):
        movie = movie_of(dtype)
        tifffile.imwrite("plain.tif", movie, photometric="minisblack", metadata=None)
        differences = 3 if dtype.startswith("float") else 2
        schemes = ["none", "lzw", "zip", "packbits", "zstd", "lzma"]
        if dtype != "complex64":
            schemes += [f"zip:{differences}", f"zstd:{differences}"]
        for scheme in schemes:
            for layout in (["-s", "-r", "5"], ["-t", "-w", "32", "-l", "16"], ["-B"], ["-8"],
                           ["-f", "lsb2msb", "-r", "9"]):
                if scheme.endswith(":3") and layout == ["-B"]:
                    continue  # libtiff 4.5 writes these with their bytes turned, and reads them so
                tool("tiffcp", "-c", scheme, *layout, "plain.tif", "other.tif")
                found = pixels("other.tif")
                assert np.array_equal(found, movie), (dtype, scheme, layout)


def test_hyperstacks_have_axes():
    stack = movie_of("uint16", (2, 3, 4, 20, 30))
    tifffile.imwrite("hyper.tif", stack, imagej=True, resolution=(5, 4),
                     metadata={"axes": "TZCYX", "unit": "nm", "spacing": 1.5, "finterval": 0.5,
                               "Labels": [f"plane {i}" for i in range(24)]})
    found = info("hyper.tif")
    assert [(axis["name"], axis["size"]) for axis in found["axes"]] == [
        ("time", 2), ("z", 3), ("channel", 4), ("y", 20), ("x", 30)]
    assert found["frame_time_seconds"] == 0.5 and found["pixel_size_angstrom"] == [2, 2.5]
    assert found["axes"][1]["step"] == 1.5 and found["axes"][1]["unit"] == "nm"
    same("hyper.tif", stack)
    with open("back.npy.json", encoding="utf-8") as file:
        assert "plane 23" in json.load(file)["metadata"]["ImageJ_metadata"]["labels"]
    run("convert", "hyper.tif", "again.tif")
    with tifffile.TiffFile("again.tif") as file:
        assert file.series[0].axes == "TZCYX" and np.array_equal(file.asarray(), stack)
    run("convert", "hyper.tif", "again.ome.tif")
    with tifffile.TiffFile("again.ome.tif") as file:
        assert file.series[0].axes == "TZCYX" and np.array_equal(file.asarray(), stack)


def test_ome_of_others():
    stack = movie_of("uint16", (4, 3, 20, 30))
    with tifffile.TiffWriter("two.ome.tif", ome=True) as writer:
        writer.write(stack, metadata={"axes": "ZTYX", "Name": "focus", "PhysicalSizeX": 0.5,
                                      "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.5,
                                      "PhysicalSizeYUnit": "nm", "TimeIncrement": 2.0,
                                      "TimeIncrementUnit": "ms"})
        writer.write(stack[0, :2, :8], metadata={"axes": "TYX", "Name": "small"})
    found = info("two.ome.tif")
    assert found["datasets"] == ["focus", "small"] and found["dataset"] == "focus"
    assert [axis["name"] for axis in found["axes"]] == ["z", "time", "y", "x"]
    assert found["pixel_size_angstrom"] == 5 and found["frame_time_seconds"] == 0.002
    same("two.ome.tif", stack)
    same("two.ome.tif", stack[0, :2, :8], "--dataset", "small")


def test_a_hundred_thousand_pages_open_at_once():
    movie = RANDOM.integers(0, 256, size=(100000, 4, 5), dtype="uint8")
    np.save("long.npy", movie)
    run("convert", "long.npy", "long.tif")
    assert run("info", "long.tif", "--json", timeout=10).json()["frames"] == 100000
    same("long.tif", movie)


def test_what_tvips_leaves():
    archive = sample("formats/rsciio/tiff/TVIPS_bin4.zip")
    if archive is None:
        return
    with zipfile.ZipFile(archive) as file:
        (name,) = file.namelist()
        file.extract(name)
    found = info(name)
    assert (found["height"], found["width"], found["dtype"]) == (1024, 1024, "uint8")
    assert abs(found["pixel_size_angstrom"] - 14.208) < 1e-3 and found["voltage_kv"] == 99
    assert found["detector"] == "F416" and found["date"] == "2017-04-12T09:01:17"
    assert any("0.4 s" in note for note in found["notes"])
    same(name, tifffile.imread(name))


run_tests(globals())
