#!/usr/bin/env python3
"""Reads kinema containers (docs/formats/container.md) with h5py and numpy alone; schema 2 takes
read_plane.py beside it.

    python3 read_container.py FILE.h5                  prints a summary and verifies every hash
    python3 read_container.py FILE.h5 --mean OUT.npy   also writes the mean of each group as a movie

As a module:

    with Container("FILE.h5") as c:
        c.groups             numpy records: first, frames, buckets, snapshot, mode, step and, from
                             schema 2 on, gain, read_variance, and, in schema 3, ratio
        c.snapshot(s)        sums (Y, X), checked against their hash; float32 where quantised
        c.masks()            (B, Y, X) of bool, drawn from the seed, checked against their hash
        c.exposures(g)       (buckets, frames, Y, X) of bool: the frames that each snapshot of the
                             coded group g sums
        c.mean_frames(g)     (frames, Y, X) of group g: Y / sum C of the snapshot that each pixel of
                             a frame fell into, or the frames themselves where it is lossless
"""
import argparse
import hashlib
import json

import h5py
import numpy as np

import read_plane
from read_plane import DamagedFile

SCHEMAS = (1, 2, 3)


def digest(data):
    return hashlib.blake2b(data, digest_size=16)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


# ---- masks --------------------------------------------------------------------------------------
def philox(counter, seed):
    """Philox4x32-10 (Salmon et al., SC 2011): four uint32 arrays from a counter of four."""
    low = np.uint64(0xFFFFFFFF)
    c = list(np.broadcast_arrays(*[np.asarray(word, np.uint64) for word in counter]))
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a = c[0] * np.uint64(0xD2511F53)
        b = c[2] * np.uint64(0xCD9E8D57)
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(key[0]), b & low,
             (a >> np.uint64(32)) ^ c[3] ^ np.uint64(key[1]), a & low]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def bernoulli_rows(rows, width, ratio, seed):
    """Masks (B, rows, X): frame b is open where bit b % 32 of r(b / 32) is set."""
    masks = np.empty((ratio, len(rows), width), bool)
    y, x = np.meshgrid(rows, np.arange(width), indexing="ij")
    for b in range(ratio):
        if b % 128 == 0:
            words = philox((b // 128, x, y, 1), seed)
        masks[b] = (words[b // 32 % 4] >> np.uint64(b % 32)) & np.uint64(1)
    return masks


def balanced_rows(rows, width, ratio, seed):
    """Masks (B, rows, X): selection sampling of n of B frames at every pixel."""
    masks = np.empty((ratio, len(rows), width), bool)
    y, x = np.meshgrid(rows, np.arange(width), indexing="ij")
    words = philox((0, x, y, 2), seed)
    needed = ratio // 2 + (words[0] & np.uint64(1) if ratio % 2 else np.zeros_like(words[0]))
    needed = needed.astype(np.uint64)
    for b in range(ratio):
        if (b + 1) % 4 == 0:
            words = philox(((b + 1) // 4, x, y, 2), seed)
        masks[b] = (words[(b + 1) % 4] * np.uint64(ratio - b)) >> np.uint64(32) < needed
        needed -= masks[b]
    return masks


def staggered_rows(rows, width, ratio, seed):
    """Masks (B, rows, X): mask i is open where i >= p."""
    y, x = np.meshgrid(rows, np.arange(width), indexing="ij")
    phase = philox((0, x, y, 3), seed)[0] * np.uint64(ratio) >> np.uint64(32)
    return np.arange(ratio, dtype=np.uint64)[:, None, None] >= phase


def staggered_exposures(masks, frames, buckets):
    """(buckets, frames, Y, X) of bool: contiguous, cut before frame k B - B / 2 + p."""
    ratio = len(masks)
    cuts = [np.arange(1, buckets)[:, None, None] * ratio - ratio // 2 + ratio - masks.sum(axis=0)]
    past = np.arange(frames)[:, None, None, None] >= np.concatenate(cuts)
    bucket = past.sum(axis=1)
    return np.stack([bucket == k for k in range(buckets)])


def draw_masks(kind, ratio, seed, height, width):
    """Masks (B, Y, X) of bool, a band of rows at a time."""
    if kind == "open":
        return np.ones((ratio, height, width), bool)
    rows_of = {"bernoulli": bernoulli_rows, "balanced": balanced_rows,
               "staggered": staggered_rows}[kind]
    bands = [np.arange(y, min(y + 64, height)) for y in range(0, height, 64)]
    return np.concatenate([rows_of(band, width, ratio, seed) for band in bands], axis=1)


# ---- the file -----------------------------------------------------------------------------------
class Container:
    """An open container, complete or not."""

    def __init__(self, path):
        self.file = h5py.File(path, "r")
        if "kinema_schema" not in self.file.attrs:
            raise DamagedFile(f"{path}: not a kinema container (no attribute 'kinema_schema')")
        self.schema = int(self.file.attrs["kinema_schema"])
        if self.schema not in SCHEMAS:
            raise DamagedFile(f"{path}: schema {self.schema}; this reader knows {SCHEMAS}")
        entry = self.file["entry"]
        self.complete = bool(entry.attrs["complete"])
        self.snapshots = entry["measurement/snapshots"]
        filters = self.snapshots.id.get_create_plist()
        self.quantised = filters.get_nfilters() == 1 and filters.get_filter(0)[0] == 480
        self.groups = entry["groups"][:]
        self.modes = [text(name) for name in entry["groups"].attrs["modes"]]
        self.hashes = entry["hashes"][:]
        self.mask_attributes = {name: value for name, value in entry["masks"].attrs.items()}
        self.recorded = {name: value for name, value in entry["recorded"].attrs.items()}
        self.noise = {name: value for name, value in entry["noise"].attrs.items()}
        self.audited = entry["audit/index"][:] if "audit" in entry else np.zeros(0, np.int64)
        self.audited = self.audited[self.audited < self.frames]
        self.losses = entry["losses"][:].tolist() if "losses" in entry else []
        self.drawn = {}  # masks, once asked for, by their ratio
        self.provenance = json.loads(text(entry["provenance/data"][()]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def __len__(self):
        """Number of snapshots that have a row in the table of groups."""
        return int(self.groups["buckets"].sum())

    @property
    def frames(self):
        return int(self.groups["frames"].sum())

    def stored(self, s):
        """The stored bytes of snapshot s; raises DamagedFile unless they match their hash."""
        _, stored = self.snapshots.id.read_direct_chunk((s, 0, 0))
        if digest(stored).digest() != self.hashes[s].tobytes():
            raise DamagedFile(f"snapshot {s} is damaged: its bytes do not match their hash")
        return stored

    def group_of(self, s):
        """The index of the group that snapshot s belongs to."""
        return int(np.searchsorted(self.groups["snapshot"], s, side="right")) - 1

    def lossless(self, g):
        """Whether group g is kept frame by frame, one snapshot each."""
        group = self.groups[g]
        mode = self.modes[group["mode"]] if group["mode"] < len(self.modes) else "unknown"
        snapshots = {"coded": 1, "lossless": group["frames"]}
        if text(self.mask_attributes["kind"]) == "staggered":
            ratio = int(group["ratio"])
            snapshots["coded"] = max(1, (int(group["frames"]) + ratio // 2) // ratio)
        if snapshots.get(mode) != group["buckets"]:
            raise DamagedFile(f"group {g}: mode '{mode}' with {group['buckets']} snapshots of"
                              f" {group['frames']} frames; this reader knows 'coded' with"
                              f" {snapshots['coded']} and 'lossless' with one for each frame")
        return mode == "lossless"

    def exposures(self, g):
        """(buckets, frames, Y, X) of bool: the frames that each snapshot of group g sums."""
        frames, buckets = (int(self.groups[g][name]) for name in ("frames", "buckets"))
        if text(self.mask_attributes["kind"]) == "staggered":
            return staggered_exposures(self.masks_of(g), frames, buckets)
        return self.masks_of(g)[None, :frames]

    def open_frames(self, s):
        """In how many frames each pixel of snapshot s is open (Y, X)."""
        g = self.group_of(s)
        if self.lossless(g):
            return np.ones(self.snapshots.shape[1:], np.int64)
        return self.exposures(g)[s - int(self.groups[g]["snapshot"])].sum(axis=0)

    def snapshot(self, s):
        """Sums (Y, X): uint16, int32 or float32 as recorded, float32 where quantised."""
        stored, group = self.stored(s), self.groups[self.group_of(s)]
        open_frames = self.open_frames(s)
        if not self.quantised:
            return self.snapshots[s]
        whole = "int" in text(self.recorded["dtype"])
        proportional = whole and group["step"] == 0
        numbers = read_plane.decode_plane(stored, *self.snapshots.shape[1:],
                                          open_frames if proportional else None)
        if group["step"] > 0:
            noise = read_plane.Noise(*(float(group[name]) for name in read_plane.Noise._fields))
            return read_plane.sums_of_steps(numbers, open_frames, noise, whole)
        return numbers if whole else read_plane.floats_of_bits(numbers)

    def audited_frame(self, i):
        """Number i of the audited frames (Y, X), as recorded."""
        audit = self.file["entry/audit"]
        _, stored = audit["frames"].id.read_direct_chunk((i, 0, 0))
        if digest(stored).digest() != audit["hashes"][i].tobytes():
            raise DamagedFile(f"audited frame {self.audited[i]} is damaged")
        numbers = read_plane.decode_plane(stored, *self.snapshots.shape[1:])
        return numbers if "int" in text(self.recorded["dtype"]) else read_plane.floats_of_bits(numbers)

    def masks(self):
        """The masks (B, Y, X) of bool, where groups choose those of most frames, checked against
        their hash."""
        ratio = int(self.mask_attributes["ratio"])
        if ratio not in self.drawn:
            self.drawn[ratio] = self.draw_whole()
        return self.drawn[ratio]

    def masks_of(self, g):
        """The masks of group g."""
        whole, a = self.masks(), self.mask_attributes
        ratio = int(self.groups[g]["ratio"]) if self.schema > 2 else len(whole)
        if ratio not in self.drawn:
            self.drawn[ratio] = draw_masks(text(a["kind"]), ratio, int(a["seed"]), *whole.shape[1:])
        return self.drawn[ratio]

    def draw_whole(self):
        a = self.mask_attributes
        kind, ratio = text(a["kind"]), int(a["ratio"])
        height, width = int(a["height"]), int(a["width"])
        if kind == "given":
            bits = self.file["entry/masks/bits"][:]
            masks = np.unpackbits(bits, axis=-1, count=width, bitorder="little").astype(bool)
        else:
            masks = draw_masks(kind, ratio, int(a["seed"]), height, width)
        packed = np.packbits(masks, axis=-1, bitorder="little")
        if masks.shape != (ratio, height, width) or digest(packed).hexdigest() != text(a["hash"]):
            raise DamagedFile("the masks do not match their hash")
        return masks

    def mean_frames(self, g):
        """Frames (n, Y, X) of group g: themselves where lossless, else what each pixel saw on
        average, Y / sum C, in the snapshot that the frame fell into."""
        group, lossless = self.groups[g], self.lossless(g)
        snapshots = range(int(group["snapshot"]), int(group["snapshot"] + group["buckets"]))
        means = np.stack([(self.snapshot(s) / np.maximum(1, self.open_frames(s)))
                          .astype(np.float32) for s in snapshots])
        if lossless:
            return means
        if len(means) == 1:
            return np.repeat(means, int(group["frames"]), axis=0)
        return np.einsum("kyx,ktyx->tyx", means, self.exposures(g))


def summary(container):
    c, a = container, container.mask_attributes
    _, height, width = c.snapshots.shape
    bits = sum(c.snapshots.id.get_chunk_info_by_coord((s, 0, 0)).size for s in range(len(c))) * 8
    kept = f", {c.noise['kept_dose']:.1%} of the dose kept" if "kept_dose" in c.noise else ""
    size = f"up to {int(a['ratio'])} frames each"
    lines = [f"schema {c.schema}, {'complete' if c.complete else 'not complete'}",
             f"{c.frames} frames of {height} x {width}, recorded as {text(c.recorded['dtype'])}",
             f"{len(c)} snapshots of {c.snapshots.dtype}, {size}{kept}",
             f"{text(a['kind'])} masks, seed {int(a['seed'])}, hash {text(a['hash'])}"]
    if c.frames:
        lines.append(f"{bits / (c.frames * height * width):.3f} bits a pixel (snapshots alone)")
    for frame, lost in c.losses:
        lines.append(f"{lost} frames were lost before frame {frame}")
    if "pixel_size_angstrom" in c.recorded:
        lines.append(f"pixel size (x, y) {tuple(c.recorded['pixel_size_angstrom'])} angstrom")
    if len(c.audited):
        lines.append(f"{len(c.audited)} audited frames")
    lines.append(f"made by kinema {c.provenance['version']}: {c.provenance['command']}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="reads a kinema container")
    parser.add_argument("file")
    parser.add_argument("--mean", metavar="OUT.npy", help="write the mean of each group, (T, Y, X)")
    options = parser.parse_args()
    with Container(options.file) as container:
        print(summary(container))
        for s in range(len(container)):
            container.stored(s)
        container.masks()
        print("all hashes match")
        if options.mean:
            groups = range(len(container.groups))
            np.save(options.mean, np.concatenate([container.mean_frames(g) for g in groups]))


if __name__ == "__main__":
    try:
        main()
    except DamagedFile as error:
        raise SystemExit(f"read_container: {error}")
