"""Distillation: a student that jumps from any noise level to the picture, in one call or a few.

A network that predicts v is a consistency function as it stands: √ᾱ x - √(1-ᾱ) v is x itself where
there is no noise. Its teacher's weights are where it starts. First it learns where the teacher's
own paths end (Hu et al. 2025), then, on the data, to agree with itself from one noise level to the
next: the consistency tuning of Geng et al. 2024.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from ddpm.checkpoint import Checkpoint
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.data.folder import Pictures
from ddpm.diffusion.process import Denoiser, randn_like
from ddpm.schedules import Schedule
from ddpm.training.loop import TrainState, TrainStep, train
from ddpm.training.losses import hide_some, stratified
from ddpm.training.trajectories import Trajectories

# Geng et al. 2024, with σ/α for their t: its logarithm is normal; and the earlier level, towards
# which the later one is pulled, lies (1 + K sigmoid(-σ/α)) / Q of the way to 0.
LOG_MEAN, LOG_STD = -0.8, 2.0
Q, K = 256, 8.0
HUBER = 0.00054  # c of Song & Dhariwal 2024, for a root mean square


def distill(
    state: TrainState,
    schedule: Schedule,
    trajectories: Trajectories,
    pictures: Pictures,
    config: Config,
) -> Iterator[TrainStep]:
    """Both stages, from `state.step` to `config.train.steps`, yielding after each step as `train`
    does; like it, resumed from its state it goes on as if it had never stopped."""
    accelerator, seed, size = state.accelerator, config.train.seed, config.train.batch_size
    processes, accumulate = accelerator.num_processes, config.train.accumulate
    first = regression_steps(config)

    def place(step: int) -> dict[str, int]:
        """Where this process goes on in a stage that has done `step` steps."""
        start = step * accumulate * processes + accelerator.process_index
        return {"seed": seed, "start": start, "stride": processes}

    if state.step < first:
        points = trajectories.batches(size, **place(state.step))
        points = itertools.islice(points, (first - state.step) * accumulate)
        yield from train(state, schedule, points, config, regression_loss)
    labels = pictures.labels if config.unet.num_classes is not None else None
    feed = batches(pictures.images, labels, size, **place(state.step - first))
    assert config.distill is not None
    slower = replace(config.train, learning_rate=config.distill.tuning_rate)
    # in float32 from here on: what is left between two levels is less than bf16 rounds off
    accelerator.unwrap_model(state.network, keep_fp32_wrapper=False)
    yield from train(state, schedule, feed, replace(config, train=slower), consistency_loss)


def regression_steps(config: Config) -> int:
    """How many of the steps are in the first stage."""
    assert config.distill is not None
    return round(config.distill.regression * config.train.steps)


def regression_loss(
    student: Denoiser, batch: tuple, config: Config, draw: torch.Generator
) -> Tensor:
    """Of a batch of `Trajectories`: from each state to the end of its path."""
    x, t, x_start, labels = batch
    device = student.schedule.device
    x = x.to(device, memory_format=torch.channels_last)
    t, x_start = t.to(device), x_start.to(device)
    labels = None if labels is None else labels.to(device)
    return pseudo_huber(jump(student, x, t, labels), x_start).mean()


def consistency_loss(
    student: Denoiser, batch: tuple, config: Config, draw: torch.Generator
) -> Tensor:
    """Of a batch (x_0, labels): the picture that the student sees at a noise level, against the one
    that it sees at an earlier level, with the same noise. That one has no gradient, and is x_0
    itself once the level lies before the schedule's first.

    The weight 1/t² + 1 with t = σ/α is that of the paper for data of variance 1, which a network
    that predicts v takes them for.
    """
    x_start, labels = batch
    schedule = student.schedule
    x_start = x_start.to(schedule.device, memory_format=torch.channels_last)
    noise = randn_like(x_start, draw)
    labels = hide_some(labels, config, draw, schedule.device)
    spread = torch.special.ndtri(stratified(len(x_start), draw)).float().to(schedule.device)
    least, most = (-schedule.log_snr[[0, -1]] / 2).exp()
    later = (LOG_MEAN + LOG_STD * spread).exp().clamp(least, most)
    earlier = later * (1 - (1 + K * (-later).sigmoid()) / Q)

    def seen(ratio: Tensor) -> Tensor:
        column = ratio.reshape(-1, 1, 1, 1)
        x = (x_start + column * noise) / (1 + column**2).sqrt()
        return jump(student, x, schedule.t_of_log_snr(-2 * ratio.log()), labels)

    with torch.no_grad():
        before_all = (earlier < least).reshape(-1, 1, 1, 1)
        target = torch.where(before_all, x_start, seen(earlier.clamp(min=least)))
    weight = 1 / later**2 + 1
    return (weight * pseudo_huber(seen(later), target)).mean()


def jump(student: Denoiser, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
    """The consistency function: x at time t to the picture at the end of its path."""
    return student.to_x_start(x, t, student.network(x, t, labels))


def pseudo_huber(a: Tensor, b: Tensor) -> Tensor:
    """(B,): the root mean square of a - b (B, …), rounded off at 0."""
    return ((a - b).square().flatten(1).mean(1) + HUBER**2).sqrt() - HUBER


def check_teacher(teacher: Checkpoint) -> None:
    """ValueError if a student can't start from this checkpoint."""
    config = teacher.config
    if config.distill is not None:
        raise ValueError("the teacher is a student itself: distil from the model that taught it")
    if config.diffusion.objective != "v" or config.unet.learned_variance:
        raise ValueError(
            "the teacher must predict v alone, without a variance: it is trained with "
            f"--objective {config.diffusion.objective}"
            f"{' --learned-variance true' if config.unet.learned_variance else ''}"
        )
