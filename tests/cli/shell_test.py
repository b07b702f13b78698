"""Completion scripts complete, and manual pages are clean, in whichever shells and man are here."""

import os
import shutil
import subprocess

from kinema_cli import kinema, refused, run, run_tests, verbs

ENVIRONMENT = {**os.environ, "PATH": os.path.dirname(kinema) + os.pathsep + os.environ["PATH"]}


def output_of(words, **options):
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60,
                          env=ENVIRONMENT, **options)
    assert done.returncode == 0, (words, done.returncode, done.stderr)
    return done.stdout


def completed(*words):
    """What bash offers for the last of the words."""
    given = " ".join(f"'{word}'" for word in ("kinema",) + words)
    script = (f"source <('{kinema}' completion bash); COMP_WORDS=({given}); "
              f"COMP_CWORD={len(words)}; _kinema; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    return output_of(["bash", "-c", script]).split("\n")[:-1]


def test_bash_completes_verbs_and_groups():
    assert completed("inf") == ["info"]
    assert completed("co") == ["convert", "completion", "codec"]
    assert completed("codec", "e") == ["encode", "evaluate"]
    assert completed("--v") == ["--version"]


def test_bash_completes_every_flag_of_every_verb():
    for verb in verbs():
        options = run(*verb.split(), "--print-config", "--json").json()
        for name in options:
            flag = "--" + name.replace("_", "-")
            assert flag in completed(*verb.split(), flag), (verb, flag)


def test_bash_completes_words_after_flags():
    masks = ["balanced", "staggered", "bernoulli", "open", "given", "auto"]
    assert completed("codec", "encode", "--masks", "") == masks
    assert completed("codec", "encode", "--masks", "=", "b") == ["balanced", "bernoulli"]
    assert completed("codec", "encode", "--masks", "=") == masks
    assert completed("convert", "--part", "lum") == ["luminance"]
    assert completed("info", "--progress", "p") == ["plain"]
    assert completed("completion", "") == ["bash", "zsh", "fish"]
    assert completed("codec", "encode", "--ratio", "") == ["auto"]


def test_bash_completes_files():
    for name in ("a movie.npy", "a.h5"):
        with open(name, "w", encoding="utf-8"):
            pass
    assert sorted(completed("info", "a")) == ["a movie.npy", "a.h5"]
    assert completed("codec", "encode", "a movie.npy", "-o", "a.") == ["a.h5"]


def test_zsh_and_fish_read_their_scripts():
    for shell in ("zsh", "fish"):
        with open(f"kinema.{shell}", "w", encoding="utf-8") as file:
            file.write(run("completion", shell).out)
        if shutil.which(shell):
            output_of([shell, "-n", f"kinema.{shell}"])
    refused("completion", "tcsh", says=["tcsh", "bash, zsh, fish"])


def test_fish_completes():
    if not shutil.which("fish"):
        return
    def offered(line):
        said = output_of(["fish", "--no-config", "-c",
                          f"source kinema.fish; complete -C '{line}'"])
        return [row.split("\t")[0] for row in said.splitlines()]
    assert "info" in offered("kinema ") and "encode" not in offered("kinema ")
    assert set(offered("kinema codec e")) == {"encode", "evaluate"}
    assert offered("kinema codec encode --masks b") == ["balanced", "bernoulli"]
    assert "--ratio" in offered("kinema codec encode --rat")
    assert offered("kinema completion z") == ["zsh"]


def test_zsh_completes():
    """The completion function alone, with zsh's own helpers played by ours."""
    if not shutil.which("zsh"):
        return
    script = ("_arguments() { print -l -- \"$@\" }; _describe() { print -l -- \"${verbs[@]}\" }; "
              "words=(kinema {words}); CURRENT={current}; source kinema.zsh")
    def said(*words):
        text = script.replace("{words}", " ".join(f"'{w}'" for w in words))
        return output_of(["zsh", "-f", "-c", text.replace("{current}", str(len(words) + 1))])
    assert "info:what a movie file holds" in said("")
    assert "encode:compress" in said("codec", "")
    flags = said("codec", "encode", "--")
    assert "--masks=[" in flags and ":(balanced staggered bernoulli open given auto)" in flags, flags


def test_manual_pages_are_clean():
    os.makedirs("man1", exist_ok=True)
    pages = run("manual", "-o", "man1", "--json").json()["pages"]
    assert len(pages) == len(verbs()) + 1
    refused("manual", "-o", "nowhere", says="folder")
    refused("manual", "-o", "man1", says="--force")
    for page in pages:
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-man", "-ww", "-z", page], capture_output=True,
                                  text=True, check=False)
            assert done.returncode == 0 and done.stderr == "", (page, done.stderr)
    if shutil.which("man") and shutil.which("groff"):
        text = output_of(["man", "-l", "-P", "cat", "man1/kinema-codec-encode.1"])
        plain = subprocess.run(["col", "-b"], input=text, capture_output=True, text=True,
                               check=True).stdout if shutil.which("col") else text
        assert "compress a movie into coded measurements" in plain
        assert "--ratio" in plain and "(default: 10)" in plain, plain


run_tests(globals())
