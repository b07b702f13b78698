"""What the tests of the program share: running it, and saying what is not true.

A test is a function whose name begins with test_; `run_tests` runs those of a file, in the folder
that it was started in. The program is the first argument.
"""

import json
import os
import struct
import subprocess
import sys
import traceback

kinema = os.path.abspath(sys.argv[1])
SKIPPED = 77


class Ran:
    """What a run of the program left."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)


def run(*words, code=0, env=None, timeout=120, **options):
    """Runs the program; says so where it ends with another exit code than `code` (None: any)."""
    done = subprocess.run([kinema, *map(str, words)], capture_output=True, check=False,
                          timeout=timeout, env={**os.environ, **(env or {})}, **options)
    out, err = done.stdout.decode(), done.stderr.decode()  # a bar's \r stays what it is
    command = " ".join(map(str, words))
    assert code in (done.returncode, None), (f"`kinema {command}` ended with {done.returncode}, not {code}:"
                                     f"\n{out}{err}")
    return Ran(done.returncode, out, err)


def refused(*words, says, code=2, **options):
    """The program refuses in one line on standard error that holds every text of `says`."""
    done = run(*words, code=code, **options)
    lines = [line for line in done.err.splitlines() if line.startswith("kinema: ")]
    assert len(lines) == 1, f"{words}: not one line of error but {done.err!r}"
    assert done.out == "", f"{words}: a refusal on standard output: {done.out!r}"
    for text in [says] if isinstance(says, str) else says:
        assert text in lines[0], f"{words}: {lines[0]!r} does not say {text!r}"
    return lines[0]


def simulate(path, frames=12, height=64, width=64, *more):
    """A small movie of nanocrystals."""
    run("simulate", "nanocrystals", "--frames", frames, "--height", height, "--width", width,
        "-o", path, "--force", "--quiet", *more)
    return path


def write_npy(path, descr, shape, data):
    """A .npy file, byte by byte."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(117).encode() + b"\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data)
    return path


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def verbs():
    """Names of all verbs, as `kinema --help` lists them."""
    listed = [line[2:26].strip() for line in run("--help").out.splitlines()
              if line.startswith("  ") and not line.startswith("  -")]
    assert len(listed) > 5
    return listed


def sample(name):
    """A file of the sample data, or None where the data are absent."""
    folder = os.environ.get("KINEMA_TEST_DATA", sys.argv[2] if len(sys.argv) > 2 else "")
    path = os.path.join(folder, name)
    return path if os.path.exists(path) else None


def run_tests(names):
    """Runs the tests among `names` (a file's globals()) and ends with what they say."""
    failed = []
    for name, test in list(names.items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            print(f"ok      {name}")
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc(file=sys.stdout)
            print(f"FAILED  {name}")
            failed.append(name)
    sys.exit(1 if failed else 0)
