"""Movie files of every format that `formats()` lists, recognised by their bytes."""

from ._core.io import Movie, convert, doctor, formats, info, open, read, restore, validate, write

__all__ = [
    "Movie",
    "convert",
    "doctor",
    "formats",
    "info",
    "open",
    "read",
    "restore",
    "validate",
    "write",
]
