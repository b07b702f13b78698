"""The roads of the race: what is done before a coder, the coder, and what is done after it.

Rows of the table are named here; several roads may share a row, which then shows the best of them.
A new mode of `kinema codec encode` is one line of OURS."""
import dataclasses
import typing

import numpy as np

import coders
import pixels
from common import kinema

FEW, MANY = (60, 30, 15, 8, 4), (60, 30, 20, 15, 10, 8, 5, 4, 3)
BY_MOTION = 0  # as a ratio: each group's own, --ratio auto
# row: (options of encode, options of decode, ratios B from coarse to fine)
OURS = {
    "kinema masks, GAP-TV": (("--masks", "balanced"), ("--decoder", "gap-tv"), FEW),
    "kinema masks, mean": (("--masks", "balanced"), ("--decoder", "mean"), MANY),
    "kinema masks, exact sums": (("--masks", "balanced", "--quantise", "none"), ("--decoder", "gap-tv"), FEW),
    "kinema staggered, GAP-TV": (("--masks", "staggered"), ("--decoder", "gap-tv"), FEW[1:]),
    "kinema auto masks, GAP-TV": (("--masks", "auto"), ("--decoder", "gap-tv"), FEW[1:]),
    "kinema auto masks and ratio": (("--masks", "auto"), ("--decoder", "gap-tv"), (BY_MOTION,)),
    "binned, kinema planes": (("--masks", "open"), ("--decoder", "mean"), MANY),
    "binned, kinema planes, TV": (("--masks", "open"), ("--decoder", "gap-tv"), FEW),
}


@dataclasses.dataclass
class Road:
    row: str
    codec: coders.Codec
    before: typing.Callable  # (Scene, Meter) -> Frames
    after: typing.Callable = lambda scene, movie: movie
    only: typing.Callable = lambda scene: True  # scenes that it runs on


def as_recorded(scene, _meter):
    return scene.frames


# ---- kinema ------------------------------------------------------------------------------------------

def kinema_codec(build, words, decoding, ratios):
    """Qualities are ratios B."""
    def encode(frames, ratio, meter):
        out = frames.folder / "coded.h5"
        meter.run(build / "kinema", "codec", "encode", frames.npy(), "-o", out, "--ratio",
                  "auto" if ratio == BY_MOTION else ratio, *words,
                  "--no-input-hash", "--force", "--quiet", "--threads", 1)
        return [out]

    def decode(frames, _ratio, files):
        out = frames.folder / "decoded.npy"
        kinema(build, "codec", "decode", files[0], "-o", out, "--threads", 1, *decoding)
        return np.load(out)

    return coders.Codec(ratios, encode, decode, listed=True)


def lossless(build, mode="lossless"):
    return kinema_codec(build, ("--mode", mode), ("--decoder", "mean"), (10,))


# ---- before and after ----------------------------------------------------------------------------------

def restored(build, scene, movie_path, meter):
    """BM3D over neighbouring frames, the noise as it measures it."""
    out = scene.folder / "restored.npy"
    meter.run(build / "kinema", "restore", movie_path, "-o", out, "--no-defects", "--no-input-hash",
              "--threads", 1, "--force", "--quiet")
    return np.load(out)


def denoised_first(build):
    def before(scene, meter):
        if not hasattr(scene, "denoised"):
            own = coders.Meter()
            movie = restored(build, scene, scene.recorded, own)
            scene.denoised = pixels.Frames(movie, scene.folder / "denoised"), own.cpu_seconds
        frames, seconds = scene.denoised
        meter.cpu_seconds += seconds
        return frames
    return before


def binned_by(count):
    """Means of every `count` frames, shown as often as they were many."""
    def before(scene, meter):
        with meter.own_work():
            movie = scene.frames.movie
            groups = np.split(movie, range(count, len(movie), count))
            means = np.stack([group.mean(axis=0, dtype=np.float32) for group in groups])
        return pixels.Frames(means, scene.folder / f"binned{count}")

    def after(scene, means):
        return np.repeat(means, count, axis=0)[:len(scene.frames.movie)]
    return before, after


def decimated_by(count):
    """Every `count`-th frame and the last; those between are interpolated."""
    def places(scene):
        last = len(scene.frames.movie) - 1
        return np.unique([*range(0, last + 1, count), last])

    def before(scene, _meter):
        kept = scene.frames.movie[places(scene)]
        return pixels.Frames(kept, scene.folder / f"decimated{count}")

    def after(scene, kept):
        at, times = places(scene), np.arange(len(scene.frames.movie))
        right = np.clip(np.searchsorted(at, times), 1, len(at) - 1)
        share = ((times - at[right - 1]) / (at[right] - at[right - 1])).astype(np.float32)[:, None, None]
        return (1 - share) * kept[right - 1] + share * kept[right]
    return before, after


