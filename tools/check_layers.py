#!/usr/bin/env python3
"""Holds the floors of docs/architecture.md: which folder includes which, and what a library may do.

    tools/check_layers.py [ROOT]       checks the tree (exit 1 and one line per fault)
    tools/check_layers.py --self-test  shows that each kind of fault is found, in trees of its own
"""

import pathlib
import re
import sys
import tempfile

FLOORS = [
    {"core"},
    {"base"},
    {"data", "nn"},
    {"io", "imaging", "restore", "md", "metrics", "report"},
    {"simulate", "codec", "atoms", "dynamics", "doctor"},
    {"app", "python"},
]
FLOOR_OF = {folder: floor for floor, folders in enumerate(FLOORS) for folder in folders}
LEARNING = {"restore", "codec", "atoms", "dynamics"}  # may use torch in .cpp and *_net.h

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
NOT_CODE = re.compile(
    r'R"(?P<mark>[^()\\\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/',
    re.DOTALL,
)
CALL = r"(?<![\w.>])(?:std::|::)?"  # a free function, not a member of that name
FORBIDDEN = [
    (re.compile(r"\bstd::(cout|cerr|clog)\b|\bfmt::print\b"), "prints"),
    (re.compile(CALL + r"(printf|vprintf|puts|putchar|perror)\s*\("), "prints"),
    (re.compile(CALL + r"v?fprintf\s*\(\s*std(out|err)"), "prints"),
    (re.compile(CALL + r"(exit|_exit|_Exit|quick_exit|abort|terminate)\s*\("), "ends the program"),
    (re.compile(r"\bstd::random_device\b|" + CALL + r"s?rand\s*\("), "draws a random number"),
]


def place_of(path):
    """The folder that a file belongs to ("codec", "app"); None where no floor binds it."""
    parts = path.parts
    if parts[:2] == ("src", "kinema") and len(parts) > 3:
        return parts[2]
    if parts[0] == "tests" and len(parts) > 2 and FLOOR_OF.get(parts[1], 5) < 5:
        return parts[1]
    return parts[0] if parts[0] in ("app", "python") else None


def wrong_arrow(folder, path, opening, target):
    """Why `path` of `folder` must not include `target`; None where it may."""
    if target.startswith("kinema/"):
        other = target.split("/")[1]
        if other not in FLOOR_OF:
            return f"there is no floor for '{other}'"
        if folder and folder != other and FLOOR_OF[folder] <= FLOOR_OF[other]:
            return f"{folder}/ must not include {other}/: it is not on a lower floor"
        return None
    in_library = path.parts[0] == "src"
    if opening == '"' and in_library:
        return "a library file is included by its full name, \"kinema/...\""
    if re.match(r"(torch|ATen|c10)/", target):
        allowed = folder == "nn" or (
            folder in LEARNING and (path.suffix == ".cpp" or path.name.endswith("_net.h")))
        return None if allowed else "torch is for nn/ and for .cpp and *_net.h of capabilities"
    if re.match(r"lib(av|sw)\w+/", target) and path.parent.name != "video_module":
        return "FFmpeg is for io/video_module/"
    if target == "mpi.h" and path.name != "comm_mpi.cpp":
        return "MPI is for base/comm_mpi.cpp"
    if target.startswith("lammps/") and path.name != "lammps_main.cpp":
        return "LAMMPS is for app/lammps_main.cpp"
    if target.startswith("CLI/") and folder != "app":
        return "CLI11 is for app/"
    if target.startswith("pybind11/") and folder != "python":
        return "pybind11 is for python/"
    if target == "iostream" and in_library:
        return "the library does not print"
    return None


def blank(match):
    """White space of the same number of lines, so that line numbers hold."""
    return "\n" * match.group().count("\n")


def faults_of(path, text):
    """Faults of one file; `path` is relative to the root of the tree."""
    folder = place_of(path)
    if folder is not None and folder not in FLOOR_OF:
        yield f"{path}: '{folder}' has no floor; name it in tools/check_layers.py"
        return
    for match in INCLUDE.finditer(text):
        why = wrong_arrow(folder, path, *match.groups())
        if why:
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {match.group(2)}: {why}"
    if path.parts[0] != "src":
        return
    code = NOT_CODE.sub(blank, text)
    for pattern, deed in FORBIDDEN:
        for match in pattern.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {match.group()}: the library never {deed}"


