"""How fast 2 GB movies are read, as a ratio to a plain sequential read() of the same file (which
lies in memory for both); compressed ones with one thread and with all."""
import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np

from common import kinema, machine, save

FRAMES, EDGE, GOAL = 512, 1448, 0.8  # 2.1 GB of uint16
PLAIN = ("movie.npy", "movie.mrc", "movie.tif", "movie.emd", "movie.nxs")


def counts(path):
    """Poisson counts at 20 electrons a pixel: nothing compresses to nothing."""
    rng = np.random.default_rng(1)
    movie = np.lib.format.open_memmap(path, "w+", np.uint16, (FRAMES, EDGE, EDGE))
    block = rng.poisson(20, (8, EDGE, EDGE)).astype(np.uint16)
    for t in range(FRAMES):
        movie[t] = np.roll(block[t % 8], t, axis=1)
    movie.flush()


def compressed_tiff(source, path):
    """Deflate, by another program's writer."""
    import tifffile
    movie = np.load(source, mmap_mode="r")[:64]
    tifffile.imwrite(path, movie, compression="zlib", photometric="minisblack")


def reading(build, path, *options):
    told = subprocess.run([build / "benchmarks" / "reading", *options, path], check=True,
                          capture_output=True, text=True)
    path.unlink()
    return {"file": path.name, **json.loads(told.stdout)}


def measure(build, scratch=None):
    result = {"machine": machine(), "frames": FRAMES, "height": EDGE, "width": EDGE,
              "dtype": "u16", "goal": GOAL, "plain": [], "compressed": []}
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        folder = pathlib.Path(folder)
        source = folder / "source.npy"
        counts(source)
        for name in PLAIN:
            kinema(build, "convert", source, folder / name)
            result["plain"].append(reading(build, folder / name))
        packed = folder / "deflate.tif"
        for threads in sorted({1, len(os.sched_getaffinity(0))}):
            compressed_tiff(source, packed)
            result["compressed"].append(
                reading(build, packed, "--threads", str(threads), "--rounds", "3"))
    save("reading", result)
