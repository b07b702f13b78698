"""atoms evaluate, track and analyse: files of atoms whose figures are known."""

import math
import os

from kinema_cli import refused, run, run_tests

FRAMES = 6


def flake(t):
    """A honeycomb of 5 x 5 cells that drifts by 0.2 angstrom a frame, heights of a slow wave."""
    return [(4.26 * i + x + 0.2 * t, 2.46 * j + y, 0.5 * math.sin(0.5 * j + 0.3 * t))
            for i in range(5) for j in range(5)
            for x, y in ((0, 0), (1.42, 0), (2.13, 1.23), (3.55, 1.23))]


def write(path, frames, dx=0.0, piston=0.0, sigma=None):
    """Extended XYZ of frames of atoms, shifted."""
    columns = "species:S:1:pos:R:3" + (":sigma:R:3" if sigma else "")
    with open(path, "w", encoding="ascii") as file:
        for t, atoms in frames:
            file.write(f"{len(atoms)}\nProperties={columns} frame={t}\n")
            for x, y, z in atoms:
                tail = f" {sigma} {sigma} {sigma}" if sigma else ""
                file.write(f"C {x + dx:.6f} {y:.6f} {z + piston:.6f}{tail}\n")


write("truth.extxyz", [(t, flake(t)) for t in range(FRAMES)])


def test_a_shift_and_a_piston_are_measured():
    write("result.extxyz", [(t, flake(t)) for t in range(FRAMES)], dx=0.1, piston=3.0, sigma=0.1)
    done = run("atoms", "evaluate", "result.extxyz", "--truth", "truth.extxyz", "--json").json()
    assert done["lost"] == done["spurious"] == done["swapped"] == 0, done
    rmsd = done["rmsd_angstrom"]["all"]
    assert abs(rmsd["x"] - 0.1) < 1e-5 and rmsd["y"] < 1e-5 and rmsd["z"] < 1e-5, rmsd
    assert done["sigma"]["z"]["coverage_95"] == 1.0, done
    text = run("atoms", "evaluate", "result.extxyz", "--truth", "truth.extxyz", "--per-frame").out
    assert "600 found, 0 lost, 0 spurious" in text, text


def test_frames_are_paired_by_their_numbers():
    write("part.extxyz", [(t, flake(t)[1:]) for t in (4, 5)])
    done = run("atoms", "evaluate", "part.extxyz", "--truth", "truth.extxyz", "--json").json()
    assert done["frames"] == 2 and done["lost"] == 2 and done["matched"] == 198, done
    write("beyond.extxyz", [(9, flake(9))])
    refused("atoms", "evaluate", "beyond.extxyz", "--truth", "truth.extxyz", says="frame 9 has no truth")
    refused("atoms", "evaluate", "part.extxyz", says="--truth")


def test_names_last_although_the_order_changes():
    write("mixed.extxyz", [(t, flake(t)[::-1 if t % 2 else 1]) for t in range(FRAMES)])
    done = run("atoms", "track", "mixed.extxyz", "-o", "tracked.extxyz", "--json").json()
    assert done["atoms"] == 100 and done["events"] == [] and done["gaps"] == 0, done
    assert abs(done["drift_angstrom"][0] - 0.2 * (FRAMES - 1)) < 1e-3, done
    judged = run("atoms", "evaluate", "tracked.extxyz", "--truth", "truth.extxyz", "--json").json()
    assert judged["swapped"] == judged["lost"] == 0, judged


def test_a_lost_atom_is_named():
    write("knocked.extxyz", [(t, [a for i, a in enumerate(flake(t)) if i != 49 or t < 3])
                             for t in range(FRAMES)])
    done = run("atoms", "track", "knocked.extxyz", "-o", "known.extxyz", "--json").json()
    assert [e["event"] for e in done["events"]] == ["atom lost", "vacancy formed"], done
    assert all(e["frame"] == 3 and e["atoms"] == [49] for e in done["events"]), done
    refused("atoms", "track", "knocked.extxyz", "-o", "none.extxyz", "--persistence", 0, says="at least 1")


def test_an_analysis_is_tables_figures_and_a_page():
    done = run("atoms", "analyse", "truth.extxyz", "-o", "analysis", "--json").json()
    assert done["frames"] == FRAMES and done["atoms"] == 100, done
    # z = 0.5 sin(0.5 j + 0.3 t) over rows j that follow each other along y: it runs against y.
    wave = done["waves"][0]
    assert abs(wave["direction_degrees"] + 90) < 10 and wave["share_of_variance"] > 0.5, wave
    names = sorted(os.listdir("analysis"))
    assert names == ["analysis.html", "atoms.csv", "correlation.csv", "frames.csv", "heights.csv",
                     "heights.png", "spectrum.csv", "spectrum.png", "summary.json"], names
    with open("analysis/atoms.csv", encoding="ascii") as file:
        rows = file.read().splitlines()
    assert len(rows) == 1 + 100 * FRAMES and len(rows[0].split(",")) == len(rows[1].split(",")), rows[:2]
    refused("atoms", "analyse", "truth.extxyz", "-o", "analysis", says="--force")
    refused("atoms", "analyse", "truth.extxyz", "-o", "other", "--bin", "0 A", says="bin")


run_tests(globals())
