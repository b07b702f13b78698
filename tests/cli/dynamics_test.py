"""dynamics: from a molecule to a movie, from the movie to volumes, and what is refused on the way."""

import json
import math
import os
import random
import struct

from kinema_cli import refused, run, run_tests

random.seed(3)


def write_pdb(path, stretch):
    """Sixty carbon atoms in a ball, its upper half moved along x."""
    random.seed(3)
    with open(path, "w", encoding="ascii") as file:
        for i in range(60):
            while True:
                x, y, z = (random.uniform(-15, 15) for _ in range(3))
                if math.hypot(x, y, z) < 15:
                    break
            if z > 0:
                x += stretch
            file.write(f"ATOM  {i + 1:5d}  CA  ALA A{i + 1:4d}    {x:8.3f}{y:8.3f}{z:8.3f}  1.00 20.00"
                       "           C\n")
        file.write("END\n")


write_pdb("open.pdb", 0.0)
write_pdb("closed.pdb", 12.0)
run("simulate", "molecule", "open.pdb", "closed.pdb", "-o", "movie.star", "--truth", "truth",
    "--frames", 200, "--size", 16, "--pixel", "4 A", "--snr", 0.5, "--shift", "3 A")


def test_a_moving_molecule_is_found_again():
    made = run("dynamics", "reconstruct", "movie.star", "-o", "out", "--gaussians", 60, "--latents",
               1, "--ensemble", 1, "--epochs", 10, "--no-movie", "--json").json()
    assert made["frames"] == 200 and made["volumes"] == 24, made
    for name in ("latent.csv", "fsc.csv", "poses.star", "series.cxc", "mean_map.mrc",
                 "figures/latent.svg", "figures/fsc.svg", "figures/volume.png"):
        assert os.path.getsize(f"out/{name}") > 0, name
    with open("out/summary.json", encoding="utf-8") as file:
        assert json.load(file)["provenance"]["options"]["latents"] == 1
    judged = run("dynamics", "evaluate", "out", "--truth", "truth", "--json").json()
    assert judged["frames"] == 24 and judged["latent_r"] > 0.9, judged
    assert judged["dynamic_auc_fsc"] > 0.3, judged


def test_halves_are_compared_and_the_movie_is_given_to_cryodrgn():
    made = run("dynamics", "reconstruct", "movie.star", "-o", "halves", "--model", "low-rank", "--latents",
               2, "--half-sets", "--export-cryodrgn", "drgn", "--json").json()
    assert made["volume_halves_auc"] > made["difference_halves_auc"] > 0.1, made
    with open("halves/fsc.csv", encoding="ascii") as file:
        header, *rows = file.read().split()
    assert header.split(",")[2:] == ["mean_map_halves", "volume_halves", "difference_halves"]
    assert len(rows) == 8
    assert sorted(os.listdir("drgn")) == ["README.md", "particles.mrcs", "particles.star"]
    with open("drgn/README.md", encoding="ascii") as file:
        assert "parse_pose_star particles.star -o poses.pkl -D 16 --Apix 4" in file.read()
    again = run("dynamics", "reconstruct", "drgn/particles.star", "-o", "again", "--model", "low-rank",
                "--latents", 1, "--json").json()
    assert again["frames"] == 200


def test_frames_are_numbered_from_zero_and_named_by_it():
    run("dynamics", "reconstruct", "movie.star", "-o", "few", "--model", "homogeneous", "--frames",
        "7,0", "--no-movie")
    assert sorted(os.listdir("few/volumes")) == ["frame_0000.mrc", "frame_0007.mrc"]
    with open("few/volumes/frame_0007.mrc", "rb") as file:
        header = file.read(1024)
    assert struct.unpack("<4i", header[:16]) == (16, 16, 16, 2)
    assert struct.unpack("<i", header[88:92]) == (1,)  # a volume
    assert abs(struct.unpack("<3f", header[40:52])[2] - 64.0) < 1e-4


def test_the_same_seed_gives_the_same_movie_on_any_number_of_threads():
    for threads in (1, 2):
        run("simulate", "molecule", "open.pdb", "-o", f"t{threads}.star", "--frames", 8, "--size", 16,
            "--pixel", "4 A", "--threads", threads, "--motion", "still")
    with open("t1.mrcs", "rb") as one, open("t2.mrcs", "rb") as two:
        assert one.read() == two.read()


def test_what_is_wrong_is_said_in_one_line():
    refused("dynamics", "reconstruct", "absent.star", "-o", "no", says="absent.star")
    refused("dynamics", "reconstruct", "movie.star", "-o", "out", says="--force")
    refused("dynamics", "reconstruct", "movie.star", "-o", "no", "--frames", "200",
            says=["no frame 200", "200"])
    refused("dynamics", "reconstruct", "movie.star", "-o", "no", "--frames", "some",
            says=["'frames'", "'some'"])
    refused("dynamics", "evaluate", "out", says="--truth")
    refused("dynamics", "evaluate", "out", "--truth", "open.pdb", says="two frames")
    refused("simulate", "molecule", "movie.star", "-o", "no.star", says="no atom")
    refused("simulate", "molecule", "open.pdb", "-o", "no.mrc", says=".star")
    refused("simulate", "molecule", "open.pdb", "-o", "no.star", "--size", 15, says="--size 15")
    refused("simulate", "molecule", "open.pdb", "-o", "no.star", "--domain", "1:500",
            says="none or all")


run_tests(globals())
