"""Electron-microscopy movies to compressed archives, and back.

    import kinema

    measurement = kinema.codec.encode("movie.mrc", ratio=10, out="coded.h5")
    frames = kinema.codec.decode(measurement)          # numpy (T, Y, X), float32
    quality = kinema.codec.evaluate(frames, reference="movie.mrc")

Verbs, options and their defaults are those of the program `kinema`; `help(kinema.codec.encode)`
lists them. Wrong input is an `InputError`, which is a `ValueError`.
"""

from . import codec, io, simulate
from ._core import FileError, InputError, set_threads, simd, threads
from ._core import version as __version__
from .io import Movie, convert, doctor, formats, info, open, read, restore, validate, write

__all__ = [
    "FileError",
    "InputError",
    "Movie",
    "codec",
    "convert",
    "doctor",
    "formats",
    "info",
    "io",
    "open",
    "read",
    "restore",
    "set_threads",
    "simd",
    "simulate",
    "threads",
    "validate",
    "write",
]