def stabilised(scene, meter):
    """2 sqrt(N + 3/8) of N electrons: noise of one everywhere (Anscombe, Biometrika 35, 246 (1948))."""
    with meter.own_work():
        counts = scene.frames.movie / scene.gain
        movie = (2 * np.sqrt(counts + 0.375)).astype(np.float32)
    return pixels.Frames(movie, scene.folder / "stabilised")


def destabilised(scene, movie):
    """The closed form of the exact unbiased inverse (Makitalo and Foi, IEEE TIP 20, 2697 (2011))."""
    d = np.maximum(movie, 2 * np.sqrt(0.375)).astype(np.float64)
    root = np.sqrt(1.5)
    counts = d**2 / 4 + root / (4 * d) - 11 / (8 * d**2) + 5 * root / (8 * d**3) - 1 / 8
    return (np.maximum(counts, 0) * scene.gain).astype(np.float32)


def in_steps(build):
    """Stabilised frames in steps of so many standard deviations, coded lossless by kinema."""
    def encode(frames, tenths, meter):
        step = tenths / 10
        with meter.own_work():
            levels = np.rint((frames.movie - frames.low) / step).astype(np.uint8)
        path, out = frames.folder / "steps.npy", frames.folder / "steps.h5"
        np.save(path, levels)
        meter.run(build / "kinema", "codec", "encode", path, "-o", out, "--mode", "lossless",
                  "--no-input-hash", "--force", "--quiet", "--threads", 1)
        return [out]

    def decode(frames, tenths, _files):
        levels = np.load(frames.folder / "steps.npy")  # lossless: what was coded is what comes back
        return levels.astype(np.float32) * (tenths / 10) + frames.low

    return coders.Codec((80, 60, 45, 30, 20, 10), encode, decode, whole=True)


# ---- the list ---------------------------------------------------------------------------------------------

def with_bm3d(scene):
    """BM3D takes longer than all else: it runs at one dose, and on one real movie."""
    return scene.dose == 6 or scene.name == "dislocations"


def cleaned_after(build, count):
    """BM3D of each binned frame and its neighbours, after decoding."""
    def after(scene, movie):
        firsts = scene.folder / "firsts.npy"
        np.save(firsts, movie[::count])
        means = restored(build, scene, firsts, coders.Meter())
        return np.repeat(means, count, axis=0)[:len(movie)]
    return after


def roads(build):
    found = [Road(row, kinema_codec(build, ("--mode", "coded", *words), decoding, ratios), as_recorded)
             for row, (words, decoding, ratios) in OURS.items()]
    for count in (20, 8):
        codec = kinema_codec(build, ("--mode", "coded", "--masks", "open"), ("--decoder", "mean"), (count,))
        found.append(Road("binned, kinema planes, BM3D after", codec, as_recorded,
                          cleaned_after(build, count), with_bm3d))
    found.append(Road("kinema lossless", lossless(build), as_recorded))
    for count in (12, 5):
        before, after = binned_by(count)
        found.append(Road("binned, JPEG XL", coders.jpeg_xl(), before, after))
        found.append(Road("binned, AV1", coders.svt_av1(), before, after))
    for count in (30, 15, 8, 5):
        before, after = decimated_by(count)
        found.append(Road("decimated, interpolated", lossless(build), before, after))
    found += [
        Road("Anscombe steps, lossless", in_steps(build), stabilised, destabilised),
        Road("BM3D, then AV1", coders.svt_av1(), denoised_first(build), only=with_bm3d),
        Road("JPEG", coders.jpeg(), as_recorded),
        Road("JPEG 2000", coders.jpeg_2000(), as_recorded),
        Road("JPEG XL", coders.jpeg_xl(), as_recorded),
        Road("H.264", coders.x264(), as_recorded),
        Road("HEVC", coders.x265(), as_recorded),
        Road("hqdn3d, then HEVC", coders.x265(before="hqdn3d=12:0:16:0"), as_recorded),
        Road("AV1", coders.svt_av1(), as_recorded),
        Road("AV1, grain removed", coders.svt_av1(":film-grain=50", ("-filmgrain", "0")),
             as_recorded),
    ]
    return found
