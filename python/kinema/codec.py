"""Coded measurements: movies compressed by coded exposure, and decoded again."""

from ._core.codec import Measurement, decode, encode, evaluate, masks, read, report, wrap, write

__all__ = [
    "Measurement",
    "decode",
    "encode",
    "evaluate",
    "masks",
    "read",
    "report",
    "wrap",
    "write",
]
