#!/usr/bin/env python3
"""Compresses a movie and decodes it from Python, on numpy arrays.

    PYTHONPATH=build/release/python /usr/bin/python3 examples/03_from_python.py

Arrays are neither copied on the way in nor on the way out; a path in an array's place streams.
"""

import numpy as np

import kinema

# A small movie of nanocrystals as a detector would record it, and the same without noise.
recorded, clean = kinema.simulate.nanocrystals(frames=20, height=128, width=128, seed=1)
print("recorded:", recorded.shape, recorded.dtype)

# Ten frames become one measurement, here an exact one; by default it is kept in steps of its noise.
# `out` would keep it in a container.
measurement = kinema.codec.encode(recorded, ratio=10, pixel_size="0.4 A", quantise="none")
print(measurement)

# The sum that each measurement holds, said in numpy.
first = (measurement.masks * recorded[:10].astype(np.uint16)).sum(axis=0)
assert np.array_equal(measurement.snapshots[0], first)

# The frames again, and how good they are beside the recorded and the binned ones.
frames, report = kinema.codec.decode(measurement, return_report=True)
print("residual of each group:", [round(group["residual"], 3) for group in report["groups"]])
quality = kinema.codec.evaluate(frames, reference=clean, raw=recorded, ratio=measurement.ratio)
for name in ("decoded", "raw", "binned"):
    print(f"{name:8} {quality[name]['mean_psnr']:.2f} dB")
