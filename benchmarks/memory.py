"""Peak resident memory of encode and decode on 60 frames of 4096 x 4096 u8.

Peak memory does not depend on the number of iterations, so that decoding makes do with few."""
import pathlib
import tempfile

from common import kinema, machine, save

FRAMES, EDGE, ITERATIONS = 60, 4096, 2
LIMITS_GIB = {"encode": 4, "decode": 6}


def measure(build, scratch=None):
    result = {"machine": machine(), "frames": FRAMES, "height": EDGE, "width": EDGE,
              "dtype": "u8", "iterations": ITERATIONS, "limits_gib": LIMITS_GIB, "runs": []}
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        folder = pathlib.Path(folder)
        movie, coded, decoded = folder / "movie.npy", folder / "coded.h5", folder / "decoded.npy"
        kinema(build, "simulate", "nanocrystals", "-o", movie, "--frames", FRAMES, "--height", EDGE,
               "--width", EDGE)
        for ratio in (10, 30):
            runs = {"encode": kinema(build, "codec", "encode", movie, "-o", coded,
                                     "--ratio", ratio),
                    "decode": kinema(build, "codec", "decode", coded, "-o", decoded,
                                     "--iterations", ITERATIONS)}
            for verb, run in runs.items():
                result["runs"].append({"verb": verb, "ratio": ratio,
                                       "peak_gib": round(run.peak_bytes / 2**30, 3),
                                       "seconds": round(run.seconds, 2)})
            decoded.unlink()
    save("memory", result)
