"""A run of several networks, one after the other, each in a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from torch import nn

from ddpm import checkpoint
from ddpm.config import Config
from ddpm.training.loop import TrainState, train
from ddpm.training.losses import Loss
from ddpm.training.run import SAVE_EVERY_S, STATE, check_new, follow, machine, tidy

CONFIG = "config.json"  # of all stages, as the later ones may not have begun when a run resumes
# (config, start, stride) -> batches from number `start` on, of which each process takes every
# `stride`-th
Feed = Callable[[Config, int, int], Iterator[tuple]]
# The networks of the stages before -> the loss of a stage
LossOf = Callable[[Mapping[str, nn.Module]], Loss]


def run_stages(
    out: Path,
    configs: Mapping[str, Config],
    losses: Mapping[str, LossOf],
    feed: Feed,
    *,
    resume: bool = False,
    save_every: float = SAVE_EVERY_S,
) -> dict[str, tuple[nn.Module, Config]] | None:
    """Train every network of `configs` in the folder of its name, and return them, averaged, with
    their settings; None if Ctrl-C or SIGTERM ended the run, which saved.

    With resume, each goes on where its state ends; only the numbers of steps may differ from those
    of the run in `out`.
    """
    if resume:
        check_same_configs(configs, read_configs(out), out)
    else:
        check_new(out / CONFIG)
    text = json.dumps({name: config.to_dict() for name, config in configs.items()}, indent=2)
    checkpoint.write_whole(out / CONFIG, text.encode())
    trained: dict[str, tuple[nn.Module, Config]] = {}
    for name, config in configs.items():
        print(name)
        loss = losses[name]({earlier: network for earlier, (network, _) in trained.items()})
        found = _run_stage(out / name, config, loss, feed, save_every)
        if found is None:
            print(f"stopped in {name}: add --resume to go on")
            return None
        trained[name] = found
    return trained


def read_configs(out: Path) -> dict[str, Config]:
    """The settings of the run in `out`. CheckpointError if there is none."""
    try:
        found = json.loads((out / CONFIG).read_text())
        return {name: Config.from_dict(values) for name, values in found.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise checkpoint.CheckpointError(f"{out}: there is no run to resume ({error})") from error


def check_same_configs(
    configs: Mapping[str, Config], earlier: Mapping[str, Config], out: Path
) -> None:
    """A resumed run keeps its settings; it may become longer."""

    def endless(parts: Mapping[str, Config]) -> dict[str, Config]:
        return {k: replace(v, train=replace(v.train, steps=1)) for k, v in parts.items()}

    if endless(configs) != endless(earlier):
        raise ValueError(f"--resume keeps the settings of {out}; change the steps alone")


def _run_stage(
    out: Path, config: Config, loss: Loss, feed: Feed, save_every: float
) -> tuple[nn.Module, Config] | None:
    tensors, info = None, {"seconds": 0.0}
    if (out / STATE).exists():
        tensors, _, info = checkpoint.load_tensors(out / STATE)
    state = TrainState(checkpoint.build_network(config), config.train)
    if tensors is not None:
        state.load_tensors(tensors)
    accelerator = state.accelerator
    if state.step < config.train.steps:
        if accelerator.is_main_process:
            tidy(out, state.step)
        processes = accelerator.num_processes
        first = state.step * config.train.accumulate * processes + accelerator.process_index
        schedule = checkpoint.build_schedule(config)
        steps = train(state, schedule, feed(config, first, processes), config, loss)
        follow(steps, state, config, {"machine": machine(state)} | info, out, save_every)
    if state.step < config.train.steps:
        return None
    return state.averaged().requires_grad_(False), config
