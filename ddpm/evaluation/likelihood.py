"""How surprised a model is by an image: a bound on its negative log-likelihood."""

import math

import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from ddpm.diffusion.process import EpsFn, Generators, q_sample, randn_like, variational_bound
from ddpm.schedules import Schedule
from ddpm.shown import progress


@torch.no_grad()
def bits_per_dim(
    eps_fn: EpsFn, schedule: Schedule, x_start: Tensor, *, generator: Generators = None
) -> Tensor:
    """The bound on -log2 p(x_0), (B,) in bits per dimension: Ho et al. 2020, equation 5.

    One network call for each of the T times, with fresh noise; plus what x_T still reveals
    of x_0. Where ᾱ_T is 0 it is the bound of what samplers draw, which begin one step earlier.
    Grey levels are those of 8 bits, so a uniform guess costs 8 bits.

    Args:
        eps_fn: (x, t) -> ε, such as `classifier_free_guided(denoiser, labels)`.
        schedule: that of eps_fn.
        x_start: x_0 (B, C, H, W) in [-1, 1].
        generator: of the noise: one for all, or one for each picture.
    """
    total = torch.zeros(len(x_start), device=x_start.device)
    for time in progress(range(schedule.last + 1), "step"):
        t = torch.full((len(x_start),), time, device=x_start.device)
        x_t = q_sample(schedule, x_start, t, randn_like(x_start, generator))
        total += variational_bound(schedule, x_start, x_t, t, eps_fn(x_t, t))
    end = schedule.alphas_cumprod[schedule.last]
    x_T = Normal(end.sqrt() * x_start, (1 - end).sqrt().expand_as(x_start))
    standard = Normal(torch.zeros_like(x_start), torch.ones_like(x_start))
    return total + kl_divergence(x_T, standard).flatten(1).mean(1) / math.log(2)
