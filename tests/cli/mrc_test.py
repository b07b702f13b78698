#!/usr/bin/env python3
"""MRC files against mrcfile, another program's reader: pixels and headers of what kinema writes,
and that `kinema validate` misses nothing that mrcfile's validator finds."""

import io
import json
import pathlib
import struct
import subprocess
import sys
import warnings

try:
    import mrcfile
    import numpy
except ImportError:
    sys.exit(77)

program, data = sys.argv[1], pathlib.Path(sys.argv[2])
warnings.simplefilter("ignore")


def run(*arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def is_valid(path):
    """What mrcfile says, and its words."""
    words = io.StringIO()
    return mrcfile.validate(str(path), print_file=words), words.getvalue()


def written_files_are_read_by_mrcfile():
    for dtype in ("int8", "uint8", "int16", "uint16", "float16", "float32"):
        frames = numpy.arange(4 * 6 * 8).reshape(4, 6, 8) % 190 - 60 * (dtype[0] != "u")
        if dtype == "float16":
            frames = frames / 64  # mrcfile sums squares in the numbers' own type
        frames = frames.astype(dtype)
        numpy.save("frames.npy", frames)
        made = run("convert", "frames.npy", f"{dtype}.mrc", "--pixel-size", "0.5 A", "--frame-time", "4 ms")
        check(made.returncode == 0, f"convert to {dtype}: {made.stderr}")
        valid, words = is_valid(f"{dtype}.mrc")
        check(valid, f"mrcfile finds fault with {dtype}.mrc: {words}")
        with mrcfile.open(f"{dtype}.mrc") as file:
            check(numpy.array_equal(file.data, frames), f"{dtype}.mrc: other pixels")
            check(file.voxel_size.x == 0.5, f"{dtype}.mrc: another pixel size")
            entries = file.extended_header
            check(len(entries) == 4 and entries.dtype.itemsize == 768, f"{dtype}.mrc: no FEI1 header")
            check((entries["Frame time"] == 0.004).all(), f"{dtype}.mrc: another frame time")
            check((entries["Metadata size"] == 768).all(), f"{dtype}.mrc: another entry size")


def packed_files_are_read():
    frames = numpy.arange(3 * 5 * 7, dtype="float32").reshape(3, 5, 7)
    for ending, compression in (("gz", "gzip"), ("bz2", "bzip2")):
        with mrcfile.new(f"packed.mrc.{ending}", compression=compression, overwrite=True) as file:
            file.set_data(frames)
        made = run("convert", f"packed.mrc.{ending}", f"{ending}.npy")
        check(made.returncode == 0, f"packed.mrc.{ending}: {made.stderr}")
        check(numpy.array_equal(numpy.load(f"{ending}.npy"), frames), f"{ending}: other pixels")


def finds_nothing(path):
    judged = run("validate", path, "--json")
    return judged.returncode == 0 and not json.loads(judged.stdout)["departures"]


def validate_misses_nothing():
    if "validate" not in run("--help").stdout:
        return
    samples = data / "formats"
    paths = [samples / "mrcfile/mrc/EMD-3001.map", samples / "mrcfile/mrc/EMD-3197.map.bz2"]
    paths += sorted((samples / "rsciio/mrc").glob("*.mrc")) + sorted((samples / "cryodrgn/mrc").glob("*.mrc*"))
    paths = [path for path in paths if path.exists()]
    faults = {"int16.mrc": (12, 28, 36, 40, 64, 76, 80, 84, 88, 104, 108, 208, 212, 216, 220, 400)}
    for name, places in faults.items():
        original = pathlib.Path(name).read_bytes()
        for place in places:
            for number in (-1, 0, 3, 1234567890):
                path = pathlib.Path(f"fault_{place}_{number}.mrc")
                path.write_bytes(original[:place] + struct.pack("<i", number) + original[place + 4 :])
                paths.append(path)
        for name, content in (("long.mrc", original + b"more"), ("short.mrc", original[:-5])):
            pathlib.Path(name).write_bytes(content)
            paths.append(pathlib.Path(name))
    missed = [str(path) for path in paths if not is_valid(path)[0] and finds_nothing(path)]
    check(not missed, f"mrcfile finds fault, kinema none: {missed}")


written_files_are_read_by_mrcfile()
packed_files_are_read()
validate_misses_nothing()
