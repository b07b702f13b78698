#!/usr/bin/env python3
"""Undoes the coder of planes and the steps of schema 2 (docs/formats/container.md), with numpy.

    decode_plane(stored, height, width)                   the numbers (Y, X) of a stored chunk
    decode_plane(stored, height, width, open_frames)      the same, coded in proportion to n (Y, X)
    sums_of_steps(numbers, open_frames, noise, whole)     the sums (Y, X) that steps stand for
    floats_of_bits(numbers)                               the float32 (Y, X) of a row with step 0

Each pixel is predicted from those before it, so the inner loop is plain Python: 3 s a megapixel.
"""
import bisect
import hashlib
import math
import struct
from functools import lru_cache
from typing import NamedTuple

import numpy as np

TILE = 128  # pixels along the edge of a tile of own weights
BAND = 64  # rows of a band
NEIGHBOURS = ((0, 1), (0, 2), (0, 3), (1, 3), (1, 2), (1, 1), (1, 0), (1, -1), (1, -2), (1, -3),
              (2, 2), (2, 1), (2, 0), (2, -1), (2, -2), (3, 1), (3, 0), (3, -1))  # (up, left)
SIDE = 3  # how far neighbours lie
SHARES = 1 << 14
TABLES_DIGEST = "d361ea10b89f233c7f7586dceefa2b60"
MIXTURES = (((0.985, 1.0), (0.01, 2.0), (0.005, 4.0)),
            ((0.85, 0.9), (0.12, 1.8), (0.03, 4.0)),
            ((0.6, 0.55), (0.3, 1.3), (0.1, 3.0)))  # of each shape: weights, deviations in sigma


class DamagedFile(ValueError):
    """Bytes that do not match their hash, or a table that does not fit."""


# ---- known tables -------------------------------------------------------------------------------
def normal_share_below(t):
    """Share of a normal distribution, which ends at 6 standard deviations, below t deviations."""
    return float(t > 0) if abs(t) >= 6 else 0.5 * (1 + math.erf(t / math.sqrt(2)))


def known_counts(sigma, mixture, phase):
    """Counts (64) of the symbols of residuals around phase / 8."""
    edges = np.arange(-31, 33) - 0.5 - phase / 8
    below = sum(w * np.array([normal_share_below(edge / (d * sigma)) for edge in edges])
                for w, d in mixture)
    weights = np.concatenate([[below[0] + 1 - below[-1]], np.diff(below)])
    counts = 1 + np.floor((SHARES - 64) * weights / weights.sum()).astype(np.int64)
    counts[counts.argmax()] += SHARES - counts.sum()
    return counts


@lru_cache
def known_tables():
    """Counts (20 scales, 3 shapes, 8 phases, 64 symbols), checked against their digest."""
    counts = np.array([[[known_counts(2 ** (scale / 4) / 4, mixture, phase) for phase in range(8)]
                        for mixture in MIXTURES] for scale in range(20)])
    found = hashlib.blake2b(counts.astype("<u2"), digest_size=16).hexdigest()
    if found != TABLES_DIGEST:
        raise ArithmeticError(f"the known tables come out as {found}, not as {TABLES_DIGEST}")
    return counts


def starts_of(counts):
    """First shares of the 64 symbols and, behind them, the end: 65 integers."""
    return [0, *np.cumsum(counts).tolist()]


