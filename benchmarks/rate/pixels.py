"""Movies as arrays, as other programs take them, and how good they are.

`Frames` is a movie (T, Y, X) in some unit beside what the coders read: its grey levels are stretched
over the whole range of 8, 10 or 16 bits, so that no coder loses to rounding at low dose, and
`restored` undoes the stretch."""
import functools
import pathlib

import numpy as np
from scipy.ndimage import correlate1d

# SSIM is costly: it is taken of every so many frames, out of step with every group length in use.
SSIM_EVERY = 7


class Frames:
    def __init__(self, movie, folder):
        self.movie, self.folder = movie, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.shape = movie.shape
        self.low = float(movie.min())
        self.range = float(movie.max()) - self.low or 1.0

    def stretched(self, bits):
        top = 2**bits - 1
        return np.rint((self.movie - self.low) * (top / self.range))

    def restored(self, levels, bits):
        return levels.astype(np.float32) * (self.range / (2**bits - 1)) + self.low

    def _once(self, name, write):
        path = self.folder / name
        if not path.exists():
            write(path)
        return path

    def yuv(self):
        """Raw 10-bit 4:2:0 video, its colour constant: what every video encoder takes."""
        def write(path):
            with open(path, "wb") as out:
                colour = np.full(self.shape[1] * self.shape[2] // 2, 512, "<u2").tobytes()
                for frame in self.stretched(10).astype("<u2"):
                    out.write(frame.tobytes() + colour)
        return self._once("frames.yuv", write)

    def tall(self, bits):
        """One tall picture of all frames (PGM): still coders pay for one header only."""
        def write(path):
            _, height, width = self.shape
            header = f"P5\n{width} {self.shape[0] * height}\n{2**bits - 1}\n".encode()
            path.write_bytes(header + self.stretched(bits).astype("u1" if bits == 8 else ">u2").tobytes())
        return self._once(f"tall{bits}.pgm", write)

    def raw16(self):
        """Frame after frame of 16 bits, for coders of single frames."""
        return self._once("frames.gray16", lambda path: path.write_bytes(
            self.stretched(16).astype("<u2").tobytes()))

    def npy(self):
        return self._once("frames.npy", lambda path: np.save(path, self.movie))


def read_pgm(data):
    """The pixels of a binary PGM, and its largest value."""
    words, at = [], 0
    while len(words) < 4:
        end = at
        while data[end] not in b" \n\t\r":
            end += 1
        words.append(data[at:end])
        at = end + 1
    width, height, top = (int(word) for word in words[1:])
    kind = ">u2" if top > 255 else "u1"
    return np.frombuffer(data, kind, offset=at, count=width * height).reshape(height, width), top


def psnr(movie, reference, peak):
    """Of each frame, then the mean, in dB; infinite where nothing differs."""
    errors = [float(np.mean(np.square(a - b), dtype=np.float64)) for a, b in zip(movie, reference)]
    if min(errors) == 0.0:
        return float("inf")
    return float(np.mean([10 * np.log10(peak * peak / error) for error in errors]))


@functools.lru_cache(maxsize=1)
def _window():
    x = np.arange(-5, 6)
    weights = np.exp(-x * x / (2 * 1.5**2))
    return weights / weights.sum()


def _smooth(image):
    return correlate1d(correlate1d(image, _window(), axis=0), _window(), axis=1)


def ssim(movie, reference, peak):
    """As `kinema codec evaluate` has it: 11 x 11 Gaussian, sigma 1.5, without the border."""
    c1, c2 = (0.01 * peak)**2, (0.03 * peak)**2
    values = []
    for a, b in zip(movie, reference):
        a, b = a.astype(np.float64), b.astype(np.float64)
        ma, mb = _smooth(a), _smooth(b)
        va, vb, ab = _smooth(a * a) - ma * ma, _smooth(b * b) - mb * mb, _smooth(a * b) - ma * mb
        score = (2 * ma * mb + c1) * (2 * ab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))
        values.append(score[5:-5, 5:-5].mean())
    return float(np.mean(values))
