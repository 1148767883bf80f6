"""The old name of `ddpm.systems.imagen`."""

from ddpm.systems.imagen import AUG, CONFIGS, GUIDANCE, STEPS, TextToImage

__all__ = ["AUG", "CONFIGS", "GUIDANCE", "STEPS", "TextToImage"]
