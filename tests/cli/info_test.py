"""info tells of one file in full and of many in a table; formats lists what is read and written."""

import os
import pathlib
import shutil

from kinema_cli import refused, run, run_tests, simulate

simulate("movie.npy", 12, 64, 64)
run("convert", "movie.npy", "movie.mrc", "--pixel-size", "0.2 A", "--frame-time", "40 ms")
run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 4, "--quiet")


def folder_of_many(name="many"):
    shutil.rmtree(name, ignore_errors=True)
    os.makedirs(f"{name}/empty_folder")
    shutil.copy("movie.npy", f"{name}/run_10.npy")
    shutil.copy("movie.npy", f"{name}/run_9.npy")
    shutil.copy("movie.mrc", f"{name}/run_9.mrc")
    shutil.copy("movie.mrc.json", f"{name}/run_9.mrc.json")
    shutil.copy("coded.h5", name)
    pathlib.Path(name, "notes.txt").write_text("a note\n", encoding="utf-8")
    pathlib.Path(name, ".hidden").write_text("x", encoding="utf-8")
    pathlib.Path(name, "stopped.npy.partial").write_text("x", encoding="utf-8")
    return name


def test_every_fact_has_its_source():
    text = run("info", "movie.mrc").out
    assert "pixel size 0.2 A (from the header)" in text, text
    assert "frame time 0.04 s (from the header)" in text, text
    assert "unknown: voltage, dose, detector, date" in text, text
    told = run("info", "movie.mrc", "--pixel-size", "1 nm").out
    assert "pixel size 10 A (from the user)" in told, told
    bare = run("info", "movie.npy", "--json").json()
    for fact in ("pixel_size", "frame_time", "voltage", "dose", "detector", "date"):
        assert f"{fact}_source" in bare, fact


def test_all_shows_the_tree():
    text = run("info", "coded.h5", "--all").out
    assert "metadata:\n  program: kinema\n" in text, text
    assert "    ratio: 4\n" in text, text
    found = run("info", "coded.h5", "--all", "--json").json()
    assert found["metadata"]["options"]["ratio"] == 4
    assert "metadata" in run("info", "movie.mrc", "--all", "--json").json()
    assert "metadata" not in run("info", "movie.mrc", "--json").json()


def test_a_folder_is_a_table():
    folder = folder_of_many()
    done = run("info", folder)
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines] == ["file", "coded.h5", "notes.txt", "run_9.mrc",
                                                   "run_9.npy", "run_10.npy"], done.out
    assert "cannot be read: no known movie format" in lines[2]
    assert "12 x 64 x 64" in lines[3] and "0.2 A" in lines[3] and "0.04 s" in lines[3], lines[3]
    assert "kinema container" in lines[1]
    found = run("info", folder, "--json").json()
    assert len(found["files"]) == 5 and found["movies"] == []
    assert found["files"][1]["file"] == f"{folder}/notes.txt" and "error" in found["files"][1]
    assert found["files"][4]["frames"] == 12


def test_patterns_and_several_files_are_tables_too():
    folder = folder_of_many()
    found = run("info", f"{folder}/run_*", "--json").json()
    assert [os.path.basename(row["file"]) for row in found["files"]] == [
        "run_9.mrc", "run_9.npy", "run_10.npy"]
    found = run("info", "movie.npy", "absent.mrc", "--json").json()
    assert found["files"][0]["frames"] == 12 and "error" in found["files"][1]
    refused("info", "nothing_*.mrc", says=["nothing_*.mrc", "no file"])


def test_images_in_a_folder_are_one_movie_too():
    os.makedirs("images", exist_ok=True)
    for number in (8, 9, 10):
        run("convert", "movie.npy", f"images/frame_{number}.tif", "--frames", f"{number}:{number + 1}",
            "--force")
    for words in ("images", "images/frame_*.tif"):
        text = run("info", words).out
        assert text.startswith("as one movie: images"), text
        assert "3 frames of 64 x 64" in text.splitlines()[0]
        assert [line.split()[0] for line in text.splitlines()[2:]] == [
            "frame_8.tif", "frame_9.tif", "frame_10.tif"]
        found = run("info", words, "--json").json()
        assert found["movies"][0]["frames"] == 3 and len(found["files"]) == 3
    run("convert", "images/frame_*.tif", "-o", "images.npy")
    assert run("info", "images.npy", "--json").json()["frames"] == 3


def test_a_name_that_looks_like_a_pattern_is_a_name():
    shutil.copy("movie.npy", "run[1].npy")
    assert run("info", "run[1].npy", "--json").json()["frames"] == 12


def test_nothing_readable_is_no_success():
    os.makedirs("texts", exist_ok=True)
    pathlib.Path("texts/a.txt").write_text("a\n", encoding="utf-8")
    done = run("info", "texts", code=2)
    assert "none of these files can be read" in done.err and "a.txt" in done.out
    os.makedirs("empty", exist_ok=True)
    refused("info", "empty", says="holds no files")
    os.makedirs("outer/inner", exist_ok=True)
    refused("info", "outer", says="try one of: inner/")


def test_formats_are_those_of_the_tables():
    found = {row["name"]: row for row in run("formats", "--json").json()["formats"]}
    for name in ("mrc", "tiff", "npy"):
        assert found[name]["read"] and found[name]["write"] and found[name]["endings"]
    assert "complex64" in found["npy"]["pixels_written"]
    assert "uint32" not in found["mrc"]["pixels_written"]
    text = run("formats").out
    assert text.splitlines()[0].split() == ["format", "endings", "pixels"]
    for row in found.values():
        assert row["endings"] in text, row


run_tests(globals())
