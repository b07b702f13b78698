"""What the benchmark scripts share: running the program, and describing the machine."""
import json
import os
import pathlib
import platform
import subprocess
import time

FOLDER = pathlib.Path(__file__).resolve().parent
RESULTS = FOLDER / "results"


class Run:
    """One finished command: its wall time, its peak resident memory and its JSON result."""

    def __init__(self, command, seconds, peak_bytes, result):
        self.command, self.seconds = command, seconds
        self.peak_bytes, self.result = peak_bytes, result


def kinema(build, *arguments):
    """Runs the program of a build folder with --json; raises where it fails."""
    command = [str(build / "kinema"), *map(str, arguments), "--json", "--force"]
    command += ["--progress", "none"]
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return Run(command, seconds, usage.ru_maxrss * 1024, json.loads(output))


def machine():
    """The processor and its memory; no names."""
    model = platform.machine()
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)),
            "memory_gib": round(memory / 2**30, 1),
            "load_before": round(os.getloadavg()[0], 2)}


def save(name, result):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")


def load(name):
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
