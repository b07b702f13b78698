"""Wrong input ends with exit code 2 and one line that says what is wrong and the mend."""

import os
import stat
import zipfile

from kinema_cli import bytes_of, refused, run, run_tests, simulate

simulate("movie.npy")
run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 4, "--quiet")


def test_unknown_names_name_the_nearest():
    refused("codec", "encod", says="did you mean `kinema codec encode`?")
    refused("inof", "movie.npy", says="did you mean `kinema info`?")
    refused("qwertyuiop", says="see `kinema --help`")
    refused("codec", "encode", "movie.npy", "-o", "x.h5", "--rato", 3, says="'--ratio'")
    refused("codec", "encode", "movie.npy", "-o", "x.h5", "--rato=3", says="'--ratio'")
    refused("codec", "encode", "--rato", 3, says="'--ratio'")  # and not that MOVIE is missing
    refused("codec", "decode", "coded.h5", "-o", "x.npy", "--decoder", "gaptv",
            says="is not one of gap-tv, mean")
    refused("info", "movie.npy", "--progress", "loud", says="auto, bar, plain, json, none")


def test_a_dataset_is_asked_of_files_that_have_names_for_them():
    refused("info", "movie.npy", "--dataset", "other", says=["movie.npy", "leave --dataset away"])
    with zipfile.ZipFile("movie.npz", "w") as archive:
        archive.write("movie.npy")
    refused("info", "movie.npz", says=["zip archive", "unpack it"])


def test_no_verb_shows_the_verbs_and_is_no_success():
    for words in ([], ["codec"]):
        done = run(*words, code=2)
        assert "codec encode" in done.err and done.out == ""
    assert "codec encode" in run("codec", "--help").out


def test_arguments_too_few_and_too_many():
    refused("codec", "encode", says="MOVIE is required")
    refused("codec", "encode", "movie.npy", says="give it with -o PATH")
    refused("codec", "encode", "movie.npy", "-o", says="--output")
    refused("codec", "encode", "movie.npy", "more.npy", "-o", "x.h5", says="'more.npy'")
    refused("codec", "evaluate", "movie.npy", says="--reference")
    refused("codec", "wrap", "movie.npy", "-o", "x.h5", says="--masks")
    refused("codec", "masks", "-o", "x.npy", says="--height")


def test_values_that_make_no_sense():
    encode = ("codec", "encode", "movie.npy", "-o", "x.h5")
    refused(*encode, "--ratio", 0, says="ratio")
    refused(*encode, "--ratio", "ten", says=["'ratio'", "'ten'"])
    refused(*encode, "--seed", "abc", says=["'seed'", "'abc'"])
    refused(*encode, "--seed", -1, says="0 or larger")
    refused(*encode, "--threads", 0, says="threads")
    refused(*encode, "--pixel-size", 0.2, says=["'pixel_size'", "nm", "pm"])
    refused(*encode, "--pixel-size", "0 A", says="positive")
    refused(*encode, "--memory", 4, says=["'memory'", "GiB"])
    refused(*encode, "--memory", "1 kB", says="--memory")
    refused("codec", "decode", "coded.h5", "-o", "x.npy", "--frames", "3:99", says="has 12")
    refused("codec", "decode", "coded.h5", "-o", "x.npy", "--iterations", 0, says="iterations")
    refused("convert", "movie.npy", "x.npy", "--crop", "0,0,99,99", says="64 x 64")
    assert not os.path.exists("x.h5") and not os.path.exists("x.npy")


def test_files_that_are_not_what_they_should_be():
    with open("noise.bin", "wb") as file:
        file.write(bytes(range(256)) * 8)
    with open("short.npy", "wb") as file:
        file.write(bytes_of("movie.npy")[:5000])
    with open("short.h5", "wb") as file:
        file.write(bytes_of("coded.h5")[:4000])
    refused("info", "absent.mrc", says="absent.mrc")
    refused("info", "noise.bin", says="noise.bin")
    refused("info", "short.npy", says="short.npy")
    refused("info", "short.h5", says="short.h5")
    refused("codec", "decode", "absent.h5", "-o", "x.npy", says="absent.h5")
    refused("codec", "decode", "movie.npy", "-o", "x.npy", says="kinema codec encode")
    refused("codec", "decode", "short.h5", "-o", "x.npy", says="short.h5")
    refused("codec", "encode", "coded.h5", "-o", "x.h5", says="kinema codec decode")
    refused("codec", "decode", "coded.h5", "-o", "x.xyz", says=".mrc")


def test_outputs_are_not_overwritten_unasked():
    before = bytes_of("coded.h5")
    refused("codec", "encode", "movie.npy", "-o", "coded.h5", says="--force")
    refused("convert", "movie.npy", "coded.h5", says="--force")
    assert bytes_of("coded.h5") == before
    run("codec", "encode", "movie.npy", "-o", "again.h5", "--ratio", 4)
    run("codec", "encode", "movie.npy", "-o", "again.h5", "--ratio", 3, "--force")


def test_containers_do_not_take_the_names_of_movies():
    for name in ("x.mrc", "x.TIF", "x.npy"):
        refused("codec", "encode", "movie.npy", "-o", name, says=[name, ".h5"])
        assert not os.path.exists(name) and not os.path.exists(name + ".partial")
    run("codec", "encode", "movie.npy", "-o", "x.hdf5")


def test_outputs_take_no_folders_or_devices_place():
    os.mkfifo("pipe")  # stands for every device: a test must not put real ones at stake
    for place in (".", "pipe"):
        refused("codec", "encode", "movie.npy", "-o", place, "--force", says="not a file")
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)
    refused("codec", "encode", "movie.npy", "-o", "nowhere/x.h5", says="no folder nowhere")


def test_pipes_are_told_from_files_at_once():
    os.mkfifo("pipe.mrc")
    refused("info", "pipe.mrc", says="is a pipe", timeout=20)
    refused("validate", "pipe.mrc", says="is a pipe", timeout=20)
    assert "is a pipe" in run("info", ".", timeout=20).out


def test_folders_that_may_not_be_looked_into():
    if os.geteuid() == 0:  # who may look everywhere
        return
    os.mkdir("closed", mode=0)
    refused("convert", "movie.npy", "closed/x.tif", says=["closed/x.tif", "denied"], code=74)
    refused("info", "closed/*.mrc", says=["closed", "denied"], code=74)


def test_control_characters_do_not_reach_the_terminal():
    name = "red\x1b[31m.npy"
    run("convert", "movie.npy", name)
    assert "\x1b" not in run("info", name).out
    refused("info", name + ".mrc", says="red?[31m")


def test_a_missing_part_is_one_line_with_the_mend():
    lonely = os.path.abspath("lonely")
    os.makedirs(lonely, exist_ok=True)
    import kinema_cli  # pylint: disable=import-outside-toplevel
    program = os.path.join(lonely, "kinema")
    with open(program, "wb") as file:
        file.write(bytes_of(kinema_cli.kinema))
    os.chmod(program, 0o755)
    whole, kinema_cli.kinema = kinema_cli.kinema, program
    try:
        refused("info", "movie.npy", env={"OMPI_COMM_WORLD_SIZE": "2", "KINEMA_MODULE_PATH": ""},
                says=["'mpi'", "libopenmpi-dev"])
    finally:
        kinema_cli.kinema = whole


run_tests(globals())
