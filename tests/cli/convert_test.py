"""convert keeps what a movie is, takes one movie or many, and overwrites nothing unasked."""

import json
import os
import pathlib
import shutil
import struct

from kinema_cli import bytes_of, refused, run, run_tests, simulate, write_npy

simulate("movie.npy", 12, 64, 64)


def numbers(path, code):
    """The numbers in a .npy file written by kinema."""
    data = bytes_of(path)
    start = 10 + struct.unpack("<H", data[8:10])[0]
    return [number for number, in struct.iter_unpack("<" + code, data[start:])]


COLOURS = "[('R','|u1'),('G','|u1'),('B','|u1')]"
write_npy("colour.npy", COLOURS, (1, 1, 4), bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 7, 7, 7]))
write_npy("wave.npy", "'<c8'", (1, 1, 2), struct.pack("<4f", 3, 4, 0, -2))


def test_both_ways_to_name_the_output():
    run("convert", "movie.npy", "a.mrc")
    run("convert", "movie.npy", "-o", "b.mrc")
    assert bytes_of("a.mrc") == bytes_of("b.mrc")
    run("convert", "a.mrc", "back.npy")
    assert bytes_of("back.npy") == bytes_of("movie.npy")
    assert "MB/s" in run("convert", "movie.npy", "c.npy").out
    refused("convert", "movie.npy", "c.npy", says="--force")
    run("convert", "movie.npy", "c.npy", "--force")


def test_facts_and_their_sources_travel():
    run("convert", "movie.npy", "told.mrc", "--pixel-size", "0.2 A", "--frame-time", "40 ms")
    run("convert", "told.mrc", "told.npy")
    found = run("info", "told.npy", "--json").json()
    assert abs(found["pixel_size_angstrom"] - 0.2) < 1e-6
    assert found["frame_time_seconds"] == 0.04
    with open("told.npy.json", encoding="utf-8") as file:
        side = json.load(file)
    assert side["pixel_size_source"] == "header"
    run("convert", "told.npy", "again.mrc")
    with open("again.mrc.json", encoding="utf-8") as file:
        assert json.load(file)["pixel_size_source"] == "side-car"


def test_parts_of_colours_and_waves():
    def part(movie, name, code):
        run("convert", movie, "part.npy", "--part", name, "--force")
        return numbers("part.npy", code)
    assert part("colour.npy", "luminance", "B") == [54, 182, 18, 7]
    assert part("colour.npy", "green", "B") == [0, 255, 0, 7]
    assert part("wave.npy", "modulus", "f") == [5, 2]
    assert part("wave.npy", "imaginary", "f") == [4, -2]
    run("convert", "colour.npy", "same.npy")
    assert run("info", "same.npy", "--json").json()["dtype"] == "rgb8"
    run("convert", "wave.npy", "same_wave.npy")
    assert bytes_of("same_wave.npy")[-16:] == bytes_of("wave.npy")[-16:]
    refused("convert", "colour.npy", "x.npy", "--part", "alpha", says=["rgb8", "luminance"])
    refused("convert", "colour.npy", "x.npy", "--part", "modulus", says=["rgb8", "luminance"])
    refused("convert", "movie.npy", "x.npy", "--part", "modulus", says="plain numbers")
    refused("convert", "colour.npy", "x.npy", "--bin", 2, says="--part luminance")
    assert not os.path.exists("x.npy")


def test_other_verbs_name_part():
    refused("codec", "encode", "colour.npy", "-o", "x.h5", says=["rgb8", "kinema convert --part"])
    refused("codec", "encode", "wave.npy", "-o", "x.h5", says=["complex64", "convert --part"])
    assert not os.path.exists("x.h5") and not os.path.exists("x.h5.partial")


def some_inputs():
    shutil.rmtree("in", ignore_errors=True)
    shutil.rmtree("out", ignore_errors=True)
    os.mkdir("in")
    for number in (1, 2):
        shutil.copy("movie.npy", f"in/run_{number}.npy")
    pathlib.Path("in/run_3.npy").write_bytes(bytes_of("movie.npy")[:9000])


def test_a_batch_goes_on_past_what_fails():
    for words in (["in/run_*.npy", "-o", "out", "--to", "tif"],
                  ["in/run_1.npy", "in/run_2.npy", "in/run_3.npy", "out/", "--to", ".tif"]):
        some_inputs()
        done = run("convert", *words, code=2)
        assert sorted(os.listdir("out")) == ["run_1.tif", "run_1.tif.json", "run_2.tif",
                                             "run_2.tif.json"]
        complaints = done.err.splitlines()
        assert any("in/run_3.npy" in line for line in complaints), done.err
        assert complaints[-1] == "kinema: 1 of 3 movies were not converted", done.err
        assert done.out.count("MB/s") == 2
    again = run("convert", "in/run_[12].npy", "-o", "out", "--to", "tif", "--json", code=2).json()
    assert again["failed"] == 2 and "--force" in again["movies"][0]["error"]
    run("convert", "in/run_[12].npy", "-o", "out", "--to", "tif", "--force")


def test_a_batch_without_a_folder_goes_beside_its_originals():
    some_inputs()
    run("convert", "in/run_1.npy", "in/run_2.npy", "--to", "mrc", "--bin", 2)
    assert run("info", "in/run_2.mrc", "--json").json()["height"] == 32


def test_two_movies_do_not_become_one_file():
    some_inputs()
    run("convert", "in/run_1.npy", "in/run_1.mrc")
    done = run("convert", "in/run_1.npy", "in/run_1.mrc", "-o", "out", "--to", "tif", "--force",
               code=2)
    assert "written from another movie" in done.err
    assert os.listdir("out").count("run_1.tif") == 1


def test_numbered_pictures_are_found_again_by_their_pattern():
    assert run("convert", "movie.npy", "p.png", "--frame-time", "40 ms").out.startswith("p_%05d.png")
    found = run("info", "p_%05d.png", "--json").json()
    assert found["frames"] == 12 and found["frame_time_seconds"] == 0.04
    refused("convert", "movie.npy", "p.png", says=["p_00000.png", "--force"])


def test_outputs_that_are_not_clear_are_refused():
    refused("convert", "movie.npy", says="-o OUT")
    refused("convert", "movie.npy", "a.npy", "b.npy", says=["3 movies", "--to"])
    refused("convert", "movie.npy", "a.npy", "-o", "b.npy", says="--to")
    os.makedirs("out", exist_ok=True)
    refused("convert", "movie.npy", "out", says=["out is a folder", "--to"])
    refused("convert", "movie.npy", "-o", "out", "--to", "xyz", says=["xyz", ".npy"])
    refused("convert", "none_*.npy", "-o", "out", "--to", "npy", says="none_*.npy")
    refused("convert", "movie.npy", "-o", "nowhere/deep", "--to", "npy", says="nowhere/deep")


run_tests(globals())
