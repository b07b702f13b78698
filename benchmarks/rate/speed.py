"""CPU time and memory of every encoder, on one movie and one thread, at about 30:1.

Commands are started by a small process of their own: what Linux tells as the largest memory of a
child is at least that of its parent. Slow encoders see fewer frames."""
import json
import pathlib
import subprocess
import sys
import tempfile
import types

import numpy as np

import coders
import pixels
import roads
import scenes
from common import kinema

EDGE = 512
STARTER = """
import json, os, resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))
"""


class LightMeter(coders.Meter):
    def run(self, *command):
        words = [sys.executable, "-S", "-c", STARTER, *map(str, command)]
        told = subprocess.run(words, check=True, capture_output=True).stdout
        seconds, peak = json.loads(told)
        self.cpu_seconds += seconds
        self.peak_bytes = max(self.peak_bytes, peak)


def kinema_words(build, *words):
    return roads.kinema_codec(build, words, (), (8,))


def encoders(build):
    """Name -> (coder, quality, frames)."""
    return {
        "kinema encode, masks, B = 8": (kinema_words(build), 8, 240),
        "kinema encode, staggered masks, B = 8": (kinema_words(build, "--masks", "staggered"), 8, 240),
        "kinema encode, open (binning), B = 8": (kinema_words(build, "--masks", "open"), 8, 240),
        "kinema encode, exact sums, B = 8": (kinema_words(build, "--quantise", "none"), 8, 240),
        "kinema encode, lossless": (roads.lossless(build), 10, 120),
        "JPEG": (coders.jpeg(), 9, 120),
        "JPEG 2000": (coders.jpeg_2000(), 30.3, 30),
        "JPEG XL": (coders.jpeg_xl(), 8.0, 30),
        "H.264": (coders.x264(), 32, 60),
        "H.264, ultrafast": (coders.x264("ultrafast"), 36, 120),
        "HEVC": (coders.x265(), 34, 30),
        "AV1": (coders.svt_av1(), 50, 30),
        "AV1, grain removed": (coders.svt_av1(":film-grain=50"), 46, 30),
    }


def of_coder(coder, quality, frames):
    for name, words in (("npy", ()), ("yuv", ()), ("raw16", ()), ("tall", (8,)), ("tall", (16,))):
        getattr(frames, name)(*words)  # what coders read is made beforehand
    meter = LightMeter()
    files = coder.encode(frames, quality, meter)
    size = sum(path.stat().st_size for path in files)
    return meter, frames.movie.size / size


def of_binning(folder, movie, count):
    """Binning by numpy, then AV1 of the means; a gigapixel is one of recorded pixels."""
    before, _ = roads.binned_by(count)
    meter, made = LightMeter(), coders.Meter()
    scene = types.SimpleNamespace(frames=pixels.Frames(movie, folder), folder=folder)
    frames = before(scene, made)
    frames.yuv()
    files = coders.svt_av1().encode(frames, 54, meter)
    meter.cpu_seconds += made.cpu_seconds
    return meter, movie.size / files[0].stat().st_size


def of_restore(build, folder, movie):
    path, meter = folder / "few.npy", LightMeter()
    np.save(path, movie)
    meter.run(build / "kinema", "restore", path, "-o", folder / "few_restored.npy", "--no-defects",
              "--no-input-hash", "--threads", 1, "--force", "--quiet")
    return meter


def measure(build):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        recorded = folder / "movie.npy"
        kinema(build, "simulate", *scenes.SIMULATED["fast crystals"], "--seed", scenes.SEED, "-o", recorded,
               "--frames", 240, "--height", EDGE, "--width", EDGE)
        movie = np.load(recorded)

        def add(name, meter, count, ratio=None):
            rows.append({"encoder": name, "frames": count, "ratio": ratio,
                         "cpu_s_per_gpx": meter.cpu_seconds / (count * EDGE * EDGE) * 1e9,
                         "peak_mb": meter.peak_bytes / 1e6})
            print(f"  {name}: {rows[-1]['cpu_s_per_gpx']:.1f} CPU s/Gpx, {rows[-1]['peak_mb']:.0f} MB",
                  flush=True)

        for name, (coder, quality, count) in encoders(build).items():
            if not coder.missing():
                frames = pixels.Frames(movie[:count], folder / f"frames{count}")
                meter, ratio = of_coder(coder, quality, frames)
                add(name, meter, count, ratio)
        for count in () if coders.svt_av1().missing() else (5, 12):
            meter, ratio = of_binning(folder, movie, count)
            add(f"binning by {count}, then AV1", meter, len(movie), ratio)
        add("BM3D (kinema restore), before any encoder", of_restore(build, folder, movie[:6]), 6)
    return {"edge": EDGE, "rows": rows}
