"""kinema atoms reconstruct: a small simulated movie of graphene from its counts to its atoms.

    atoms_reconstruct_test.py KINEMA
"""

import csv
import json
import pathlib
import subprocess
import sys

KINEMA = sys.argv[1]


def run(*words, code=0):
    done = subprocess.run([KINEMA, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == code, (words, done.returncode, done.stderr, done.stdout)
    return done


def main():
    run("simulate", "graphene", "-o", "movie.npy", "--truth", "truth.extxyz", "--optics-out", "optics.toml",
        "--frames", 6, "--atoms", 220, "--relax", "springs", "--exposures", 1, "--ripple", "0.6 A",
        "--wavelength", "22 A", "--seed", 5)
    found = json.loads(run("atoms", "reconstruct", "movie.npy", "--optics", "optics.toml", "--dose", "8000 e/A^2",
                           "--pixel-size", "0.2 A", "--md-time", "0 ps", "--calibration-rounds", 2, "--no-movie", "-o", "out", "--json").stdout)
    assert found["frames"] == 6 and found["joint"], found
    assert not found["failed_frames"], found
    assert 0.97 < found["chi_squared"] < 1.03, found

    scores = json.loads(run("atoms", "evaluate", "out/trajectory.extxyz", "--truth", "truth.extxyz", "--json").stdout)
    text = json.dumps(scores)
    assert scores["lost"] == 0 and scores["spurious"] == 0, text
    everywhere = scores["rmsd_angstrom"]["all"]
    assert everywhere["x"] < 0.04 and everywhere["y"] < 0.04 and everywhere["z"] < 0.33, text

    folder = pathlib.Path("out")
    rows = list(csv.DictReader(open(folder / "frames.csv", newline="")))
    assert [int(row["frame"]) for row in rows] == list(range(6))
    optics = json.loads((folder / "optics.json").read_text())
    assert abs(optics["c10"]["value"] - 36) < 5 and optics["c12_cos"]["sigma"] > 0, optics
    page = (folder / "report.html").read_text()
    assert "simulated from the atoms" in page and "<script src" not in page
    head = (folder / "trajectory.extxyz").read_text().splitlines()[1]
    assert "sigma:R:3" in head and "sign_probability" in head and "strain" in head, head
    assert (folder / "trajectory.dump").read_text().startswith("ITEM: TIMESTEP")

    refused = run("atoms", "reconstruct", "movie.npy", "--optics", "optics.toml", "-o", "out", "--pixel-size", "0.2 A", code=2)
    assert "--force" in refused.stderr, refused.stderr
    pathlib.Path("bare.npy").write_bytes(pathlib.Path("movie.npy").read_bytes())
    refused = run("atoms", "reconstruct", "bare.npy", "--optics", "optics.toml", "-o", "new", code=2)
    assert "pixel" in refused.stderr and len(refused.stderr.splitlines()) == 1, refused.stderr
    pathlib.Path("blind.toml").write_text('voltage = "80 kV"\ndefocus = "-36 A"\n')
    refused = run("atoms", "reconstruct", "movie.npy", "--optics", "blind.toml", "-o", "new", "--pixel-size", "0.2 A", code=2)
    assert "focal spread" in refused.stderr and "blind.toml" in refused.stderr, refused.stderr
    refused = run("atoms", "reconstruct", "movie.npy", "-o", "new", "--pixel-size", "0.2 A", code=2)
    assert "--optics" in refused.stderr, refused.stderr
    assert not pathlib.Path("new").exists()


main()
