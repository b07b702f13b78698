"""atoms validate: verdicts frame by frame, what cannot be judged named, and going on after an end."""

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time

from kinema_cli import kinema, refused, run, run_tests

if run("doctor", "--json").json()["lammps"] is None:
    print("LAMMPS was not built in")
    sys.exit(77)

BOND = 1.43
WIDTH = math.sqrt(3) * BOND


def flake(height=0.4, columns=9, rows=5):
    for y in range(rows):
        for x in range(columns):
            left, top = x * WIDTH, y * 3 * BOND
            for px, py in ((0, 0), (0, 1), (0.5, 1.5), (0.5, 2.5)):
                place = left + px * WIDTH
                yield ["C", place, top + py * BOND, height * math.sin(0.3 * place)]


def write(path, frames):
    with open(path, "w", encoding="ascii") as file:
        for t, atoms in enumerate(frames):
            file.write(f"{len(atoms)}\nProperties=species:S:1:pos:R:3 frame={10 + t}\n")
            file.writelines(f"{s} {x:.6f} {y:.6f} {z:.6f}\n" for s, x, y, z in atoms)


good = list(flake())
torn = [[s, x, y, z + (1.2 if i % 9 == 0 else 0)] for i, (s, x, y, z) in enumerate(good)]
gold = [["Au", *good[0][1:]], *good[1:]]
write("mixed.extxyz", [good, torn, gold, good])


def test_every_frame_has_its_verdict_and_none_is_fatal():
    done = run("atoms", "validate", "mixed.extxyz", "-o", "mixed.csv", "--md-time", "30 fs",
               "--json", code=2)
    summary = done.json()["summary"]
    assert (summary["sound"], summary["unsound"], summary["failed"]) == (2, 1, 1), summary
    assert "frame 12: failed" in done.err and "not Au" in done.err, done.err
    with open("mixed.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["frame"] for row in rows] == ["10", "11", "12", "13"]
    assert [row["verdict"] for row in rows] == ["sound", "unsound", "failed", "sound"]
    assert "eV per atom" in rows[1]["reasons"]
    assert float(rows[0]["md_temperature_k"]) > 0 and rows[0]["md_broken"] == "0"
    with open("mixed.csv.json", encoding="utf-8") as file:
        assert json.load(file)["provenance"]["options"]["force_field"] == "tersoff"


def test_some_frames_without_dynamics_as_json():
    run("atoms", "validate", "mixed.extxyz", "-o", "some.json", "--frames", "1:2", "--md-time", "0 ps",
        "--force-field", "airebo")
    with open("some.json", encoding="utf-8") as file:
        found = json.load(file)
    assert len(found["frames"]) == 1 and found["frames"][0]["frame"] == 11
    assert "md_broken" not in found["frames"][0]


def test_a_file_that_breaks_off_is_told_and_what_was_whole_is_judged():
    write("whole.extxyz", [good, good])
    with open("whole.extxyz", encoding="ascii") as file:
        text = file.read()
    with open("broken.extxyz", "w", encoding="ascii") as file:
        file.write(text[:-200])
    done = run("atoms", "validate", "broken.extxyz", "-o", "broken.csv", "--md-time", "0 ps", code=2)
    assert "1 frames: 1 sound" in done.out and "broken.extxyz: line" in done.err, done.out + done.err


def test_an_interrupted_run_goes_on():
    write("long.extxyz", [good] * 40)
    words = ["atoms", "validate", "long.extxyz", "-o", "long.json", "--md-time", "0.1 ps"]
    with subprocess.Popen([kinema, *words], stderr=subprocess.DEVNULL) as job:
        while job.poll() is None:
            if os.path.exists("long.json.partial"):
                with open("long.json.partial", encoding="utf-8") as file:
                    if len(file.readlines()) > 4:
                        break
            time.sleep(0.02)
        job.send_signal(signal.SIGINT)
        assert job.wait(60) == 130
    with open("long.json.partial", "r+", encoding="utf-8") as file:
        lines = file.readlines()
        file.write('{"frame": 17, "ato')  # torn by a crash
    kept = len(lines) - 1
    assert 4 <= kept < 40, kept
    refused(*words, "--resume", "--seed", 5, says=["other options", "--resume"])
    run(*words, "--resume")
    with open("long.json", encoding="utf-8") as file:
        found = json.load(file)
    assert [frame["frame"] for frame in found["frames"]] == list(range(10, 50))
    assert not os.path.exists("long.json.partial")
    run("atoms", "validate", "long.extxyz", "-o", "again.json", "--md-time", "0.1 ps", "--frames", "0:8",
        "--threads", 1)
    with open("again.json", encoding="utf-8") as file:
        again = json.load(file)["frames"]
    assert again == found["frames"][:8], "the threads or the interruption changed a verdict"


def test_what_cannot_be_done_is_refused():
    refused("atoms", "validate", "mixed.extxyz", "-o", "x.txt", says=".csv or .json")
    refused("atoms", "validate", "mixed.extxyz", "-o", "x.csv", "--frames", "9:", says="no frame")
    refused("atoms", "validate", "mixed.extxyz", "-o", "x.csv", "--md-time", "5", says="ps, fs")
    refused("atoms", "validate", "mixed.extxyz", "-o", "x.csv", says="lammps-data",
            env={"LAMMPS_POTENTIALS": "/nowhere"})
    assert not [name for name in os.listdir() if name.startswith("x.")]


run_tests(globals())
