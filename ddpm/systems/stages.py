"""The old place of `StageStep`."""

from ddpm.systems.base import StageStep

__all__ = ["StageStep"]
