"""The container read with nothing of ours: exact sums, masks and hashes by the plain reader.

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
READER = pathlib.Path(__file__).resolve().parents[2] / "docs/formats/read_container.py"
sys.path.insert(0, str(READER.parent))
import read_container  # noqa: E402

EXACT = ("--quantise", "none")  # schema 1


def kinema(*arguments):
    done = subprocess.run([KINEMA, *map(str, arguments), "--json"], check=True, capture_output=True)
    return json.loads(done.stdout)


def staggered_sums(movie, container):
    """Each pixel's sums between its cuts, which lie where its masks begin to be open."""
    sums, wide = [], np.float32 if movie.dtype == np.float32 else np.int64
    for g, group in enumerate(container.groups):
        phase, ratio = container.masks_of(g).argmax(axis=0), len(container.masks_of(g))
        bucket = np.zeros(movie.shape[1:], int)
        part = np.zeros((int(group["buckets"]), *movie.shape[1:]), wide)
        for t in range(int(group["frames"])):
            cut = (t + ratio // 2) // ratio
            if 0 < cut < len(part):
                bucket = np.where((t + ratio // 2) % ratio >= phase, cut, cut - 1)
            for k in range(len(part)):
                part[k] += movie[int(group["first"]) + t] * (bucket == k)
        sums += list(part)
    return sums


def sums_of(movie, masks):
    """What the encoder must have stored: sum_b m_b x_b for each group, the last one short."""
    ratio = len(masks)
    groups = [movie[first:first + ratio] for first in range(0, len(movie), ratio)]
    wide = np.float32 if movie.dtype == np.float32 else np.int64
    return [sum((frame.astype(wide) * mask for frame, mask in zip(group, masks)),
                np.zeros(movie.shape[1:], wide)) for group in groups]


def check(path, movie, kind, seed):
    with read_container.Container(path) as container:
        masks = container.masks()
        expected = (staggered_sums(movie, container) if kind == "staggered"
                    else sums_of(movie, masks))
        assert container.complete and container.frames == len(movie), path
        assert len(container) == len(expected), path
        for s, sums in enumerate(expected):
            assert np.array_equal(container.snapshot(s), sums), f"{path}: snapshot {s}"
        attributes = container.mask_attributes
        assert read_container.text(attributes["kind"]) == kind
        assert int(attributes["seed"]) == seed
        if kind == "balanced":
            opened = masks.sum(axis=0)
            assert opened.min() >= len(masks) // 2 and opened.max() <= (len(masks) + 1) // 2
        return masks


def encode_every_kind(movie_path, movie, name):
    for kind in ("balanced", "bernoulli", "open", "staggered"):
        for ratio in (7, 10):
            seed = 5_000_000_000 + ratio  # more than 32 bits
            out = f"{name}_{kind}_{ratio}.h5"
            kinema("codec", "encode", movie_path, "-o", out, "--ratio", ratio, "--masks", kind,
                   "--seed", seed, *EXACT)
            check(out, movie, kind, seed)


def groups_that_choose(kind):
    """Each group has masks of its own number of frames: few where the scene moves."""
    y, x = np.mgrid[:48, :64]
    still = np.exp(-((x - 20) ** 2 + (y - 24) ** 2) / 50)
    scene = [np.roll(still, max(0, t - 40), axis=1) for t in range(70)]
    movie = np.random.default_rng(4).poisson(40 * np.array(scene) + 5).astype(np.uint8)
    np.save("moves.npy", movie)
    kinema("codec", "encode", "moves.npy", "-o", "moves.h5", "--ratio", "auto", "--masks", kind,
           "--force", *EXACT)
    with read_container.Container("moves.h5") as container:
        ratios = container.groups["ratio"]
        assert ratios[0] == 32 and ratios.min() == 4, ratios
        for g, group in enumerate(container.groups):
            frames = movie[int(group["first"]):int(group["first"] + group["frames"])]
            for k, exposure in enumerate(container.exposures(g)):
                sums = (frames.astype(np.int64) * exposure).sum(axis=0)
                found = container.snapshot(int(group["snapshot"]) + k)
                assert np.array_equal(found, sums), f"{kind}: group {g}"
    mean_decoder_agrees("moves.h5")


def masks_of_more_than_128_frames(movie_path, movie):
    """Beyond one Philox block of bits."""
    kinema("codec", "encode", movie_path, "-o", "long.h5", "--ratio", 150, "--masks", "bernoulli",
           *EXACT)
    check("long.h5", movie, "bernoulli", 0)


def wrap(movie, name):
    rng = np.random.default_rng(1)
    masks = (rng.random((5, *movie.shape[1:])) < 0.4).astype(np.uint8)
    sums = np.stack(sums_of(movie, masks))
    sums = sums.astype(np.float32 if movie.dtype == np.float32 else np.uint16)
    np.save("masks.npy", masks)
    np.save("sums.npy", sums)
    kinema("codec", "wrap", "sums.npy", "--masks", "masks.npy", "--frames", len(movie), "-o",
           f"{name}_given.h5")
    assert np.array_equal(check(f"{name}_given.h5", movie, "given", 0), masks)


def mean_decoder_agrees(container):
    """The reader's mean is what `decode --decoder mean` gives."""
    subprocess.run([sys.executable, READER, container, "--mean", "plain.npy"], check=True,
                   stdout=subprocess.DEVNULL)
    kinema("codec", "decode", container, "-o", "ours.npy", "--decoder", "mean", "--force")
    assert np.allclose(np.load("plain.npy"), np.load("ours.npy"), rtol=1e-6)


def a_flipped_byte_is_found(path):
    with read_container.Container(path) as container:
        chunk = container.snapshots.id.get_chunk_info_by_coord((1, 0, 0))
        place, size = chunk.byte_offset, chunk.size
    data = bytearray(pathlib.Path(path).read_bytes())
    data[place + size // 2] ^= 1
    pathlib.Path("damaged.h5").write_bytes(data)
    with read_container.Container("damaged.h5") as container:
        container.snapshot(0)
        try:
            container.snapshot(1)
        except read_container.DamagedFile as error:
            assert "snapshot 1" in str(error)
        else:
            raise AssertionError("a flipped byte went unseen")
    done = subprocess.run([sys.executable, READER, "damaged.h5"], capture_output=True, text=True)
    assert done.returncode == 1 and "snapshot 1 is damaged" in done.stderr


for dtype in ("u8", "u16", "f32"):
    path = f"{dtype}.npy"
    kinema("simulate", "nanocrystals", "-o", path, "--frames", 23, "--height", 45, "--width", 70,
           "--dtype", dtype)
    recorded = np.load(path)
    encode_every_kind(path, recorded, dtype)
    wrap(recorded, dtype)
    a_flipped_byte_is_found(f"{dtype}_balanced_10.h5")
mean_decoder_agrees("u8_balanced_7.h5")
mean_decoder_agrees("u8_staggered_7.h5")
for kind in ("balanced", "staggered"):
    groups_that_choose(kind)
many = np.random.default_rng(2).integers(0, 255, (160, 9, 11), dtype=np.uint8)
np.save("many.npy", many)
masks_of_more_than_128_frames("many.npy", many)
print("the plain reader agrees with the encoder")
