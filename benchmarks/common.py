"""What the benchmark scripts share: running the program, and describing the machine."""
import json
import os
import pathlib
import platform
import subprocess
import time

FOLDER = pathlib.Path(__file__).resolve().parent
RESULTS = FOLDER / "results"


def test_data():
    """The folder of sample data, which may be absent."""
    return pathlib.Path(os.environ.get("KINEMA_TEST_DATA", FOLDER.parents[1] / "shared/data"))


class Run:
    """One finished command: its wall and CPU time in seconds, its peak resident memory, and what
    it printed."""

    def __init__(self, command, seconds, usage, output):
        self.command, self.seconds, self.output = command, seconds, output
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        self.peak_bytes = usage.ru_maxrss * 1024

    @property
    def result(self):
        return json.loads(self.output)


def run(*command, **options):
    """Runs a command; raises with the end of its own words where it fails."""
    command = [str(word) for word in command]
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    output, said = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command)}\n{said.decode(errors='replace')[-2000:]}")
    return Run(command, seconds, usage, output)


def kinema(build, *arguments):
    """Runs the program of a build folder with --json."""
    return run(build / "kinema", *arguments, "--json", "--force", "--progress", "none")


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
