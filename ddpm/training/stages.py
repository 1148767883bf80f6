"""A run of several networks, one after the other, each in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from torch import nn

from ddpm import checkpoint
from ddpm.config import Config
from ddpm.training.loop import TrainState, train
from ddpm.training.losses import Loss
from ddpm.training.run import SAVE_EVERY_S, STATE, check_new, follow, machine, tidy

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

    With resume, each goes on where its state ends, with the settings that it began with.
    """
    if not resume:
        for name in configs:
            check_new(out / name / STATE)
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


def _run_stage(
    out: Path, config: Config, loss: Loss, feed: Feed, save_every: float
) -> tuple[nn.Module, Config] | None:
    tensors, info = None, {"seconds": 0.0}
    if (out / STATE).exists():
        tensors, config, info = checkpoint.load_tensors(out / STATE)
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
