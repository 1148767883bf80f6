"""From a picture back to its noise, and the way between two of them."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ddpm.diffusion.process import EpsFn
from ddpm.schedules import Schedule

OPPOSITE = -0.9999  # the cosine from which on two vectors are about opposite: within a degree


@torch.no_grad()
def ddim_inversion(
    eps_fn: EpsFn, schedule: Schedule, x_start: Tensor, timesteps: Sequence[int]
) -> Tensor:
    """The x_T at timesteps[0] from which `ddim` with the same times and clip=False draws x_start.

    Its equation (Song et al. 2021, section 4.3) backwards. A step needs ε at its noisy end, which
    is what it looks for: ε is asked at the clean end first, then once more at the end so found.
    Two network calls for each time.
    """
    x, before = x_start, 1.0
    for t in reversed(timesteps):
        after = float(schedule.exact_alphas_cumprod[t])
        times = torch.full((len(x),), t, device=x.device)
        found = x
        for _ in range(2):
            eps = eps_fn(found, times)
            clean = (x - (1 - before) ** 0.5 * eps) / before**0.5
            found = after**0.5 * clean + (1 - after) ** 0.5 * eps
        x, before = found, after
    return x


def slerp(a: Tensor, b: Tensor, weight: Tensor | float) -> Tensor:
    """Along the great circle from a (weight 0) to b (weight 1): (B, …), each row a vector, weight
    one or (B,). Vectors of different length go along a spiral. Opposite vectors have many great
    circles; they go by the axis that a is least along."""
    rows_a, rows_b = a.flatten(1), b.flatten(1)
    length_a, length_b = rows_a.norm(dim=1, keepdim=True), rows_b.norm(dim=1, keepdim=True)
    unit_a, unit_b = rows_a / length_a.clamp(min=1e-12), rows_b / length_b.clamp(min=1e-12)
    cosine = (unit_a * unit_b).sum(1, keepdim=True)
    angle = cosine.clamp(-1, 1).acos().clamp(min=1e-4)
    weight = torch.as_tensor(weight, dtype=a.dtype, device=a.device).reshape(-1, 1)
    turned = torch.sin((1 - weight) * angle) * unit_a + torch.sin(weight * angle) * unit_b
    turned = turned / angle.sin().clamp(min=1e-6)
    turned = torch.where(cosine < OPPOSITE, _half_turn(unit_a, unit_b, weight), turned)
    return (turned * torch.lerp(length_a, length_b, weight)).view_as(a)


def _half_turn(a: Tensor, b: Tensor, weight: Tensor) -> Tensor:
    """`slerp` of unit vectors (B, D) that are about opposite, for which it divides 0 by 0."""
    across = b + 1e-6 * F.one_hot(a.abs().argmin(1), a.shape[1])
    for _ in range(2):  # once more, as what is left is small
        across = F.normalize(across - (across * a).sum(1, keepdim=True) * a, dim=1)
    angle = torch.atan2((b * across).sum(1, keepdim=True), (b * a).sum(1, keepdim=True))
    return torch.cos(weight * angle) * a + torch.sin(weight * angle) * across


def mixed(
    a: tuple[Tensor, Tensor], b: tuple[Tensor, Tensor], place: Tensor | float
) -> tuple[Tensor, Tensor]:
    """Two pictures (z_i, x_T) mixed, as Ramesh et al. 2022, section 3.2: a at place 0, b at 1."""
    z, x_T = (slerp(*each, place) for each in zip(a, b, strict=True))
    return z, x_T