def check(root):
    """All faults of the tree, and the number of files read."""
    files = sorted(
        file
        for folder in ("src", "app", "python", "tests", "benchmarks", "examples")
        for suffix in ("*.h", "*.cpp", "*.h.in")
        for file in (root / folder).rglob(suffix))
    faults = [
        fault
        for file in files
        for fault in faults_of(file.relative_to(root), file.read_text(encoding="utf-8"))]
    return faults, len(files)


RIGHT = {
    "src/kinema/codec/decode.cpp": '#include "kinema/io/mrc.h"\n#include "kinema/codec/decode.h"\n',
    "src/kinema/codec/decoder_net.h": "#include <torch/torch.h>\n",
    "src/kinema/base/text.cpp": 'std::snprintf(b, n, "x"); // printf(\nconst char* s = "std::cout";\n',
    "src/kinema/io/video_module/film.cpp": "#include <libavcodec/avcodec.h>\n",
    "src/kinema/io/file.cpp": "file.exit(); thing->abort(); int n = 1'000'000;\n",
    "app/main.cpp": '#include "verb.h"\n#include <iostream>\nint main() { std::exit(2); }\n',
    "tests/codec/decode_test.cpp": '#include "kinema/codec/decode.h"\n#include "test_data.h"\n',
}
WRONG = {
    "src/kinema/base/up.h": '#include "kinema/data/movie.h"\n',
    "src/kinema/io/neighbour.cpp": '#include "kinema/metrics/psnr.h"\n',
    "src/kinema/nn/neighbour.cpp": '#include "kinema/data/movie.h"\n',
    "src/kinema/codec/neighbour.cpp": '#  include "kinema/simulate/nanocrystals.h"\n',
    "src/kinema/codec/program.cpp": '#include "kinema/app/verb.h"\n',
    "src/kinema/codec/climb.cpp": '#include "../../../app/verb.h"\n',
    "src/kinema/attic/box.cpp": "\n",
    "src/kinema/io/tensor.cpp": "#include <torch/torch.h>\n",
    "src/kinema/codec/decode.h": "#include <ATen/ATen.h>\n",
    "src/kinema/io/film.cpp": "#include <libavcodec/avcodec.h>\n",
    "src/kinema/codec/ranks.cpp": "#include <mpi.h>\n",
    "src/kinema/md/link.cpp": "#include <lammps/library.h>\n",
    "src/kinema/io/flags.cpp": "#include <CLI/CLI.hpp>\n",
    "src/kinema/io/talk.cpp": 'void f() { std::cout << "x"; }\n',
    "src/kinema/io/print.cpp": 'void f() { printf("x"); }\n',
    "src/kinema/io/end.cpp": "void f() { std::exit(1); }\n",
    "src/kinema/io/dice.cpp": "std::random_device dice;\n",
    "tests/io/above_test.cpp": '#include "kinema/codec/encode.h"\n',
}


def self_test():
    """Every right file passes and every wrong one is found, each alone in a tree of its own."""
    missed = []
    for wanted, trees in ((0, RIGHT), (1, WRONG)):
        for name, text in trees.items():
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder, name)
                file.parent.mkdir(parents=True)
                file.write_text(text, encoding="utf-8")
                faults, _ = check(pathlib.Path(folder))
                if len(faults) != wanted:
                    missed.append(f"{name}: {wanted} faults expected, found {faults}")
    return missed


def main():
    if sys.argv[1:] == ["--self-test"]:
        faults, said = self_test(), f"{len(RIGHT)} right and {len(WRONG)} wrong files told apart"
    else:
        root = pathlib.Path(sys.argv[1] if sys.argv[1:] else pathlib.Path(__file__).parents[1])
        faults, files = check(root)
        said = f"{files} files keep the floors"
        if not files:
            faults = [f"{root}: no C++ file found"]
    print("\n".join(faults) if faults else said)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
