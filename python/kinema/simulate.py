"""Movies with their truth."""

from ._core.simulate import fibres, nanocrystals, particles

__all__ = ["fibres", "nanocrystals", "particles"]
