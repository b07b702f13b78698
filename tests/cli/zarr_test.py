"""OME-Zarr and PNG sequences written by kinema and read by nothing of ours: zarr and ffmpeg.

argv[1] is the program. Runs in an empty folder."""
import json
import pathlib
import shutil
import subprocess
import sys

try:
    import numpy as np
    import zarr
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

KINEMA = sys.argv[1]


def kinema(*arguments):
    done = subprocess.run([KINEMA, *map(str, arguments), "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def halved(frames):
    """Means of 2 x 2 pixels, of those that are there at the edges; integers rounded, halves up."""
    height, width = frames.shape[1:]
    out = np.empty((len(frames), (height + 1) // 2, (width + 1) // 2), frames.dtype)
    wide = frames.astype(np.float64)
    for y in range(out.shape[1]):
        rows = wide[:, 2 * y:2 * y + 2].sum(axis=1), min(2, height - 2 * y)
        for x in range(out.shape[2]):
            count = rows[1] * min(2, width - 2 * x)
            mean = rows[0][:, 2 * x:2 * x + 2].sum(axis=1) / count
            out[:, y, x] = np.floor(mean + 0.5) if frames.dtype.kind in "iu" else mean
    return out


def check_zarr(dtype, shape):
    rng = np.random.default_rng(5)
    movie = (rng.normal(100, 40, shape)).clip(0, 255).astype(dtype)
    np.save("in.npy", movie)
    shutil.rmtree("out.ome.zarr", ignore_errors=True)
    kinema("convert", "in.npy", "out.ome.zarr", "--force",
           "--pixel-size", "0.4 A, 0.5 A", "--frame-time", "25 ms")
    assert not pathlib.Path("out.ome.zarr.partial").exists()
    group = zarr.open_group("out.ome.zarr", mode="r")
    attributes = group.attrs.asdict()
    multiscale = attributes["multiscales"][0]
    assert multiscale["version"] == "0.4"
    assert [axis["name"] for axis in multiscale["axes"]] == ["t", "y", "x"]
    assert [axis.get("unit") for axis in multiscale["axes"]] == ["second", "angstrom", "angstrom"]
    window = attributes["omero"]["channels"][0]["window"]
    assert window["end"] > window["start"]
    expected = movie
    for level, dataset in enumerate(multiscale["datasets"]):
        array = group[dataset["path"]]
        assert array.dtype == dtype and array.chunks[0] == 1 and max(array.chunks[1:]) <= 1024
        assert np.array_equal(array[:], expected), f"{dtype} level {level}"
        scale = dataset["coordinateTransformations"][0]["scale"]
        assert np.allclose(scale, [0.025, 0.5 * 2**level, 0.4 * 2**level]), scale
        if level > 0:
            shift = dataset["coordinateTransformations"][1]["translation"]
            assert np.allclose(shift, [0, 0.5 * (2**level - 1) / 2, 0.4 * (2**level - 1) / 2])
        last, expected = expected, halved(expected)
    assert max(last.shape[1:]) < 256


def check_refused():
    """A folder is never overwritten, and a refusal leaves nothing behind."""
    before = sorted(pathlib.Path("out.ome.zarr").rglob("*"))
    done = subprocess.run([KINEMA, "convert", "in.npy", "out.ome.zarr", "--force"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and "out.ome.zarr" in done.stderr, done.stderr
    assert sorted(pathlib.Path("out.ome.zarr").rglob("*")) == before


def check_png(dtype, pixel_format):
    """ffmpeg reads the sequence as it was."""
    if shutil.which("ffmpeg") is None:
        print("ffmpeg is absent: PNG is not compared")
        return
    rng = np.random.default_rng(6)
    movie = rng.integers(0, np.iinfo(dtype).max, (4, 30, 52), dtype, endpoint=True)
    np.save("png.npy", movie)
    kinema("convert", "png.npy", f"{np.dtype(dtype).name}_%04d.png")
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", f"{np.dtype(dtype).name}_%04d.png",
         "-f", "rawvideo", "-pix_fmt", pixel_format, "-"], check=True, capture_output=True).stdout
    assert np.array_equal(np.frombuffer(raw, dtype).reshape(movie.shape), movie), dtype


def check_levels():
    """Float frames become 8-bit levels between limits that the report and the side-car name."""
    ramp = np.linspace(-5, 5, 64 * 64, dtype=np.float32).reshape(1, 64, 64)
    np.save("ramp.npy", ramp)
    done = kinema("convert", "ramp.npy", "ramp.png")
    assert any("8-bit levels" in note for note in done["notes"]), done["notes"]
    side_car = json.loads(pathlib.Path("ramp.png.json").read_text())
    assert any("8-bit levels" in note for note in side_car["notes"])
    kinema("convert", "ramp.png", "levels.npy")
    levels = np.load("levels.npy")
    assert levels.dtype == np.uint8 and levels.min() == 0 and levels.max() == 255
    assert (np.diff(levels.ravel().astype(int)) >= 0).all()


check_zarr("uint16", (3, 300, 517))
check_zarr("uint8", (2, 256, 255))
check_zarr("float32", (2, 60, 70))
check_zarr("uint16", (1, 1100, 1030))
check_refused()
check_levels()
check_png("uint8", "gray")
check_png("uint16", "gray16le")
