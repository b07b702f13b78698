"""The movies of the race, each with the reference that it is judged against.

Simulated movies have their clean truth. For the real ones a reference is made by a method that is
not in the race: sliding 3-D DCT blocks over space and time, thresholded, then filtered once more by
the Wiener weights of the first result. It is an estimate: what it smooths away counts as noise, and
codecs that smooth alike gain by it."""
import dataclasses
import pathlib

import numpy as np

import pixels
from common import kinema, test_data

SIMULATED = {"slow crystals": ("nanocrystals", "--motion", 0.3),
             "fast crystals": ("nanocrystals", "--motion", 3),
             "fibres": ("fibres",),
             "particles": ("particles",)}
# An integrating camera at high dose, a counting one at low dose.
DOSES = {30: ("--read-noise", 2), 6: ("--read-noise", 2), 1: ("--gain", 1), 0.05: ("--gain", 1)}
FRAMES, EDGE, SEED = 60, 224, 7
REAL = {"liquid cell": "movies/lptem_nanoparticle_50x384x384_u8.npy",
        "dislocations": "movies/ti_dislocation_17x504x660_u8.npy"}


@dataclasses.dataclass
class Scene:
    name: str
    dose: float | None  # e/px; None: real, unknown
    recorded: pathlib.Path
    frames: pixels.Frames  # as recorded, uint8
    reference: np.ndarray  # (T, Y, X) float32, recorded units
    gain: float  # recorded units per electron, as far as known or measured
    folder: pathlib.Path

    @property
    def real(self):
        return self.dose is None

    @property
    def counted(self):
        """By a camera that counts electrons."""
        return self.dose is not None and DOSES[self.dose][0] == "--gain"

    @property
    def label(self):
        return self.name if self.real else f"{self.name}, {self.dose:g} e/px"

    @property
    def peak(self):
        """The largest value of the reference."""
        return float(self.reference.max())

    @property
    def raw_bytes(self):
        return self.frames.movie.size  # 8 bits a pixel


def simulated(build, folder, name, dose):
    recorded, truth = folder / "movie.npy", folder / "truth.npy"
    made = kinema(build, "simulate", *SIMULATED[name], "--seed", SEED, "-o", recorded, "--truth", truth,
                  "--frames", FRAMES, "--height", EDGE, "--width", EDGE, "--dose", f"{dose} e/px", *DOSES[dose])
    return Scene(name, dose, recorded, pixels.Frames(np.load(recorded), folder / "frames"),
                 np.load(truth), made.result["recorded_units_per_electron"], folder)


def real(name, path, folder):
    movie = np.load(path)
    low, high = movie[:-1].astype(np.float32), movie[1:].astype(np.float32)
    noise = 0.5 * float(np.median(np.square(high - low).mean(axis=0)))
    gain = noise / float(movie.mean())  # of a detector without offset: enough to stretch noise by
    return Scene(name, None, path, pixels.Frames(movie, folder / "frames"), dct_reference(movie), gain,
                 folder)


def labels():
    """Name and dose of every movie that can be had here."""
    made = [(name, dose) for name in SIMULATED for dose in DOSES]
    return made + [(name, None) for name, path in REAL.items() if (test_data() / path).exists()]


def scene(build, folder, name, dose):
    folder.mkdir(parents=True, exist_ok=True)
    if dose is None:
        return real(name, test_data() / REAL[name], folder)
    return simulated(build, folder, name, dose)


# ---- the reference of real movies ----------------------------------------------------------------

BLOCK, STEP = 8, 4


def dct_matrix(n):
    k, x = np.arange(n)[:, None], np.arange(n)[None, :]
    matrix = np.sqrt(2 / n) * np.cos(np.pi * (2 * x + 1) * k / (2 * n))
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)


def blocks_of(movie, shift):
    """The movie cut into blocks of 8 x 8 x 8 that begin at -shift, mirrored beyond its ends."""
    pads = [(s, BLOCK + (-(extent + s)) % BLOCK) for s, extent in zip(shift, movie.shape)]
    padded = np.pad(movie, pads, mode="symmetric" if min(movie.shape) > 15 else "reflect")
    t, y, x = (extent // BLOCK for extent in padded.shape)
    padded = padded[:t * BLOCK, :y * BLOCK, :x * BLOCK]
    return padded.reshape(t, BLOCK, y, BLOCK, x, BLOCK).transpose(0, 2, 4, 1, 3, 5), padded.shape


def transform(blocks, matrix):
    """The 3-D DCT of blocks (..., 8, 8, 8), or its inverse by the transposed matrix."""
    for _ in range(3):
        blocks = np.moveaxis(blocks @ matrix.T, -1, -3)
    return blocks


def filtered(movie, shrink, guide=None):
    """Mean over shifted block grids of the movie with every block's spectrum times shrink(...)."""
    matrix, total = dct_matrix(BLOCK), np.zeros_like(movie)
    shifts = [(t, y, x) for t in (0, STEP) for y in (0, STEP) for x in (0, STEP)]
    for shift in shifts:
        blocks, shape = blocks_of(movie, shift)
        spectrum = transform(blocks, matrix)
        seen = transform(blocks_of(guide, shift)[0], matrix) if guide is not None else spectrum
        back = transform(spectrum * shrink(seen), matrix.T)
        whole = back.transpose(0, 3, 1, 4, 2, 5).reshape(shape)
        part = tuple(slice(s, s + extent) for s, extent in zip(shift, movie.shape))
        total += whole[part]
    return total / len(shifts)


def noise_spectrum(movie):
    """Standard deviation of the noise at every frequency in space, (8, 8): from the fastest changes in
    time, which are noise alone. Noise that differs from place to place is taken in the mean."""
    blocks, _ = blocks_of(movie, (0, 0, 0))
    fastest = transform(blocks, dct_matrix(BLOCK))[..., BLOCK - 3:, :, :]
    return np.median(np.abs(fastest), axis=(0, 1, 2, 3)) / 0.6745


def dct_reference(movie):
    movie = movie.astype(np.float32)
    sigma = noise_spectrum(movie)
    first = filtered(movie, lambda seen: (np.abs(seen) > 2.7 * sigma).astype(np.float32))
    return filtered(movie, lambda seen: seen**2 / (seen**2 + sigma**2), guide=first)
