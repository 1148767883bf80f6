"""Distillation: a student that jumps from any noise level to the picture, in one call or a few.

A network that predicts v is a consistency function as it stands: √ᾱ x - √(1-ᾱ) v is x itself where
there is no noise. Its teacher's weights are where it starts. First it learns where the teacher's
own paths end (Hu et al. 2025); then, on the data, to agree with itself from one noise level to the
next: the consistency tuning of Geng et al. 2024; last, to draw what a critic takes for real.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from ddpm.checkpoint import Checkpoint
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.data.folder import Pictures
from ddpm.schedules import Schedule
from ddpm.training.adversarial import DistillState, adversarial, adversarial_steps
from ddpm.training.distill_losses import consistency_loss, regression_loss
from ddpm.training.loop import TrainStep, train
from ddpm.training.trajectories import Trajectories


def distill(
    state: DistillState,
    schedule: Schedule,
    trajectories: Trajectories,
    pictures: Pictures,
    config: Config,
) -> Iterator[TrainStep]:
    """All stages, from `state.step` to `config.train.steps`, yielding after each step as `train`
    does; like it, resumed from its state it goes on as if it had never stopped."""
    assert config.distill is not None
    accelerator, seed, size = state.accelerator, config.train.seed, config.train.batch_size
    processes, accumulate = accelerator.num_processes, config.train.accumulate
    regressed = regression_steps(config)
    tuned = max(regressed, config.train.steps - adversarial_steps(config))
    labels = pictures.labels if config.unet.num_classes is not None else None

    def place(step: int) -> dict[str, int]:
        """Where this process goes on in a stage that has done `step` steps."""
        start = step * accumulate * processes + accelerator.process_index
        return {"seed": seed, "start": start, "stride": processes}

    def until(end: int, feed: Iterator) -> Iterator:
        """Batches for the steps that are left of a stage."""
        return itertools.islice(feed, (end - state.step) * accumulate)

    if state.step < regressed:
        points = until(regressed, trajectories.batches(size, **place(state.step)))
        yield from train(state, schedule, points, config, regression_loss)
    # in float32 from here on: what is left between two levels is less than bf16 rounds off
    accelerator.unwrap_model(state.network, keep_fp32_wrapper=False)
    if state.step < tuned:
        feed = batches(pictures.images, labels, size, **place(state.step - regressed))
        slower = replace(config.train, learning_rate=config.distill.tuning_rate)
        tuning = replace(config, train=slower)
        yield from train(state, schedule, until(tuned, feed), tuning, consistency_loss)
    if state.step < config.train.steps:
        after = place(state.step - tuned)
        points = trajectories.open_ended().batches(size, **after)
        real = batches(pictures.images, labels, size, **after)
        yield from adversarial(state, schedule, points, real, config)


def regression_steps(config: Config) -> int:
    """How many of the steps are in the first stage."""
    assert config.distill is not None
    return round(config.distill.regression * config.train.steps)


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