# ---- header -------------------------------------------------------------------------------------
class Bytes:
    """Little-endian fields, read one after the other."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        if self.place + count > len(self.data):
            raise DamagedFile(f"a plane of {len(self.data)} bytes ends within a field of {count} at"
                              f" byte {self.place}")
        self.place += count
        return self.data[self.place - count:self.place]

    def fields(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    def field(self, form):
        return self.fields(form)[0]


class Level(NamedTuple):
    """How residuals of one level of activity are coded."""
    shift: int  # plain bits below the residual
    phase_mask: int  # 7 where the table depends on the phase, else 0
    tables: list  # of each phase: starts of the symbols (65); empty for a level that does not come


class Header(NamedTuple):
    point: int  # f, bits behind the point of weights
    base: int
    lowest: int
    highest: int
    weights: np.ndarray  # (tiles down, tiles across, 18), int64
    levels: list


def read_level(data):
    kind = data.field("B")
    shape, shift = kind % 8, kind // 8
    if shape < 3:
        scale = data.field("B")
        if scale >= 20:
            raise DamagedFile(f"a level of scale {scale}; known are 0 to 19")
        return Level(shift, 7, [starts_of(counts) for counts in known_tables()[scale, shape]])
    if shape == 3:
        counts = np.zeros(64, np.int64)
        for _ in range(data.field("B")):
            symbol, share = data.fields("BH")
            counts[symbol % 64] = share
        if counts.sum() != SHARES:
            raise DamagedFile(f"a level's own shares sum to {counts.sum()}, not to {SHARES}")
        return Level(shift, 0, [starts_of(counts)])
    raise DamagedFile(f"a level of shape {shape}; known are 0 to 3")


def read_header(data, height, width):
    version, point = data.fields("BB")
    if version != 1 or not 3 <= point <= 12:
        raise DamagedFile(f"a plane of version {version} with {point} bits behind the point;"
                          " known is version 1 with 3 to 12")
    base, lowest, highest = data.fields("3i")
    given = data.field("B")
    common = data.fields("18h") if given & 1 else (0,) * 18
    weights = np.array([[data.fields("18h") if given & 2 and data.field("B") else common
                         for _ in range(0, width, TILE)] for _ in range(0, height, TILE)], np.int64)
    used = data.field("I")
    levels = [read_level(data) if used >> i & 1 else Level(0, 0, []) for i in range(32)]
    return Header(point, base, lowest, highest, weights, levels)


# ---- symbols ------------------------------------------------------------------------------------
class Band:
    """Symbols and plain bits of 64 rows."""

    def __init__(self, data):
        symbols, plain = [data.take(size) for size in data.fields("2I")]
        self.words = iter(np.frombuffer(symbols, "<u2").tolist())
        self.states = [next(self.words) << 16 | next(self.words) for _ in range(4)]
        self.turn = 0
        self.plain, self.place = plain, 0

    def symbol(self, starts):
        """The next symbol by range asymmetric numeral systems (Duda, arXiv:1311.2540)."""
        turn = self.turn
        self.turn = (turn + 1) & 3
        x = self.states[turn]
        place = x & (SHARES - 1)
        symbol = bisect.bisect_right(starts, place) - 1
        first = starts[symbol]
        x = (starts[symbol + 1] - first) * (x >> 14) + place - first
        self.states[turn] = x if x >= 65536 else x << 16 | next(self.words)
        return symbol

    def bits(self, count):
        """A number of so many plain bits, lowest bit first."""
        first, self.place = self.place, self.place + count
        whole = int.from_bytes(self.plain[first >> 3:(self.place + 7) >> 3], "little")
        return whole >> (first & 7) & ((1 << count) - 1)

    def finish(self):
        if self.states != [1 << 16] * 4 or next(self.words, None) is not None:
            raise DamagedFile("the symbols of a band do not end where they should")
        if not 0 <= 8 * len(self.plain) - self.place < 8:
            raise DamagedFile("the plain bits of a band do not end where they should")


def read_value(band, level, p):
    """One value from its prediction p, in eighths of a step."""
    shift = level.shift
    q = (p - 4 * ((1 << shift) - 1)) >> shift
    if not level.phase_mask:
        q = (q + 4) & ~7
    symbol = band.symbol(level.tables[q & level.phase_mask])
    residual = symbol - 32
    if symbol == 0:
        far = band.bits(band.bits(6))
        residual = -(32 + far // 2) if far & 1 else 32 + far // 2
    value = (residual + (q >> 3)) << shift
    return value + band.bits(shift) if shift else value


# ---- planes -------------------------------------------------------------------------------------
def int32(number):
    return ((number + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def exposures(open_frames, height, width):
    """up and down (Y, X), 16 bits behind the point, and where pixels are coded."""
    if open_frames is None:
        open_frames = np.ones((height, width), np.int64)
    n = np.maximum(open_frames.astype(np.int64), 1)
    middle = max(1, int(open_frames.min() + open_frames.max()) // 2)
    up, down = (middle * 65536 + n // 2) // n, (n * 65536 + middle // 2) // middle
    return up, down, open_frames > 0


def read_row(band, header, weights, above, activity_above, row, u, up, down, coded):
    """Values of a row into `row`, its u into `u`[SIDE:]; returns its errors e."""
    w1, w2, w3 = (weights[i].tolist() for i in range(3))
    half = (1 << (header.point - 3)) // 2
    lowest, highest, base = 8 * header.lowest, 8 * header.highest, header.base
    errors, e1, e2 = [], 0, 0  # of the pixel to the left and the one before
    for x in range(len(row)):
        if not coded[x]:
            u[x + SIDE], e2, e1 = u[x + SIDE - 1], e1, 0
            errors.append(0)
            continue
        s = above[x] + w1[x] * u[x + 2] + w2[x] * u[x + 1] + w3[x] * u[x]
        p = min(max(int32(s + half) >> (header.point - 3), lowest), highest) + 8 * base
        p = p * down[x] >> 16
        activity = activity_above[x] + 2 * e1 + e2 + 4
        order = activity.bit_length() - 1
        level = header.levels[min(31, 2 * (order - 2) + (activity >> (order - 1) & 1))]
        value = read_value(band, level, p)
        row[x], u[x + SIDE] = value, int32((value * up[x] >> 16) - base)
        e2, e1 = e1, min(abs(8 * value - p), 1 << 24)
        errors.append(e1)
    return errors


def read_rows(data, header, height, width, open_frames):
    values = np.zeros((height, width), np.int64)
    up, down, coded = (a.tolist() for a in exposures(open_frames, height, width))
    u = np.zeros((4, width + 2 * SIDE), np.int64)  # of the row at hand, the one above, ...
    errors = np.zeros((3, width + 2), np.int64)  # the same; nothing on either side
    for y in range(height):
        if y % BAND == 0:
            band = Band(data)
        weights = np.repeat(header.weights[y // TILE], TILE, axis=0)[:width].T  # (18, X)
        above = sum(weights[i] * u[i_up, SIDE - left:SIDE - left + width]
                    for i, (i_up, left) in enumerate(NEIGHBOURS) if i_up)
        busy = 2 * errors[1, 1:-1] + errors[1, :-2] + errors[1, 2:] + errors[2, 1:-1]
        row, own = [0] * width, [int(u[1, SIDE])] * SIDE + [0] * width
        errors[0, 1:-1] = read_row(band, header, weights, above.tolist(), busy.tolist(), row, own,
                                   up[y], down[y], coded[y])
        values[y] = row
        u[0] = own + own[-1:] * SIDE
        u, errors = np.roll(u, 1, axis=0), np.roll(errors, 1, axis=0)
        if y % BAND == BAND - 1 or y == height - 1:
            band.finish()
    return values


def decode_plane(stored, height, width, open_frames=None):
    """Numbers (Y, X), int32, of a stored chunk; `open_frames` (Y, X) where they are coded in
    proportion to it: whole sums of a row with step 0."""
    if stored[:1] == b"\2":
        return decode_events(stored, height, width)
    data = Bytes(stored)
    try:
        values = read_rows(data, read_header(data, height, width), height, width, open_frames)
    except (StopIteration, IndexError):
        raise DamagedFile("a plane ends early, or uses a level that does not come") from None
    if data.place != len(stored):
        raise DamagedFile(f"{len(stored) - data.place} bytes lie behind the last band of a plane")
    return values.astype(np.int32)


# ---- events -------------------------------------------------------------------------------------
class EventBits:
    """Bits of a frame's events, each byte from its lowest bit."""

    def __init__(self, data):
        self.bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        self.ones = iter(np.flatnonzero(self.bits).tolist())
        self.one, self.place = next(self.ones), 0

    def unary(self):
        while self.one < self.place:
            self.one = next(self.ones)
        zeros, self.place = self.one - self.place, self.one + 1
        return zeros

    def number(self, count):
        first, self.place = self.place, self.place + count
        if self.place > len(self.bits):
            raise StopIteration
        return sum(int(bit) << i for i, bit in enumerate(self.bits[first:self.place]))


