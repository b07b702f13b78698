"""Options are said once: --help lists them, config files carry them, and the result is the same."""

import json
import re

from kinema_cli import refused, run, run_tests, simulate, verbs

simulate("movie.npy")


def words(verb):
    return verb.split()


def effective(*more, form="--json"):
    done = run(*more, "--print-config", *([form] if form else []))
    return done.json() if form else done.out


def test_every_verb_lists_its_options():
    for verb in verbs():
        help_text = run(*words(verb), "--help").out
        assert help_text == run(*words(verb), "-h").out
        for name in effective(*words(verb)):
            flag = "--" + name.replace("_", "-")
            assert re.search(rf"^ +(-\w,)?{flag}\b", help_text, re.M), f"{verb} --help: no {flag}"
        for flag in ("--config", "--print-config", "--json"):
            assert flag in help_text


def test_printed_options_are_a_config_file_that_gives_them_again():
    for verb in verbs():
        for form, ending in ((None, "toml"), ("--json", "json")):
            path = f"printed.{ending}"
            with open(path, "w", encoding="utf-8") as file:
                file.write(run(*words(verb), "--print-config", *([form] if form else [])).out)
            assert effective(*words(verb), "--config", path) == effective(*words(verb)), verb


def test_unusual_values_survive_the_round_trip():
    unusual = ["codec", "encode", "--ratio", 7, "--masks", "bernoulli", "--seed", 2**64 - 1,
               "--pixel-size", "0.2 A, 0.21 A", "--masks-file", 'a "b"\\c.npy', "--threads", 3,
               "--memory", "1.5 GiB", "--no-input-hash"]
    wanted = effective(*unusual)
    assert wanted["seed"] == 2**64 - 1 and wanted["ratio"] == 7 and wanted["threads"] == 3
    for form, ending in ((None, "toml"), ("--json", "json")):
        with open(f"unusual.{ending}", "w", encoding="utf-8") as file:
            file.write(run(*unusual, "--print-config", *([form] if form else [])).out)
        assert effective("codec", "encode", "--config", f"unusual.{ending}") == wanted


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def test_flags_come_before_deep_tables_before_shallow_ones():
    path = write("many.toml", "threads = 1\n[codec]\nquiet = true\n"
                              "[codec.encode]\nratio = 5\nthreads = 2\n[codec.decode]\ntile = 64\n")
    found = effective("codec", "encode", "--config", path, "--ratio", 6)
    assert (found["ratio"], found["threads"], found["quiet"]) == (6, 2, True)
    assert effective("codec", "decode", "--config", path)["tile"] == 64
    nested = write("many.json", json.dumps({"codec": {"encode": {"ratio": 5}}}))
    assert effective("codec", "encode", "--config", nested)["ratio"] == 5


def test_faults_of_a_config_file_name_it():
    encode = ("codec", "encode", "movie.npy", "-o", "x.h5", "--config")
    refused(*encode, write("a.toml", "rato = 3\n"), says=["a.toml", "'ratio'"])
    refused(*encode, write("a.json", '{"rato": 3}'), says=["a.json", "'ratio'"])
    refused(*encode, write("b.toml", "[codec.encod]\nratio = 3\n"), says=["b.toml", "codec encode"])
    refused(*encode, write("c.toml", 'ratio = "x"\n'), says=["c.toml", "'ratio'", "'x'"])
    refused(*encode, write("d.toml", "ratio = 3\nseed = = 4\n"), says=["d.toml", "line 2"])
    refused(*encode, write("e.toml", "ratio = [3]\n"), says=["e.toml", "[3]"])
    refused(*encode, write("f.toml", "ratio = 2020-01-01\n"), says=["f.toml", "dates"])
    refused(*encode, write("g.toml", "pixel_size = 0.2\n"), says=["g.toml", "unit"])
    refused(*encode, write("h.json", "[1]"), says="h.json")
    refused(*encode, "absent.toml", says=["absent.toml", "--config"])
    # What the command line overrules must make sense too.
    refused("codec", "encode", "movie.npy", "-o", "x.h5", "--ratio", 3, "--config", "c.toml",
            says="c.toml")


def test_config_files_set_what_runs():
    path = write("run.toml", 'quiet = true\n[codec.encode]\nratio = 6\nmasks = "bernoulli"\n')
    found = run("codec", "encode", "movie.npy", "-o", "by_config.h5", "--config", path, "--json")
    assert found.json()["ratio"] == 6 and found.json()["masks"] == "bernoulli"
    assert found.err == ""


run_tests(globals())
