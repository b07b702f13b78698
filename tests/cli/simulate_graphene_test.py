"""simulate graphene: a movie, where its atoms are, and its optics, as one command leaves them."""

import numpy
from kinema_cli import refused, run, run_tests

SMALL = ("--atoms", 60, "--frames", 3, "--exposures", 1, "--slice", "0.4 A", "--wavelength", "15 A",
         "--relax", "springs", "--seed", 4)


def frames_of(path):
    """Frames of extended XYZ: {id or row: (x, y, z)}."""
    with open(path, encoding="ascii") as lines:
        while count := lines.readline().strip():
            has_ids = "id:I:1" in lines.readline()
            rows = [lines.readline().split() for _ in range(int(count))]
            yield {int(row[4]) if has_ids else i: tuple(map(float, row[1:4]))
                   for i, row in enumerate(rows)}


def test_movie_truth_and_optics():
    done = run("simulate", "graphene", "-o", "m.npy", "--truth", "m.extxyz", "--optics-out", "m.toml",
               "--clean", "c.npy", "--events", "edge@2", "--dose", "2300 e/A^2", *SMALL,
               "--json").json()
    movie, clean = numpy.load("m.npy"), numpy.load("c.npy")
    assert movie.shape == clean.shape == (3, done["height"], done["width"]), movie.shape
    assert movie.dtype == "uint16" and abs(movie.mean() - 2300 * 0.04) < 1.0
    assert abs(((movie - clean) ** 2 / clean).mean() - 1) < 0.1, "not the scatter of counts"
    truth = list(frames_of("m.extxyz"))
    assert [len(frame) for frame in truth] == [60, 60, 59], "the atom leaves at frame 2"
    assert set(truth[2]) < set(truth[1])
    width = 0.2 * movie.shape[2]
    assert all(0 < x < width for frame in truth for x, _, _ in frame.values())
    with open("m.toml", encoding="ascii") as file:
        optics = dict(line.strip().split(" = ") for line in file)
    assert optics["defocus"] == '"-36 A"' and optics["periodic"] == "false", optics


def test_a_seed_gives_the_same_bytes():
    for name, seed, threads in (("a", 4, 1), ("b", 4, 3), ("c", 5, 1)):
        run("simulate", "graphene", "-o", f"{name}.mrc", *SMALL[:-1], seed, "--threads", threads)
    with open("a.mrc", "rb") as a, open("b.mrc", "rb") as b, open("c.mrc", "rb") as c:
        one = a.read()[1024:]
        assert one == b.read()[1024:] and one != c.read()[1024:]


def test_what_makes_no_sense_is_refused():
    refused("simulate", "graphene", "-o", "x.npy", *SMALL, "--events", "edge@7",
            says="name frames from 1 to 2")
    refused("simulate", "graphene", "-o", "x.npy", *SMALL, "--truth", "x.npy", says="named twice")
    refused("simulate", "graphene", "-o", "x.npy", *SMALL, "--dose", "8000", says="e/A^2")


run_tests(globals())
