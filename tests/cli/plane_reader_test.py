"""Steps and coded planes read with nothing of ours: what was recorded, and what kinema reads.

argv[1] is the program. Runs in an empty folder."""
import json
import pathlib
import subprocess
import sys

try:
    import h5py  # noqa: F401
    import numpy as np
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

KINEMA = sys.argv[1]
FORMATS = pathlib.Path(__file__).resolve().parents[2] / "docs/formats"
sys.path.insert(0, str(FORMATS))
import read_container  # noqa: E402
import read_plane  # noqa: E402


def kinema(*arguments):
    done = subprocess.run([KINEMA, *map(str, arguments), "--json"], check=True, capture_output=True)
    return json.loads(done.stdout)


def poisson(shape, dose, gain, offset=0.0, read_noise=0.0, dtype=np.uint8):
    """A movie (T, Y, X) of a still, uneven view with its shot noise."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:shape[1], :shape[2]]
    rate = dose * (1 + 0.6 * np.sin(x / 7) * np.cos(y / 5) + 0.3 * (x > shape[2] // 2))
    movie = gain * rng.poisson(rate, shape) + offset + read_noise * rng.standard_normal(shape)
    if np.issubdtype(dtype, np.integer):
        movie = np.clip(np.rint(movie), np.iinfo(dtype).min, np.iinfo(dtype).max)
    return movie.astype(dtype)


# Odd sizes, narrower than a neighbourhood, beyond a band (64) and a tile (128); negative values;
# nothing but zeros and a view without noise, whose steps are 0; few electrons; floats of any size.
MOVIES = {
    "u8": lambda: poisson((13, 45, 70), 20, 3),
    "u16": lambda: poisson((7, 70, 141), 300, 12.5, 100, 20, np.uint16),
    "i16": lambda: poisson((13, 30, 50), 4, 20, -150, 30, np.int16),
    "f32": lambda: poisson((11, 40, 33), 12, 1.7, -3.3, 0.7, np.float32),
    "sparse": lambda: poisson((12, 67, 50), 0.02, 1),
    "zeros": lambda: np.zeros((13, 20, 30), np.uint8),
    "still": lambda: np.repeat(poisson((1, 30, 40), 20, 4), 13, axis=0),
    "wild": lambda: poisson((11, 20, 30), 3, 1, 0, 1e3, np.float32) ** 5,
    "narrow": lambda: poisson((12, 66, 2), 20, 3),
    "pixel": lambda: poisson((7, 1, 1), 20, 3),
}
CODINGS = (("noise", "balanced", 10), ("noise/2", "bernoulli", 3), ("12.5", "balanced", 7),
           ("noise", "staggered", 3), ("12.5", "staggered", 2))


def group_agrees(container, g, movie, step):
    """Lossless frames are the recorded ones; sums are exact or within the step of a number."""
    group = container.groups[g]
    first, count, s = (int(group[name]) for name in ("first", "frames", "snapshot"))
    frames = movie[first:first + count]
    if container.lossless(g):
        for b in range(count):
            assert np.array_equal(container.snapshot(s + b), frames[b]), f"frame {first + b}"
        return
    wide = np.float32 if movie.dtype == np.float32 else np.int64
    for k, exposure in enumerate(container.exposures(g)):
        found = container.snapshot(s + k)
        sums = sum(frame.astype(wide) * mask for frame, mask in zip(frames, exposure))
        if group["step"] == 0:
            assert np.array_equal(found, sums), f"group {g}"
        elif step:
            n = container.open_frames(s + k)
            scale = n / max(1, (n.min() + n.max()) / 2)
            room = step / 2 * scale + 1e-6 * np.abs(sums)
            assert np.all(np.abs(found - sums) <= room), f"group {g}"


def planes_agree(movie_path, movie, codings, *options):
    """Every group of schema 2 is what was recorded, and what kinema itself reads."""
    for quantise, kind, ratio in codings:
        kinema("codec", "encode", movie_path, "-o", "plane.h5", "--ratio", ratio, "--masks", kind,
               "--quantise", quantise, *options, "--force")
        kinema("codec", "decode", "plane.h5", "-o", "ours.npy", "--decoder", "mean", "--force")
        with read_container.Container("plane.h5") as container:
            step = float(quantise) if quantise[0].isdigit() else None
            groups = range(len(container.groups))
            for g in groups:
                group_agrees(container, g, movie, step)
            means = np.concatenate([container.mean_frames(g) for g in groups])
            for i, frame in enumerate(container.audited):
                assert np.array_equal(container.audited_frame(i), movie[frame]), f"frame {frame}"
        assert np.allclose(means, np.load("ours.npy"), rtol=1e-6, atol=0), (movie_path, quantise)


def a_damaged_plane_is_found(path):
    with read_container.Container(path) as container:
        assert container.schema == 2
        stored, size = container.stored(0), container.snapshots.shape[1:]
    for damaged in (stored[:-1], stored[:len(stored) // 2], stored + b"?", b"\3" + stored[1:]):
        try:
            read_plane.decode_plane(damaged, *size)
        except read_container.DamagedFile:
            continue
        raise AssertionError("a damaged plane went unseen")


for number, (name, movie_of) in enumerate(MOVIES.items()):
    movie = movie_of()
    np.save(f"{name}.npy", movie)
    codings = [CODINGS[0], CODINGS[1 + number % 2]]
    planes_agree(f"{name}.npy", movie, codings, "--mode", "coded", "--no-keep-breaks",
                 "--audit", 2)
for name in ("sparse", "still"):  # kept frame by frame, and sums whose step is 0
    planes_agree(f"{name}.npy", np.load(f"{name}.npy"), [("none", "bernoulli", 3)])
for name, dose in (("few", 0.003), ("rare", 0.05), ("dense", 0.2)):  # events
    movie = poisson((3, 150, 77), dose, 1)
    np.save(f"{name}.npy", movie)
    planes_agree(f"{name}.npy", movie, CODINGS[:1], "--mode", "lossless")
    with read_container.Container("plane.h5") as container:
        assert all(container.stored(s)[0] == 2 for s in range(3)), name
    a_damaged_plane_is_found("plane.h5")
kinema("codec", "encode", "u8.npy", "-o", "u8.h5")
a_damaged_plane_is_found("u8.h5")
said = subprocess.run([sys.executable, FORMATS / "read_container.py", "u8.h5"], check=True,
                      capture_output=True, text=True).stdout
assert "of the dose" in said and "all hashes match" in said, said
print("the plain reader agrees with the coder of planes")
