#!/usr/bin/env python3
"""The highest rate of frames that `kinema codec encode` holds without loss on two cores, for the
frames of some detectors.

    detector.py --build build/bench                          all presets, 60 s each
    detector.py --build build/bench --seconds 20 OneView     less

A camera (detector/camera.c) publishes frames into a ring in shared memory, or a pipe, at a rate that
is raised and lowered until none is lost; the best is then held for --seconds."""
import argparse
import json
import os
import pathlib
import subprocess
import time

from common import load, machine, save

RATIO, CORES = 10, 2
K2 = "Gatan, K2 Summit and K2 Base User's Guide"
CAMERA_4D = "Ercius et al., Microsc. Microanal. 2024, ozae086"
# name, frame, pixels, frames a second, where that stands (none: from memory, not verified)
PRESETS = [("OneView", 4096, 4096, "uint16", 25, None),
           ("ELA", 512, 1028, "uint16", 2250, None),
           ("K3, output", 4092, 5760, "uint8", 75, None),
           ("Falcon 4i, inside", 4096, 4096, "uint8", 320, None),
           ("K2, inside", 3710, 3838, "uint8", 400, K2),
           ("ARINA", 192, 192, "uint16", 120000, None),
           ("4D Camera", 576, 576, "uint16", 87000, CAMERA_4D)]
POWER = pathlib.Path("/sys/class/powercap/intel-rapl:0/energy_uj")


def joules():
    """The processor's energy so far; none where the machine does not tell."""
    try:
        return int(POWER.read_text()) * 1e-6
    except OSError:
        return None


