"""The same seed gives the same bytes, whatever the number of threads."""

import os

from kinema_cli import bytes_of, run, run_tests, simulate

simulate("movie.npy", 12, 150, 130)


def on_threads(count, *words, out):
    run(*words, "--threads", count, "--force", "--quiet", "-o", out)
    return bytes_of(out)


def contents(path):
    """What a container holds, without when and how it was made."""
    import h5py  # pylint: disable=import-outside-toplevel
    with h5py.File(path) as file:
        entry = file["entry"]
        chunks = [entry["measurement/snapshots"].id.read_direct_chunk((s, 0, 0))[1]
                  for s in range(len(entry["hashes"]))]
        return (chunks, entry["hashes"][:].tobytes(), entry["groups"][:].tolist(),
                sorted((k, str(v)) for k, v in entry["masks"].attrs.items()),
                sorted((k, str(v)) for k, v in entry["noise"].attrs.items()))


def test_simulate():
    for kind in ("nanocrystals", "fibres", "particles"):
        words = ("simulate", kind, "--frames", 5, "--height", 70, "--width", 90, "--seed", 3)
        one = on_threads(1, *words, out="sim1.npy")
        assert one == on_threads(2, *words, out="sim2.npy")
        assert one != on_threads(2, *words[:-1], 4, out="sim3.npy")


def test_masks():
    for kind in ("balanced", "bernoulli", "staggered"):
        words = ("codec", "masks", "--height", 130, "--width", 77, "--ratio", 9, "--kind", kind)
        assert on_threads(1, *words, out="m1.npy") == on_threads(2, *words, out="m2.npy")


def test_encode():
    for kind, ratio in (("balanced", 5), ("staggered", 5), ("balanced", "auto")):
        words = ("codec", "encode", "movie.npy", "--ratio", ratio, "--masks", kind)
        on_threads(1, *words, out="one.h5")
        on_threads(2, *words, out="two.h5")
        try:
            assert contents("one.h5") == contents("two.h5")
        except ImportError:
            print("h5py is absent: containers are compared by what is decoded from them")
        assert (on_threads(1, "codec", "decode", "one.h5", "--decoder", "mean", out="mean1.npy")
                == on_threads(2, "codec", "decode", "two.h5", "--decoder", "mean", out="mean2.npy"))


def test_decode():
    run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 5, "--force", "--quiet")
    words = ("codec", "decode", "coded.h5", "--iterations", 8, "--tile", 64, "--overlap", 16)
    one = on_threads(1, *words, out="d1.npy")
    for threads in (2, 5):
        assert one == on_threads(threads, *words, out=f"d{threads}.npy")
    # Nor does the memory that it may use, which says how many groups are decoded at once.
    assert one == on_threads(2, *words, "--memory", "600 kB", out="little.npy")


def test_instruction_sets_agree_on_the_measurement():
    chunks = []
    for simd in ("scalar", "avx2", "avx512"):
        os.environ["KINEMA_SIMD"] = simd  # one that this machine lacks is passed over
        run("codec", "encode", "movie.npy", "-o", f"{simd}.h5", "--ratio", 5)
        os.environ.pop("KINEMA_SIMD")
        run("codec", "decode", f"{simd}.h5", "-o", f"{simd}.npy", "--decoder", "mean", "--threads", 1)
        chunks.append(bytes_of(f"{simd}.npy"))
    assert chunks[0] == chunks[1] == chunks[2]


run_tests(globals())
