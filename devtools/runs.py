"""What a training left in its folder, for a test that asks whether two learned the same."""

import json
from pathlib import Path

import torch

from ddpm.checkpoint import load_tensors


def log(out: Path, name: str = "log.jsonl") -> list[dict]:
    """The rows of a run's log, or of another file of its folder."""
    return [json.loads(line) for line in (out / name).read_text().splitlines()]


def losses(out: Path) -> dict[str, list[float]]:
    """Of the run, or of each of its stages, by the log's path in the folder."""
    logs = [path.relative_to(out) for path in sorted(out.rglob("log.jsonl"))]
    return {str(path): [line["loss"] for line in log(out, str(path))] for path in logs}


def everything(out: Path) -> dict[str, torch.Tensor]:
    """All tensors of a run: states, models and trajectories."""
    found = {}
    for file in sorted(out.rglob("*.safetensors")):
        tensors = load_tensors(file, dict)[0]
        found |= {f"{file.relative_to(out)} {name}": tensor for name, tensor in tensors.items()}
    return found


def assert_same_run(a: Path, b: Path) -> None:
    """Bit for bit."""
    ours, theirs = everything(a), everything(b)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in ours.items())
    assert losses(a) == losses(b)