def read_tile(bits, before, pixels):
    """Electrons of each pixel of a tile, row by row, where the tile before had so many."""
    shift = before.bit_length() // 2 + 1
    folded = bits.unary() << shift | bits.number(shift)
    electrons = before - folded // 2 - 1 if folded & 1 else before + folded // 2
    counts, place = np.zeros(pixels, np.int32), 0
    if electrons:
        half = max(1, (45426 * pixels + 32768 * electrons) // (65536 * electrons))
        longer = (half - 1).bit_length()
        short = (1 << longer) - half
    for _ in range(electrons):
        place += half * bits.unary()
        if longer:
            rest = bits.number(longer - 1)
            place += rest if rest < short else (rest << 1 | bits.number(1)) - short
        counts[place] += 1
    return counts, electrons


def decode_events(stored, height, width):
    """Numbers (Y, X), int32, of a stored chunk that begins with 2."""
    plane, electrons, edge = np.zeros((height, width), np.int32), 64, 1 << stored[1]
    try:
        bits = EventBits(stored[2:])
        for y in range(0, height, edge):
            for x in range(0, width, edge):
                tile = plane[y:y + edge, x:x + edge]
                counts, electrons = read_tile(bits, electrons, tile.size)
                tile[:] = counts.reshape(tile.shape)
    except (StopIteration, IndexError):
        raise DamagedFile("events end early, or lie outside their tile") from None
    if not 0 <= len(bits.bits) - bits.place < 8:
        raise DamagedFile("events do not end where they should")
    return plane


# ---- steps --------------------------------------------------------------------------------------
class Noise(NamedTuple):
    """The numbers of a row of the table of groups that steps follow from."""
    step: float
    gain: float
    read_variance: float


def edge(t, noise, variance, first_width, even):
    """The z at which F is t, for an array t; `even` is zb, up to which steps are of one width."""
    z = t * first_width
    if math.isfinite(even):
        sigma = math.sqrt(noise.gain * max(even, 0) + variance)
        sigma = sigma + noise.step * noise.gain / 2 * (t - even / first_width)
        z = np.where(z <= even, z, (sigma ** 2 - variance) / noise.gain)
    return z


def sums_of_steps(numbers, open_frames, noise, whole):
    """Sums (Y, X), float32: the middle of each step, at each pixel's exposure.

    `open_frames` (Y, X) is n, `whole` says whether recorded pixels are whole numbers."""
    n = open_frames.astype(float)
    exposure = max(1.0, (n.min() + n.max()) / 2)
    variance = max(exposure * noise.read_variance, noise.gain ** 2 / 4)
    width = noise.step * (math.sqrt(variance) if noise.gain or noise.read_variance else 1)
    width = max(width, 1.0) if whole else width
    even = math.inf
    if noise.gain:
        even = max(0.0, (width ** 2 / noise.step ** 2 - variance) / noise.gain)
    low, high = (edge(numbers + side, noise, variance, width, even) for side in (-0.5, 0.5))
    if whole and n.min() == n.max():
        low = np.ceil(low)
        high = np.maximum(low, np.ceil(high) - 1)
    return ((low + high) / 2 * n / exposure).astype(np.float32)


def floats_of_bits(numbers):
    """float32 of int32 that rise with them: where the sign is set, all other bits are inverted."""
    return np.where(numbers < 0, numbers ^ 0x7FFFFFFF, numbers).astype(np.int32).view(np.float32)
