"""Which command a run is to be resumed with."""

from __future__ import annotations

import json
from pathlib import Path

from ddpm.checkpoint import CheckpointError, load_tensors
from ddpm.networks.systems import SYSTEMS, networks_of
from ddpm.training.run import STATE
from ddpm.training.stages import CONFIG


def check_resumes(out: str | Path, networks: tuple[str, ...]) -> None:
    """CheckpointError names the right command if the run in `out` trains other networks. A folder
    without a run is left to whoever goes on with it."""
    config, state = Path(out, CONFIG), Path(out, STATE)
    try:
        values = json.loads(config.read_text()) if config.exists() else _of_state(state)
        held = networks_of(values)
    except (OSError, ValueError, AttributeError):
        return
    if held != networks and held in SYSTEMS:
        command = "distill" if values.get("distill") else SYSTEMS[held].command
        raise CheckpointError(
            f"{out} holds a run of {command}, and this command trains {' and '.join(networks)}: "
            f"resume it with {command} --resume"
        )


def _of_state(file: Path) -> dict:
    return load_tensors(file)[1].to_dict()
