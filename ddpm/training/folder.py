"""The folder of a run: what kind of run it is, with which settings, and whether it goes on."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ddpm import checkpoint
from ddpm.checkpoint import ONLY, CheckpointError
from ddpm.config import Config
from ddpm.networks.systems import SYSTEMS

STATE, LOG = "state.safetensors", "log.jsonl"
EVALUATION = "evaluation.json"  # what `ddpm evaluate` found last
EVALUATIONS = "evaluations.jsonl"  # what was measured while it trained
BEST = "best.safetensors"  # the weights of the least distance among these
CONFIG = "config.json"  # of several networks, as the later ones may not have begun when it resumes


def folder_of(out: Path, name: str) -> Path:
    return out if name == ONLY else out / name


def saved_state(out: Path, name: str) -> tuple[dict | None, dict]:
    """The state that a network of a run has left, and what is noted of it."""
    file = folder_of(out, name) / STATE
    if not file.exists():
        return None, {}
    tensors, _, info = checkpoint.load_tensors(file)
    return tensors, info


def check_new(out: Path) -> None:
    """FileExistsError if there is a run that a new one would overwrite."""
    for file in (out / STATE, out / CONFIG):
        if file.exists():
            raise FileExistsError(f"{file} exists: add --resume, or choose another --out")


def read_configs(out: str | Path) -> dict[str, Config]:
    """The settings of the run in `out`, of each network. CheckpointError if there is none."""
    config, state = Path(out, CONFIG), Path(out, STATE)
    try:
        if config.exists():
            return checkpoint.configs_of(json.loads(config.read_text()))
        return checkpoint.load_tensors(state, checkpoint.configs_of)[1]
    except (OSError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{out}: there is no run to resume ({error})") from error


def command_of(configs: Mapping[str, Config]) -> str:
    """The command that trains networks with these settings."""
    networks = tuple(config.network for config in configs.values())
    if any(config.distill is not None for config in configs.values()):
        return "distill"
    return SYSTEMS[networks].command if networks in SYSTEMS else "train"


def check_kind(configs: Mapping[str, Config], earlier: Mapping[str, Config], out: object) -> None:
    """CheckpointError names the right command if the run in `out` is of another kind."""
    command, began = command_of(configs), command_of(earlier)
    if command != began:
        raise CheckpointError(
            f"{out} holds a run of {began}, which {command} does not go on with: resume it with "
            f"{began} --resume"
        )


def continued(
    out: Path, configs: dict[str, Config] | None, *, has_their_classes: bool
) -> dict[str, Config]:
    """The settings of the run in `out`, with these numbers of steps. `has_their_classes`: its
    pictures decide how many there are."""
    earlier = read_configs(out)
    if configs is None:
        return earlier
    check_kind(configs, earlier, out)
    if command_of(earlier) == "distill":
        ours, theirs = configs[ONLY], earlier[ONLY]  # all else is its teacher's
        if (ours.train, ours.distill) != (theirs.train, theirs.distill):
            raise ValueError(f"--resume keeps all settings of {out}: a student's stages are shares")
        return earlier

    def endless(parts: Mapping[str, Config]) -> dict[str, Config]:
        return {k: replace(v, train=replace(v.train, steps=1)) for k, v in parts.items()}

    if has_their_classes:
        for name, each in configs.items():
            unet = replace(each.unet, num_classes=earlier[name].unet.num_classes)
            configs = configs | {name: replace(each, unet=unet)}
    if endless(configs) != endless(earlier):
        raise ValueError(f"--resume keeps the settings of {out}; change the steps alone")
    return configs


def tidy(out: Path, steps: int) -> None:
    """Make the run's folder, or remove what a killed run left there: half-written files, and the
    log of steps after its last saved state, which are about to be repeated."""
    out.mkdir(parents=True, exist_ok=True)
    for unfinished in out.glob(f"*{checkpoint.UNFINISHED}"):
        unfinished.unlink()
    (out / LOG).touch()
    for file in filter(Path.exists, (out / LOG, out / EVALUATIONS)):
        lines = file.read_text().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("}\n")]
        kept = "".join(line for line in whole if json.loads(line)["step"] <= steps)
        checkpoint.write_whole(file, kept.encode())
