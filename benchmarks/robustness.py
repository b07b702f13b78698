"""Every sample file, cut at 64 places and with 1,000 single bits turned: how many gave data, how
many a clear refusal, and the worst of time and memory. Samples: KINEMA_TEST_DATA."""
import json
import os
import pathlib
import subprocess
from concurrent.futures import ThreadPoolExecutor

from common import FOLDER, machine, save

TRUNCATIONS, FLIPS, SECONDS, MEGABYTES = 64, 1000, 2, 512
NO_MOVIES = ("chemfiles", "meta")


def samples():
    root = pathlib.Path(os.environ.get("KINEMA_TEST_DATA", FOLDER / "../../shared/data")) / "formats"
    return root, sorted(path for path in root.rglob("*") if path.is_file()
                        and path.suffix != ".json" and not set(path.parts) & set(NO_MOVIES))


def measure(build):
    root, paths = samples()
    if not paths:
        print(f"sample data absent: {root}")
        return

    def one(path):
        told = subprocess.run([build / "benchmarks" / "robustness", "--truncations",
                               str(TRUNCATIONS), "--flips", str(FLIPS), "--seconds", str(SECONDS),
                               "--megabytes", str(MEGABYTES), path],
                              check=False, capture_output=True, text=True)
        return {**json.loads(told.stdout), "file": str(path.relative_to(root))}

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        files = list(pool.map(one, paths))
    save("robustness", {"machine": machine(), "truncations": TRUNCATIONS, "flips": FLIPS,
                        "limits": {"seconds": SECONDS, "megabytes": MEGABYTES}, "files": files})
