#!/usr/bin/env python3
"""Reads a compressed movie with h5py alone: archives outlive programs.

    examples/02_read_an_archive.py coded.h5

Checks every measurement against its hash and tells its true rate. The archive must hold exact sums
(`--quantise none`), which HDF5 itself unpacks; docs/formats/read_container.py reads all. Without a file
it makes a small one with `kinema`, which must then be in the PATH.
"""

import hashlib
import subprocess
import sys

import h5py


def make_archive():
    simulate = "kinema simulate nanocrystals --frames 20 --height 128 --width 128 -o small.npy"
    subprocess.run(simulate, shell=True, check=True)
    encode = "kinema codec encode small.npy -o small.h5 --ratio 10 --quantise none"
    subprocess.run(encode, shell=True, check=True)
    return "small.h5"


def main():
    with h5py.File(sys.argv[1] if sys.argv[1:] else make_archive()) as file:
        entry = file["entry"]
        snapshots = entry["measurement/snapshots"]  # (S, Y, X), unpacked by HDF5 itself
        bits = 0
        for s, row in enumerate(entry["groups"]):
            _, chunk = snapshots.id.read_direct_chunk((s, 0, 0))
            digest = hashlib.blake2b(chunk, digest_size=16).digest()
            if digest != entry["hashes"][s].tobytes():
                sys.exit(f"measurement {s} is damaged")
            bits += 8 * len(chunk)
            print(f"measurement {s}: frames {row['first']} to {row['first'] + row['frames'] - 1}, "
                  f"values {snapshots[s].min()} to {snapshots[s].max()}, intact")
        recorded = entry["recorded"].attrs
        pixels = recorded["frames"] * recorded["height"] * recorded["width"]
        print(f"{bits / pixels:.2f} bits for each pixel of the movie")
        print(f"masks: {entry['masks'].attrs['kind']}, seed {entry['masks'].attrs['seed']}")


if __name__ == "__main__":
    main()
