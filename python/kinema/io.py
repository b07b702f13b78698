"""Movie files: MRC, TIFF and NPY, recognised by their bytes."""

from ._core.io import Movie, convert, formats, info, open, read, write

__all__ = ["Movie", "convert", "formats", "info", "open", "read", "write"]
