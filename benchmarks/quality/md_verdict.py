#!/usr/bin/env python3
"""What the verdict of molecular dynamics can tell of atoms, and what it cannot.

    benchmarks/quality/md_verdict.py --build build/release [--truth FILE] [--md-time "1 ps"]

Takes a trajectory that is true, spoils it in known ways, judges all of them by `kinema atoms
validate`, and prints a table: frames found sound, medians, and for each figure the area under the
curve of hits over false alarms (ROC) by which it tells the spoilt frames from the true ones: 1 is
certain, 0.5 is a guess.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np

TRUTH = pathlib.Path(__file__).resolve().parents[2] / "../shared/data/graphene/flake12_truth.extxyz"
FIGURES = ("released_ev", "local_rms_a", "local_max_a", "move_max_a", "move_z_rms_a", "md_broken")


def read_frames(path):
    """Positions (N, 3) of every frame; all atoms are carbon."""
    frames = []
    with open(path, encoding="ascii") as lines:
        while count := lines.readline().strip():
            lines.readline()
            rows = [lines.readline().split()[1:4] for _ in range(int(count))]
            frames.append(np.array(rows, dtype=float))
    return frames


def write_frames(path, frames):
    with open(path, "w", encoding="ascii") as file:
        for t, frame in enumerate(frames):
            file.write(f"{len(frame)}\nProperties=species:S:1:pos:R:3 frame={t}\n")
            file.writelines(f"C {x:.4f} {y:.4f} {z:.4f}\n" for x, y, z in frame)


def noisy(frames, rng, in_plane, height):
    scale = np.array([in_plane, in_plane, height])
    return [frame + scale * rng.normal(size=frame.shape) for frame in frames]


def cloud(frames, rng):
    """As many atoms in the same box, thrown in at random."""
    return [rng.uniform(frame.min(0), frame.max(0), frame.shape) for frame in frames]


def variants(frames):
    rng = np.random.default_rng(1)
    yield "truth", frames
    yield "mirrored, z to -z", [frame * [1, 1, -1] for frame in frames]
    yield "flat, z = 0", [frame * [1, 1, 0] for frame in frames]
    for height in (0.1, 0.2, 0.45):
        yield f"{height} A noise in z", noisy(frames, rng, 0.0, height)
    yield "0.08 A in x, y, 0.45 A in z", noisy(frames, rng, 0.08, 0.45)
    yield "random cloud", cloud(frames, rng)


def judge(kinema, path, force_field, md_time):
    out = path.with_suffix(".json")
    subprocess.run([kinema, "atoms", "validate", path, "-o", out, "--force-field", force_field,
                    "--md-time", md_time, "--force", "--quiet"], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    return json.loads(out.read_text(encoding="utf-8"))["frames"]


def area(good, bad):
    """Of pairs of a spoilt and a true frame, the share in which the spoilt one has more."""
    good, bad = np.asarray(good)[None, :], np.asarray(bad)[:, None]
    return float(np.mean((bad > good) + 0.5 * (bad == good)))


def values(frames, figure):
    """A frame that could not be judged to the end is the worst of all."""
    return [frame[figure] if frame["verdict"] != "failed" and figure in frame else np.inf
            for frame in frames]


def table(judged):
    truth = judged["truth"]
    yield "| frames | sound | eV/atom | local rms, A | " + " | ".join(f"ROC {f}" for f in FIGURES) + " |"
    yield "|---|" + "---|" * (3 + len(FIGURES))
    for name, frames in judged.items():
        sound = sum(frame["verdict"] == "sound" for frame in frames)
        row = [name, f"{sound}/{len(frames)}"]
        row += [f"{np.median(values(frames, figure)):.3f}" for figure in FIGURES[:2]]
        row += ["" if name == "truth" else f"{area(values(truth, f), values(frames, f)):.2f}"
                for f in FIGURES]
        yield "| " + " | ".join(row) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--truth", default=TRUTH)
    parser.add_argument("--md-time", default="1 ps")
    parser.add_argument("--force-fields", default="tersoff,airebo")
    options = parser.parse_args()
    frames = read_frames(options.truth)
    with tempfile.TemporaryDirectory() as folder:
        for force_field in options.force_fields.split(","):
            judged = {}
            for i, (name, spoilt) in enumerate(variants(frames)):
                path = pathlib.Path(folder, f"{i}.extxyz")
                write_frames(path, spoilt)
                judged[name] = judge(f"{options.build}/kinema", path, force_field, options.md_time)
            print(f"\n{force_field}, {options.md_time}, {len(frames)} frames of {len(frames[0])} atoms\n")
            print("\n".join(table(judged)), flush=True)


if __name__ == "__main__":
    main()
