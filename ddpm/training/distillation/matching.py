"""Distribution matching (Yin et al. 2024): what a student draws moves to what its teacher would.

A mean of distances is least for a mean of pictures: where a student can't tell which picture its
noise leads to, paths alone teach it blur. The teacher knows better, if it is asked about what the
student has drawn: after noise, its x̂_0 is a picture of its own kind nearby. What the student's
pictures have in common with each other pulls the same way, so a critic, which learns these alone,
says how much of that is the student's already. No classifier has a word. A later call meets a
picture of the student's own, noised again, and learns from such ones too (Yin et al. 2024b, 4.5).
"""

import torch
from torch import Tensor, nn

from ddpm.config import Config
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import p_losses, q_sample, randn_like
from ddpm.sampling.bf16 import in_bf16
from ddpm.training.distillation.distill import jump, placed, pseudo_huber
from ddpm.training.losses import Loss, stratified, times_for
from ddpm.training.state import TrainState

# The distance to the ends of the paths weighs so much, where the matching weighs 1. It keeps what
# each noise leads to; matching alone would draw fewer kinds of pictures.
PATHS = 0.5
TIMES = (0.02, 0.98)  # of the schedule: at its ends, teacher and critic have nothing to say
OWN = 0.5  # share of the states before TIMES[1] that are pictures of the student's own
LEAST = 0.02  # for the mean distance that a difference is divided by
# Of the critic, to each of the student's, which it must keep up with: Yin et al. 2024b, 4.2. With
# one, two calls are a tenth further from real garments, and of fewer kinds: benchmarks/RESULTS.md.
STEPS = 2


def matched_loss(teacher: Denoiser, state: TrainState, first: nn.Module | None = None) -> Loss:
    """The loss of a student, of a batch of `Trajectories`, with the difference of two scores as its
    gradient: equation 7 of the paper, divided by the teacher's own distance (equation 8). The
    critic, in `state` from the first call on, begins as the student did, as `first`, or without one
    as the teacher, and makes `STEPS` for each."""
    quick, first = in_bf16(teacher), first or teacher.network

    def loss(student: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
        x, at, x_start, labels = placed(batch, student.schedule.device)
        x, is_own = _noised_again(student, x, at, labels, rng)
        pictures = jump(student, x, at, labels)
        distance = (pseudo_huber(pictures, x_start) * ~is_own).mean()  # an own one has no path
        learner = state.critic
        if learner is None:
            learner = state.add_critic()
            begun = state.accelerator.unwrap_model(learner.network)
            begun.load_state_dict(first.state_dict())
        critic = Denoiser(learner.network, student.schedule, student.objective)
        drawn, n = pictures.detach(), len(pictures)
        low, high = (share * student.schedule.T for share in TIMES)
        spread = stratified(n, rng)[torch.randperm(n, generator=rng)]  # paths come in order of t
        t = (low + (high - low) * spread).long().to(drawn.device)
        x = q_sample(student.schedule, drawn, t, randn_like(drawn, rng))
        with torch.no_grad():
            wanted, own = (jump(each, x, t, labels) for each in (quick, critic))
        scale = (drawn - wanted).abs().mean((1, 2, 3), keepdim=True).clamp(min=LEAST)
        matching = (pictures - (drawn - (own - wanted) / scale)).square().mean() / 2
        for _ in range(STEPS):
            _learn(learner, critic, drawn, labels, config, rng)
        return PATHS * distance + matching

    return loss


def _noised_again(
    student: Denoiser, x: Tensor, at: Tensor, labels: Tensor | None, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """The states x (B, C, H, W) at these times, some of them pictures that the student drew in one
    call, after noise; and which (B,)."""
    T, chosen = student.schedule.T, torch.rand(len(x), generator=rng) < OWN
    is_own = chosen.to(x.device) & (at < TIMES[1] * T)
    with torch.no_grad():
        own = jump(student, randn_like(x, rng), torch.full_like(at, T - 1), labels)
        own = q_sample(student.schedule, own, at, randn_like(x, rng))
    return torch.where(is_own[:, None, None, None], own, x), is_own


def _learn(
    state: TrainState,
    critic: Denoiser,
    drawn: Tensor,
    labels: Tensor | None,
    config: Config,
    rng: torch.Generator,
) -> None:
    """One step of the critic towards these pictures (B, C, H, W)."""
    assert config.distill is not None
    critic.train()
    t, noise = times_for(critic, len(drawn), rng), randn_like(drawn, rng)
    state.accelerator.backward(p_losses(critic, drawn, t, noise, loss="l2", labels=labels))
    state.accelerator.clip_grad_norm_(state.network.parameters(), config.train.grad_clip)
    for optimizer in state.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = config.distill.judged_rate
        optimizer.step()
    state.network.zero_grad()
    state.step += 1
