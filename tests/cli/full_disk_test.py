"""Where the system refuses to write, the program says so in one line, ends with 74, and leaves no
half-written file under the name that was asked for. A limit on the size of files plays the disk."""

import os
import resource
import signal

from kinema_cli import refused, run, run_tests, simulate

simulate("movie.npy", 24, 128, 128)
run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 4, "--quiet")
run("codec", "decode", "coded.h5", "-o", "decoded.npy", "--decoder", "mean", "--quiet")


def full_after(size):
    """For the child: no file grows beyond `size`; writing says so instead of killing."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def refused_by_the_disk(size, *words, out):
    refused(*words, "-o", out, code=74, says=out, preexec_fn=full_after(size))
    assert not os.path.exists(out), f"{out} was left half-written"


def test_encode():
    for size in (100, 5_000, 20_000, 30_000):
        refused_by_the_disk(size, "codec", "encode", "movie.npy", "--ratio", 4, out=f"e{size}.h5")


def test_decode():
    for ending in ("npy", "mrc", "tif"):
        for size in (100, 500_000):
            refused_by_the_disk(size, "codec", "decode", "coded.h5", "--decoder", "mean",
                                out=f"d{size}.{ending}")


def test_convert():
    for ending in ("npy", "mrc", "tif", "h5"):
        out = f"c.{ending}"
        told = refused("convert", "movie.npy", out, code=74, says=[out, "File too large"],
                       preexec_fn=full_after(100_000))
        assert len(told) < 200 and not os.path.exists(out), told


def test_simulate_masks_wrap_and_report():
    refused_by_the_disk(100_000, "simulate", "nanocrystals", "--frames", 4, "--height", 256,
                        "--width", 256, out="s.npy")
    masks = ("codec", "masks", "--height", 128, "--width", 128, "--ratio", 4)
    refused_by_the_disk(1000, *masks, out="m.npy")
    run(*masks, "-o", "masks.npy")
    refused_by_the_disk(20_000, "codec", "wrap", "movie.npy", "--masks", "masks.npy", out="w.h5")
    refused_by_the_disk(10_000, "codec", "report", "coded.h5", "decoded.npy", out="r.html")


def test_folders_that_may_not_be_written():
    if os.geteuid() == 0:  # root may write everywhere
        return
    os.makedirs("locked", exist_ok=True)
    os.chmod("locked", 0o555)
    refused_by_the_disk(resource.RLIM_INFINITY, "codec", "encode", "movie.npy", out="locked/x.h5")


run_tests(globals())
