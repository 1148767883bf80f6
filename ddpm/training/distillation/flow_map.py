"""A flow map: a student that is told where it goes, and learns its teacher's paths from any state
to any later one (Boffi et al. 2024).

A consistency model knows the picture alone, and between its calls draws new noise, so that the
second call may well end elsewhere than the first. A flow map stays on the path.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ddpm.config import Config
from ddpm.diffusion.denoiser import Denoiser
from ddpm.networks.network import PICTURE
from ddpm.schedules import Schedule
from ddpm.training.distillation.distill import jump, placed, pseudo_huber, until
from ddpm.training.distillation.trajectories import Trajectories
from ddpm.training.loop import TrainStep, place, train
from ddpm.training.state import TrainState


def learn_flow_map(
    state: TrainState,
    schedule: Schedule,
    trajectories: Trajectories,
    config: Config,
    calls: Sequence[Sequence[int]],
) -> Iterator[TrainStep]:
    """From `state.step` to `config.train.steps`, yielding after each step as `train` does; in the
    last share of them only the jumps of these calls, the times of each. Resumed from its state it
    goes on as if it had never stopped."""
    assert config.distill is not None
    steps, seed = config.train.steps, config.train.seed
    for end, only in ((round((1 - config.distill.few) * steps), None), (steps, calls)):
        if state.step < end:
            at = {"seed": seed, "calls": only, **place(state, state.step)}
            feed = until(end, trajectories.pairs(config.train.batch_size, **at), state, config)
            yield from train(state, schedule, feed, config, flow_map_loss)


def flow_map_loss(student: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
    """Of a batch of `Trajectories.pairs`: from the x̂_0 that the student goes towards to the one
    with which a step of DDIM ends at the later state."""
    (x, t, later, labels), end = placed((*batch[:3], batch[4]), student.schedule.device), batch[3]
    end = end.to(t.device)
    of_x, of_picture = straight(student.schedule, t, end, x)
    found = jump(student, x, t, labels, end)
    return pseudo_huber(found, (later - of_x * x) / of_picture).mean()


def straight(schedule: Schedule, t: Tensor, end: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """What x_t and x̂_0 are multiplied by in a step of DDIM from t to `end`, each (B,), shaped to
    multiply x (B, C, H, W): Song et al. 2021, equation 12."""
    known = schedule.exact_alphas_cumprod
    acp, acp_end = known[t], known[end.clamp(min=0)].masked_fill(end == PICTURE, 1.0)
    of_x = ((1 - acp_end) / (1 - acp)).sqrt()
    both = (of_x, acp_end.sqrt() - of_x * acp.sqrt())
    of_x, of_picture = (each.float().reshape(-1, *((1,) * (x.ndim - 1))) for each in both)
    return of_x, of_picture


def flow_step(
    student: Denoiser, x: Tensor, t: Tensor, labels: Tensor | None, end: Tensor
) -> Tensor:
    """A flow map's x at time t, (B, C, H, W), at the later times `end` (B,) of its path."""
    of_x, of_picture = straight(student.schedule, t, end, x)
    return of_x * x + of_picture * jump(student, x, t, labels, end).clamp(-1, 1)
