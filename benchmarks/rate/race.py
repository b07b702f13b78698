"""Every road on every movie: the best that each gives at or below each budget of bytes.

Against a clean reference PSNR often rises while bits fall, because most of the bits are noise: so a
road is tried from coarse to fine until it leaves the smallest budget, or finer only makes it worse."""
import concurrent.futures
import dataclasses
import os
import pathlib
import tempfile

import numpy as np

import coders
import pixels
import roads
import scenes
import speed
from common import machine, save

BUDGETS = (10, 20, 30, 60)  # to one, against 8 bits a pixel as recorded


@dataclasses.dataclass
class Trial:
    quality: float
    ratio: float
    psnr: float
    encode_cpu_s_per_gpx: float
    some: np.ndarray  # every SSIM_EVERY-th frame of the movie that came back


def attempt(scene, road, quality):
    meter = coders.Meter()
    frames = road.before(scene, meter)
    files = road.codec.encode(frames, quality, meter)
    size = sum(path.stat().st_size for path in files)
    movie = road.after(scene, road.codec.decode(frames, quality, files))
    return Trial(quality, scene.raw_bytes / size, pixels.psnr(movie, scene.reference, scene.peak),
                 meter.cpu_seconds / scene.raw_bytes * 1e9, movie[::pixels.SSIM_EVERY].copy())


def best_within(trials, budget):
    """The index of the best trial of at most raw bytes / budget; None where there is none."""
    within = [i for i, trial in enumerate(trials) if trial.ratio >= budget]
    return max(within, key=lambda i: trials[i].psnr, default=None)


def walk(scene, road):
    """Trials from coarse to fine, then one on either side of each winner."""
    codec, trials = road.codec, []
    for quality in codec.qualities:
        trials.append(attempt(scene, road, quality))
        best = max(trial.psnr for trial in trials)
        if trials[-1].ratio < BUDGETS[0] or trials[-1].psnr < best - 0.5:
            break
    gaps = set()
    for i in {best_within(trials, budget) for budget in BUDGETS} - {None}:
        gaps |= {(j, j + 1) for j in (i - 1, i) if 0 <= j < len(trials) - 1}
    for i, j in sorted(gaps):
        middle = codec.between(trials[i].quality, trials[j].quality)
        if middle is not None and abs(trials[i].psnr - trials[j].psnr) > 0.05:
            trials.append(attempt(scene, road, middle))
    return trials


def rows_of(scene, build):
    """Row -> budget -> its best trial, None where it cannot be so small."""
    trials = {}
    for road in roads.roads(build):
        if road.only(scene) and not road.codec.missing():
            trials.setdefault(road.row, []).extend(walk(scene, road))
    return {row: {str(budget): told(scene, found, budget) for budget in BUDGETS}
            for row, found in trials.items()}


def told(scene, trials, budget):
    """What the results keep of the best trial within a budget."""
    i = best_within(trials, budget)
    if i is None:
        return None
    trial = trials[i]
    reference = scene.reference[::pixels.SSIM_EVERY]
    return {"quality": round(trial.quality, 3), "ratio": round(trial.ratio, 2),
            "psnr": round(trial.psnr, 3),
            "ssim": round(pixels.ssim(trial.some, reference, scene.peak), 4),
            "encode_cpu_s_per_gpx": round(trial.encode_cpu_s_per_gpx, 1)}


def lossless_ratios(scene, build):
    """Without loss: raw bytes over bytes."""
    ratios = {}
    for mode in ("lossless", "events") if scene.counted else ("lossless",):
        codec = roads.lossless(build, mode)
        files = codec.encode(scene.frames, codec.qualities[0], coders.Meter())
        ratios[f"kinema {mode}"] = scene.raw_bytes / files[0].stat().st_size
    for name, (needs, size) in coders.LOSSLESS.items():
        if not coders.missing(needs):
            ratios[name] = scene.raw_bytes / size(scene.frames, coders.Meter())
    return ratios


def measure_movie(job):
    build, name, dose = job
    with tempfile.TemporaryDirectory() as folder:
        scene = scenes.scene(build, pathlib.Path(folder), name, dose)
        movie, some = scene.frames.movie, slice(None, None, pixels.SSIM_EVERY)
        return {"movie": scene.label, "real": scene.real, "shape": list(movie.shape), "peak": scene.peak,
                "raw": {"psnr": pixels.psnr(movie, scene.reference, scene.peak),
                        "ssim": pixels.ssim(movie[some], scene.reference[some], scene.peak)},
                "rows": rows_of(scene, build), "lossless": lossless_ratios(scene, build)}


def measure(build):
    absent = sorted({f"{road.row}: no {need}" for road in roads.roads(build)
                     for need in road.codec.missing()})
    for line in absent:
        print(f"  left out: {line}")
    jobs = [(build, name, dose) for name, dose in reversed(scenes.labels())]  # the longest first
    result = {"machine": machine(), "budgets": BUDGETS, "absent": absent, "movies": []}
    result["speed"] = speed.measure(build)
    with concurrent.futures.ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for movie in pool.map(measure_movie, jobs):
            result["movies"].append(movie)
            found = [(at["30"]["psnr"], row) for row, at in movie["rows"].items() if at["30"]]
            print(f"  {movie['movie']}: at 30:1 {max(found)[1]} leads with {max(found)[0]:.2f} dB", flush=True)
    result["movies"].reverse()
    save("rate", result)
