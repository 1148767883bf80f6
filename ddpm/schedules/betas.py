"""Schedules given as β, the variance of the noise that each step adds: each (T,) in float64.

Time t counts 0 … T-1.
"""

import inspect
import math
from collections.abc import Callable

import torch
from torch import Tensor

BETA_START, BETA_END = 1e-4, 0.02  # Ho et al. 2020, section 4, chosen for T = 1000
MAX_BETA = 0.999  # Nichol & Dhariwal 2021, section 3.2: no singularity at the end


def check_T(T: int) -> None:
    """Raise ValueError unless T is a number of steps."""
    if isinstance(T, bool) or not isinstance(T, int) or not 2 <= T <= 10_000:
        raise ValueError(f"T must be a whole number from 2 to 10000, not {T!r}")


def _beta_range(T: int, rescale: bool) -> tuple[float, float]:
    """Fewer steps need larger ones: without the factor, x_T at T = 200 is not noise yet."""
    check_T(T)
    scale = 1000 / T if rescale else 1.0
    return scale * BETA_START, scale * BETA_END


def linear_beta_schedule(T: int, *, rescale: bool = True) -> Tensor:
    """β of Ho et al. 2020, (T,) in float64. `rescale` multiplies the range by 1000/T."""
    start, end = _beta_range(T, rescale)
    return torch.linspace(start, end, T, dtype=torch.float64).clamp(max=MAX_BETA)


def quadratic_beta_schedule(T: int, *, rescale: bool = True) -> Tensor:
    """√β rises linearly, (T,) in float64: "scaled linear" of latent diffusion (Rombach et al.
    2022). `rescale` multiplies the range by 1000/T."""
    start, end = _beta_range(T, rescale)
    return (torch.linspace(start**0.5, end**0.5, T, dtype=torch.float64) ** 2).clamp(max=MAX_BETA)


def sigmoid_beta_schedule(T: int, *, rescale: bool = True) -> Tensor:
    """β follows a sigmoid from -6 to 6, (T,) in float64: Xu et al. 2022, GeoDiff.
    `rescale` multiplies the range by 1000/T."""
    start, end = _beta_range(T, rescale)
    ramp = torch.linspace(-6, 6, T, dtype=torch.float64)
    return (torch.sigmoid(ramp) * (end - start) + start).clamp(max=MAX_BETA)


def cosine_beta_schedule(T: int, s: float = 0.008) -> Tensor:
    """β of Nichol & Dhariwal 2021, equation 17; (T,) in float64. Ends at noise for any T. `s` above
    0 keeps the first β from being too small to learn from."""
    check_T(T)
    x = torch.linspace(0, T, T + 1, dtype=torch.float64)
    alphas_cumprod = torch.cos((x / T + s) / (1 + s) * math.pi / 2) ** 2
    return (1 - alphas_cumprod[1:] / alphas_cumprod[:-1]).clamp(max=MAX_BETA)


BETAS: dict[str, Callable[..., Tensor]] = {
    "linear": linear_beta_schedule,
    "quadratic": quadratic_beta_schedule,
    "cosine": cosine_beta_schedule,
    "sigmoid": sigmoid_beta_schedule,
}


def has_beta_range(name: str) -> bool:
    """Whether β runs over a range that `rescale` fits to T; others, like cosine, follow T."""
    return name in BETAS and "rescale" in inspect.signature(BETAS[name]).parameters
