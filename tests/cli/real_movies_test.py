"""Both real movies go from the recording to a report. Skipped where the sample data are absent."""

import os
import re
import sys
from html.parser import HTMLParser

from kinema_cli import SKIPPED, run, run_tests, sample

MOVIES = {"movies/ti_dislocation_17x504x660_u8.npy": (17, 504, 660),
          "movies/lptem_nanoparticle_50x384x384_u8.npy": (50, 384, 384)}
if not all(sample(name) for name in MOVIES):
    print("sample data absent: give their folder in KINEMA_TEST_DATA")
    sys.exit(SKIPPED)


def whole_road(name, shape):
    movie, ratio = sample(name), 8
    stem = os.path.basename(name)[:5]
    found = run("info", movie, "--json").json()
    assert (found["frames"], found["height"], found["width"]) == shape
    coded = run("codec", "encode", movie, "-o", f"{stem}.h5", "--ratio", ratio, "--json").json()
    assert coded["frames"] == shape[0] and coded["snapshots"] == -(-shape[0] // ratio)
    assert coded["rate"]["compression_ratio"] > 3
    run("codec", "decode", f"{stem}.h5", "-o", f"{stem}.mrc", "--iterations", 20)
    against = ("--reference", movie, "--raw", movie)
    quality = run("codec", "evaluate", f"{stem}.mrc", *against, "--json").json()
    assert quality
    run("codec", "report", f"{stem}.h5", f"{stem}.mrc", *against, "-o", f"{stem}.html")
    require_self_contained(f"{stem}.html")


EVERY_MODE = {"balanced": ("--mode", "coded"),
              "staggered": ("--mode", "coded", "--masks", "staggered"),
              "bernoulli": ("--mode", "coded", "--masks", "bernoulli"),
              "open": ("--mode", "coded", "--masks", "open"),
              "by motion": ("--mode", "coded", "--masks", "auto", "--ratio", "auto"),
              "exact": ("--mode", "coded", "--quantise", "none"),
              "auto": ("--mode", "auto", "--audit", 2),
              "lossless": ("--mode", "lossless"),
              "events": ("--mode", "events")}


def every_mode(name):
    """Through the container and back: what is exact comes back bit for bit, and every other mode
    keeps the electrons of the movie (the mean decoder shares them out over a group's frames)."""
    movie = sample(name)
    recorded = open_npy(movie)
    for mode, words in EVERY_MODE.items():
        run("codec", "encode", movie, "-o", "mode.h5", *words, "--no-input-hash", "--force")
        run("validate", "mode.h5")
        run("codec", "decode", "mode.h5", "-o", "mode.npy", "--decoder", "mean", "--force")
        decoded = open_npy("mode.npy")
        assert decoded.shape == recorded.shape, f"{mode}: {decoded.shape}"
        if mode in ("lossless", "events"):
            assert (decoded == recorded).all(), f"{mode}: not what was recorded"
        else:
            kept = decoded.mean(dtype=float) / recorded.mean(dtype=float)
            assert abs(kept - 1) < 0.01, f"{mode}: {kept:.4f} of the signal"
        if mode == "auto":
            run("codec", "evaluate", "mode.npy", "--reference", "mode.h5")


def open_npy(path):
    """Through the library that users have."""
    import numpy
    return numpy.load(path)


class Loads(HTMLParser):
    """Whatever the markup of a page refers to."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs
                       if name in ("src", "href", "srcset", "data", "poster", "action")]


def require_self_contained(path):
    """One file: whatever it loads lies within it."""
    with open(path, encoding="utf-8") as file:
        page = file.read()
    assert page.lower().startswith("<!doctype html>")
    loads = Loads()
    loads.feed(page)
    outside = [load for load in loads.found if not load.startswith(("data:", "#"))]
    assert not outside, outside
    addresses = set(re.findall(r"https?://[^\s\"'<>)]*", page))
    assert all(address.startswith("http://www.w3.org/") for address in addresses), addresses
    for call in ("XMLHttpRequest", "@import", "<iframe"):
        assert call not in page, call
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src 'none'" in policy and "connect-src" not in policy, policy


def test_a_dislocation_in_titanium():
    whole_road("movies/ti_dislocation_17x504x660_u8.npy", (17, 504, 660))


def test_a_nanoparticle_in_liquid():
    whole_road("movies/lptem_nanoparticle_50x384x384_u8.npy", (50, 384, 384))


def test_a_dislocation_through_every_mode():
    every_mode("movies/ti_dislocation_17x504x660_u8.npy")


def test_a_nanoparticle_through_every_mode():
    every_mode("movies/lptem_nanoparticle_50x384x384_u8.npy")


run_tests(globals())
