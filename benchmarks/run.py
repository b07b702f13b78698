#!/usr/bin/env python3
"""Runs the benchmarks, writes results/*.json and the tables of README.md anew.

    run.py --build build/bench                 all of them
    run.py --build build/bench micro quality   some of them
    run.py --tables                            the tables alone, from the results there are"""
import argparse
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent / part) for part in ("quality", "rate")]
import atoms  # noqa: E402
import codec  # noqa: E402
import detector  # noqa: E402
import dynamics  # noqa: E402
import memory  # noqa: E402
import micro  # noqa: E402
import reading  # noqa: E402
import robustness  # noqa: E402
import tables  # noqa: E402
import viewer  # noqa: E402
import views3d  # noqa: E402


def rate(build):
    import race  # needs numpy and scipy, which the other parts do without
    race.measure(build)


PARTS = {"micro": micro.measure, "memory": memory.measure,
         "reading": reading.measure, "detector": detector.measure, "robustness": robustness.measure,
         "quality": codec.measure, "dynamics": dynamics.measure, "atoms": atoms.measure, "viewer": viewer.measure,
         "views3d": views3d.measure, "rate": rate}


def main():
    parser = argparse.ArgumentParser(description="runs the benchmarks")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/bench"))
    parser.add_argument("--tables", action="store_true", help="write the tables alone")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part '{unknown.pop()}'; there are {', '.join(PARTS)}")
    for name in [] if options.tables else options.parts or PARTS:
        print(f"== {name}", flush=True)
        PARTS[name](options.build)
    tables.write()
    print("tables: benchmarks/README.md")


if __name__ == "__main__":
    main()
