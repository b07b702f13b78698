"""The micro benchmarks, their counters alone."""
import json
import subprocess

from common import machine, save


def measure(build):
    for name in ("encode", "plane", "gap_tv"):
        about = machine()
        done = subprocess.run([str(build / f"benchmarks/{name}_bench"), "--benchmark_format=json"],
                              check=True, stdout=subprocess.PIPE)
        found = json.loads(done.stdout)
        about["simd"] = found["context"]["simd"]
        rows = []
        for bench in found["benchmarks"]:
            counters = {key: value for key, value in bench.items()
                        if key.endswith(("_gb_s", "_mpx_s", "_bits", "_ms", "_db")) or key.startswith("ratio")}
            _, case, *arguments = bench["name"].split("/")
            named = dict(argument.split(":") for argument in arguments if ":" in argument)
            rows.append({"case": case, "repetitions": int(named.pop("iterations")),
                         **{key: int(value) for key, value in named.items()}, **counters})
        save(name, {"machine": about, "rows": rows})