class Detector:
    """Frames of one kind, and the programs that make and take them."""

    def __init__(self, build, height, width, dtype, source="ring"):
        self.build, self.shape, self.dtype, self.source = build, (height, width), dtype, source
        self.pixels = height * width
        self.bytes = self.pixels * (1 if dtype == "uint8" else 2)
        self.slots = int(min(8192, max(2 * RATIO + 4, (256 << 20) / self.bytes)))
        self.memory = max(64 << 20, 6 * RATIO * self.bytes)

    def memcpy(self):
        words = [self.build / "benchmarks/camera", "memcpy", self.dtype, *self.shape]
        return float(subprocess.run(list(map(str, words)), check=True, capture_output=True).stdout)

    def run(self, rate, seconds):
        """What the program and the camera say of so many seconds; rate 0: as fast as it goes."""
        name = "-" if self.source == "stdin" else f"shm:kinema_bench_{os.getpid()}"
        encode = [self.build / "kinema", "codec", "encode", name, "--ratio", RATIO, "--threads", CORES,
                  "--memory", f"{self.memory} B", "-o", f"/tmp/kinema_bench_{os.getpid()}.h5",
                  "--force", "--json", "--quiet", "--idle", "60 s"]
        camera = [self.build / "benchmarks/camera", name.replace("shm:", ""), self.dtype, *self.shape,
                  self.slots, rate, seconds]
        if self.source == "stdin":
            encode += ["--shape", f"{self.shape[0]}x{self.shape[1]}", "--type", self.dtype]
        energy = joules()
        shooting = subprocess.Popen(list(map(str, camera)), stderr=subprocess.PIPE,
                                    stdout=subprocess.PIPE if self.source == "stdin" else None)
        work = subprocess.Popen(list(map(str, encode)), stdin=shooting.stdout,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if shooting.stdout:
            shooting.stdout.close()
        told, errors = work.stdout.read(), work.stderr.read()
        _, _, usage = os.wait4(work.pid, 0)
        work.returncode = 0
        camera_said = json.loads(shooting.stderr.read() or b"null")
        if shooting.wait() != 0 or not told:
            raise SystemExit(f"failed: {errors.decode()} {camera_said}")
        os.unlink(encode[encode.index("-o") + 1])
        found = json.loads(told)
        gigapixels = found["frames"] * self.pixels * 1e-9
        spent = None if energy is None else (joules() - energy) / gigapixels
        return {**found["live"], "camera": camera_said, "frames": found["frames"],
                "cpu_seconds_per_gpx": (usage.ru_utime + usage.ru_stime) / gigapixels,
                "peak_mib": usage.ru_maxrss / 1024, "joules_per_gpx": spent,
                "bits_per_pixel": found["rate"]["bits_per_pixel"]}

    def held(self, found):
        """Nothing was lost, and what was behind did not pile up towards it."""
        lost = found["lost_frames"] + found["camera"]["lost"]
        room = self.slots + self.memory // (RATIO * self.bytes) * RATIO
        return lost == 0 and found["largest_lag_frames"] <= 2 * RATIO + room / 2

    def highest(self, seconds, steps):
        """Frames a second, by bisection below the rate at which the program takes all it can."""
        free = self.run(0, seconds)
        low, high = 0.4, 1.1  # of that rate
        fastest = free["frames"] / free["seconds"]
        for _ in range(steps):
            middle = 0.5 * (low + high)
            if self.held(self.run(middle * fastest, seconds)):
                low = middle
            else:
                high = middle
        return low * fastest


def row_of(build, preset, source, seconds, search, steps):
    name, height, width, dtype, rate, origin = preset
    detector = Detector(build, height, width, dtype, source)
    copy = detector.memcpy()
    best = detector.highest(search, steps)
    for _ in range(6):
        found = detector.run(best, seconds)
        if detector.held(found):
            break
        best *= 0.92
    copy = 0.5 * (copy + detector.memcpy())
    gb_s = best * detector.bytes * 1e-9
    return {"detector": name, "source": source, "height": height, "width": width, "dtype": dtype,
            "detector_fps": rate, "origin": origin, "held": detector.held(found), "seconds": seconds,
            "fps": best, "mpx_s": best * detector.pixels * 1e-6, "gb_s": gb_s, "memcpy_gb_s": copy,
            "ratio": gb_s / copy, "slots": detector.slots,
            **{key: found[key] for key in ("largest_lag_ms", "largest_lag_frames", "peak_mib",
                                           "cpu_seconds_per_gpx", "joules_per_gpx",
                                           "bits_per_pixel")}}


def measure(build, names=(), seconds=60.0, search=6.0, steps=5):
    about = machine()
    rows = {(row["detector"], row["source"]): row for row in (load("detector") or {}).get("rows", [])}
    for preset in PRESETS:
        if names and preset[0] not in names:
            continue
        for source in ("ring", "stdin") if preset[0] == "OneView" else ("ring",):
            row = row_of(build, preset, source, seconds, search, steps)
            rows[preset[0], source] = {**row, "load_before": about["load_before"]}
            print(f"{preset[0]} ({source}): {row['fps']:.1f} frames/s, {row['mpx_s']:.0f} Mpx/s",
                  flush=True)
            order = [preset[0] for preset in PRESETS]
            save("detector", {"machine": about,
                              "rows": sorted(rows.values(), key=lambda r: (
                                  order.index(r["detector"]), r["source"]))})
            time.sleep(1.0)


def main():
    parser = argparse.ArgumentParser(description="the rates that the encoder holds")
    parser.add_argument("presets", nargs="*", metavar="DETECTOR")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/bench"))
    parser.add_argument("--seconds", type=float, default=60.0, help="of the rate that is held")
    parser.add_argument("--search", type=float, default=6.0, help="seconds of each rate tried")
    parser.add_argument("--steps", type=int, default=5, help="rates tried")
    options = parser.parse_args()
    known = [preset[0] for preset in PRESETS]
    for name in options.presets:
        if name not in known:
            parser.error(f"no detector '{name}'; there are {', '.join(known)}")
    measure(options.build, options.presets, options.seconds, options.search, options.steps)


if __name__ == "__main__":
    main()
