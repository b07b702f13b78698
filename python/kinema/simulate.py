"""Movies with their truth."""

from ._core.simulate import nanocrystals

__all__ = ["nanocrystals"]
