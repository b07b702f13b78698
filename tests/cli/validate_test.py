"""validate lists every departure from the standard with its place, and refuses what is damaged."""

import os

from kinema_cli import bytes_of, refused, run, run_tests, simulate

simulate("movie.npy", 12, 64, 64)
run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 4, "--quiet")
run("convert", "movie.npy", "movie.mrc", "--pixel-size", "0.2 A")


def test_sound_files_have_no_departure():
    for path, form in (("coded.h5", "kinema container"), ("movie.mrc", "mrc"), ("movie.npy", "npy")):
        done = run("validate", path)
        assert f"{path}: {form}, no departure" in done.out, done.out
        assert "readable: all 12 frames" in done.out
        found = run("validate", path, "--json").json()
        assert found["valid"] and not found["fatal"] and found["departures"] == []
        assert found["frames_read"] == 12


def changed(path, out, place, byte):
    data = bytearray(bytes_of(path))
    data[place] = byte
    with open(out, "wb") as file:
        file.write(data)
    return out


def test_departures_of_mrc_have_their_place():
    path = changed("movie.mrc", "stamp.mrc", 208, ord("X"))  # the M of MAP
    found = run("validate", path, "--json").json()
    assert not found["valid"] and not found["fatal"]
    assert any(row["offset"] == 208 for row in found["departures"]), found
    assert run("validate", path).out.splitlines()[2].startswith("208 ")


def test_truncated_movies_are_fatal():
    with open("short.mrc", "wb") as file:
        file.write(bytes_of("movie.mrc")[:-5000])
    with open("short.npy", "wb") as file:
        file.write(bytes_of("movie.npy")[:-5000])
    for path in ("short.mrc", "short.npy"):
        done = run("validate", path, code=2)
        assert "fatal" in done.out and f"{path}: not to be trusted" in done.err, done.out
        assert run("validate", path, "--json", code=2).json()["fatal"]


def test_damage_in_a_container_is_told_snapshot_by_snapshot():
    try:
        import h5py  # pylint: disable=import-outside-toplevel
        import numpy  # pylint: disable=import-outside-toplevel
    except ImportError:
        return
    with h5py.File("coded.h5", "r") as file:
        chunk = file["entry/measurement/snapshots"].id.get_chunk_info_by_coord((1, 0, 0))
        place, size = chunk.byte_offset, chunk.size
    path = changed("coded.h5", "flipped.h5", place + size // 2,
                   bytes_of("coded.h5")[place + size // 2] ^ 1)
    found = run("validate", path, "--json", code=2).json()
    assert [(row["field"], row["offset"], row["fatal"]) for row in found["departures"]] == [
        ("entry/measurement/snapshots[1]", place, True)], found
    with open("other.h5", "wb") as file:
        file.write(bytes_of("coded.h5"))
    with h5py.File("other.h5", "r+") as file:
        file["entry"].attrs["complete"] = numpy.int64(0)
        file["entry/measurement"].attrs["signal"] = "other"
        del file["entry/measurement/x"]
        file["entry/masks"].attrs["height"] = numpy.int64(3)
    found = run("validate", "other.h5", "--json").json()
    fields = [row["field"] for row in found["departures"]]
    assert not found["fatal"], found
    for field in ("entry@complete", "entry/measurement@signal", "entry/measurement/x",
                  "entry/masks@height"):
        assert field in fields, (field, fields)


def test_what_is_no_file_of_movies_is_refused():
    refused("validate", "absent.mrc", says="absent.mrc")
    with open("notes.txt", "w", encoding="utf-8") as file:
        file.write("a note\n")
    refused("validate", "notes.txt", says="no known movie format")
    assert not os.path.exists("notes.txt.json")


run_tests(globals())
