"""Results go to standard output and nothing else does; progress has the look that was asked for."""

import json
import os

from kinema_cli import refused, run, run_tests, simulate

simulate("movie.npy", 12, 64, 64, "--truth", "clean.npy")
run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 4, "--quiet")
run("codec", "decode", "coded.h5", "-o", "decoded.npy", "--quiet")
run("codec", "masks", "-o", "masks.npy", "--height", 64, "--width", 64, "--ratio", 4)

with open("ball.pdb", "w", encoding="ascii") as pdb:
    for i in range(40):
        x, y, z = 9 * ((i % 4) - 1.5), 7 * ((i // 4) % 4 - 1.5), 8 * (i // 16 - 1)
        pdb.write(f"ATOM  {i + 1:5d}  CA  ALA A{i + 1:4d}    {x:8.3f}{y:8.3f}{z:8.3f}  1.00 20.00"
                  "           C\n")
    pdb.write("END\n")
run("simulate", "graphene", "-o", "flake.npy", "--truth", "flake.extxyz", "--optics-out", "optics.toml",
    "--frames", 2, "--atoms", 90, "--relax", "springs", "--exposures", 1)
run("simulate", "molecule", "ball.pdb", "-o", "ball.star", "--truth", "ball_truth", "--frames", 40,
    "--size", 16, "--pixel", "4 A", "--motion", "still")
run("dynamics", "reconstruct", "ball.star", "-o", "volumes", "--model", "homogeneous",
    "--no-movie", "--quiet")

EVERY_VERB = [
    ["info", "movie.npy"],
    ["info", "coded.h5"],
    ["convert", "movie.npy", "x.mrc", "--frames", "2:8", "--bin", 2],
    ["restore", "movie.npy", "-o", "xr.npy", "--frames", "0:4", "--drift"],
    ["formats"],
    ["validate", "movie.npy"],
    ["simulate", "nanocrystals", "--frames", 2, "--height", 32, "--width", 32, "-o", "x.npy"],
    ["simulate", "fibres", "--frames", 2, "--height", 32, "--width", 32, "-o", "xf.npy"],
    ["simulate", "particles", "--frames", 2, "--height", 32, "--width", 32, "-o", "xp.npy"],
    ["simulate", "graphene", "-o", "xg.npy", "--frames", 1, "--atoms", 60, "--relax", "springs",
     "--exposures", 1],
    ["simulate", "molecule", "ball.pdb", "-o", "xm.star", "--frames", 4, "--size", 16, "--pixel",
     "4 A", "--motion", "still"],
    ["atoms", "reconstruct", "flake.npy", "--optics", "optics.toml", "-o", "xa", "--frames", "0:1",
     "--md-time", "0 ps", "--calibration-rounds", 1, "--no-report", "--no-movie"],
    ["atoms", "analyse", "flake.extxyz", "-o", "xn"],
    ["atoms", "evaluate", "flake.extxyz", "--truth", "flake.extxyz"],
    ["atoms", "export", "flake.extxyz", "-o", "x.lammpstrj"],
    ["atoms", "track", "flake.extxyz", "-o", "xt.extxyz"],
    ["atoms", "validate", "flake.extxyz", "-o", "xv.csv", "--md-time", "0 ps"],
    ["dynamics", "reconstruct", "ball.star", "-o", "xvol", "--model", "homogeneous", "--no-movie"],
    ["dynamics", "evaluate", "volumes", "--truth", "ball_truth"],
    ["dynamics", "poses", "ball.star", "--reference", "volumes/mean_map.mrc", "-o",
     "xposes.star", "--orientations", 1000, "--rounds", 1],
    ["codec", "masks", "-o", "xm.npy", "--height", 16, "--width", 16],
    ["codec", "encode", "movie.npy", "-o", "x.h5"],
    ["codec", "wrap", "clean.npy", "--masks", "masks.npy", "-o", "xw.h5"],
    ["codec", "decode", "coded.h5", "-o", "xd.npy", "--decoder", "mean"],
    ["codec", "evaluate", "decoded.npy", "--reference", "clean.npy", "--raw", "movie.npy"],
    ["codec", "report", "coded.h5", "decoded.npy", "--raw", "movie.npy", "-o", "x.html"],
    ["view", "movie.npy", "coded.h5", "--no-browser", "--idle", "10 ms"],
    ["render", "flake.extxyz", "-o", "x.png", "--size", "160x120"],
    ["doctor"],
    ["completion", "bash"],
    ["manual", "-o", "."],
]


def test_json_is_one_object_alone_on_standard_output():
    for words in EVERY_VERB:
        found = run(*words, "--json", "--force")
        assert isinstance(found.json(), dict) and found.json(), words


def test_quiet_leaves_the_result_alone():
    for words in EVERY_VERB:
        found = run(*words, "--quiet", "--force")
        assert found.err == "", (words, found.err)
        assert found.out, words


def test_every_verb_is_tried_here():
    from kinema_cli import verbs  # pylint: disable=import-outside-toplevel
    tried = [" ".join(map(str, words)) for words in EVERY_VERB]
    for verb in verbs():
        assert any(f"{words} ".startswith(verb + " ") for words in tried), verb


def encode(*more):
    return run("codec", "encode", "movie.npy", "-o", "p.h5", "--ratio", 4, "--force", *more)


def test_progress_has_its_looks():
    results = {encode("--progress", look).out for look in ("auto", "bar", "plain", "json", "none")}
    assert len(results) == 1  # the look changes nothing on standard output
    assert encode("--progress", "none").err == ""
    lines = [json.loads(line) for line in encode("--progress", "json").err.splitlines()]
    assert lines[0]["done"] == 0 and lines[-1]["done"] == lines[-1]["total"] == 12
    assert {"stage", "done", "total", "unit", "seconds"} <= set(lines[-1])
    plain = encode("--progress", "plain").err
    assert plain.endswith("s\n") and "encode: 12/12 frames" in plain and "\r" not in plain
    assert encode().err.splitlines()[-1].startswith("encode: 12/12 frames")  # auto, no terminal
    bar = encode("--progress", "bar").err
    assert "\r" in bar and bar.endswith("\n") and "12/12 frames" in bar


def test_a_full_standard_output_is_told():
    with open("/dev/full", "w", encoding="utf-8") as full:
        import subprocess  # pylint: disable=import-outside-toplevel
        from kinema_cli import kinema  # pylint: disable=import-outside-toplevel
        for words in (["info", "movie.npy"], ["formats", "--json"], ["--help"], ["--version"],
                      ["codec", "encode", "--help"], ["codec", "encode", "--print-config"]):
            done = subprocess.run([kinema, *words], stdout=full, stderr=subprocess.PIPE, text=True,
                                  check=False)
            assert done.returncode == 74, (words, done.returncode)
            assert done.stderr.startswith("kinema: standard output: cannot be written"), words


def test_info_tells_of_movies():
    run("convert", "movie.npy", "movie.mrc")
    run("convert", "movie.npy", "movie.tif")
    for path, form in (("movie.npy", "npy"), ("movie.mrc", "mrc"), ("movie.tif", "tiff")):
        found = run("info", path, "--json").json()
        assert found["format"] == form
        assert (found["frames"], found["height"], found["width"]) == (12, 64, 64)
        assert found["dtype"] in ("uint8", "uint16")
        assert "pixel_size_angstrom" in found and "pixel_size_source" in found
    told = run("info", "movie.npy", "--json", "--pixel-size", "0.3 A, 0.31 A").json()
    assert told["pixel_size_angstrom"] == [0.3, 0.31] and told["pixel_size_source"] == "user"


def test_info_tells_of_containers():
    found = run("info", "coded.h5", "--json").json()
    assert found["format"] == "kinema container"
    assert (found["frames"], found["height"], found["width"]) == (12, 64, 64)
    assert (found["snapshots"], found["ratio"], found["masks"]) == (3, 4, "balanced")
    assert found["dtype"] == "uint8" and found["complete"] is True
    assert found["bits_per_pixel"] == 8 * os.path.getsize("coded.h5") / (12 * 64 * 64)
    assert found["noise"]["gain"] > 0
    assert found["provenance"]["options"]["ratio"] == 4
    assert "kinema container" in run("info", "coded.h5").out
    assert run("info", "coded.h5", "--json", "--pixel-size", "1 nm").json()[
        "pixel_size_angstrom"] == 10
    os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
    try:
        import h5py  # pylint: disable=import-outside-toplevel
    except ImportError:
        return
    with h5py.File("other.h5", "w") as file:
        file["numbers"] = [1, 2, 3]
    refused("info", "other.h5", says="other.h5: holds no")


run_tests(globals())
