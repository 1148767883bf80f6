"""Names of the models that a host offers besides those that are shipped: DDPM_MODELS."""

import os
import re
from pathlib import Path

VARIABLE = "DDPM_MODELS"  # paths, and ids on the Hugging Face Hub, separated by commas


def _named() -> dict[str, str]:
    """Where each model is, by its name in requests and links. Of two with one name the last."""
    places = filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(",")))
    return {f"offered_{re.sub(r'[^a-z0-9]+', '_', shown(each).lower())}": each for each in places}


def shown(where: str) -> str:
    """What visitors read: an id, or the last part of a path."""
    return Path(where).resolve().name if Path(where).exists() else where


PLACES = _named()
TEXTS = {f"generate_model_{name}": (shown(where),) * 2 for name, where in PLACES.items()}
