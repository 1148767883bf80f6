"""β schedules, and the tables that follow from them.

Time t counts 0 … T-1, so `alphas_cumprod[t]` is ᾱ after t+1 steps of noise. Everything is
computed in float64 and stored in float32.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

import torch
from torch import Tensor

BETA_START, BETA_END = 1e-4, 0.02  # Ho et al. 2020, section 4, chosen for T = 1000
MAX_BETA = 0.999  # Nichol & Dhariwal 2021, section 3.2: no singularity at the end


def _beta_range(T: int, rescale: bool) -> tuple[float, float]:
    """Fewer steps need larger ones: without the factor, x_T at T = 200 is not noise yet."""
    if isinstance(T, bool) or not isinstance(T, int) or not 2 <= T <= 10_000:
        raise ValueError(f"T must be a whole number from 2 to 10000, not {T!r}")
    scale = 1000 / T if rescale else 1.0
    return scale * BETA_START, scale * BETA_END


def linear_beta_schedule(T: int, *, rescale: bool = True) -> Tensor:
    """β of Ho et al. 2020, (T,) in float64. `rescale` multiplies the range by 1000/T."""
    start, end = _beta_range(T, rescale)
    return torch.linspace(start, end, T, dtype=torch.float64).clamp(max=MAX_BETA)


def quadratic_beta_schedule(T: int, *, rescale: bool = True) -> Tensor:
    """√β rises linearly; (T,) in float64. Called "scaled linear" in latent diffusion."""
    start, end = _beta_range(T, rescale)
    return (torch.linspace(start**0.5, end**0.5, T, dtype=torch.float64) ** 2).clamp(max=MAX_BETA)


def sigmoid_beta_schedule(T: int, *, rescale: bool = True) -> Tensor:
    """β follows a sigmoid from -6 to 6; (T,) in float64."""
    start, end = _beta_range(T, rescale)
    ramp = torch.linspace(-6, 6, T, dtype=torch.float64)
    return (torch.sigmoid(ramp) * (end - start) + start).clamp(max=MAX_BETA)


def cosine_beta_schedule(T: int, s: float = 0.008) -> Tensor:
    """β of Nichol & Dhariwal 2021, equation 17; (T,) in float64. Ends at noise for any T."""
    _beta_range(T, rescale=False)
    x = torch.linspace(0, T, T + 1, dtype=torch.float64)
    alphas_cumprod = torch.cos((x / T + s) / (1 + s) * math.pi / 2) ** 2
    return (1 - alphas_cumprod[1:] / alphas_cumprod[:-1]).clamp(max=MAX_BETA)


SCHEDULES: dict[str, Callable[..., Tensor]] = {
    "linear": linear_beta_schedule,
    "quadratic": quadratic_beta_schedule,
    "cosine": cosine_beta_schedule,
    "sigmoid": sigmoid_beta_schedule,
}


def has_beta_range(name: str) -> bool:
    """Whether β runs over a range that `rescale` fits to T; others, like cosine, follow T."""
    return "rescale" in inspect.signature(SCHEDULES[name]).parameters


class Schedule:
    """The tables of one noise schedule, each (T,): indexed by t, never changed after birth.

    With α_t = 1-β_t and ᾱ_t = Π α_s, the names are those of Ho et al. 2020. `log_snr` is
    log(ᾱ_t / (1-ᾱ_t)), the one quantity by which two schedules can be compared.

    Raises ValueError unless every β lies in (0, 1]; β = 1 is allowed for the last step only.
    """

    def __init__(self, betas: Tensor):
        betas = torch.as_tensor(betas).detach().to("cpu", torch.float64)
        if betas.ndim != 1 or len(betas) < 2:
            shape = tuple(betas.shape)
            raise ValueError(f"betas must have shape (T,) with T of at least 2, not {shape}")
        if not (bool((betas > 0).all()) and bool((betas[:-1] < 1).all()) and betas[-1] <= 1):
            raise ValueError("every beta must lie between 0 and 1 (only the last may be 1)")
        self.T = len(betas)
        # float64 on the CPU: samplers take a step's coefficients from here as Python numbers,
        # which neither loses digits nor waits for an accelerator.
        self.exact_alphas_cumprod = (1 - betas).cumprod(0)
        acp = self.exact_alphas_cumprod
        acp_prev = torch.cat([acp.new_ones(1), acp[:-1]])
        self.betas = betas.float()
        self.alphas = (1 - betas).float()
        self.alphas_cumprod = acp.float()
        self.alphas_cumprod_prev = acp_prev.float()
        self.sqrt_alphas_cumprod = acp.sqrt().float()
        self.sqrt_one_minus_alphas_cumprod = (1 - acp).sqrt().float()
        self.log_snr = (acp.log() - torch.log1p(-acp)).float()
        # q(x_{t-1} | x_t, x_0), Ho et al. 2020, equations 6 and 7
        posterior_variance = betas * (1 - acp_prev) / (1 - acp)
        self.posterior_variance = posterior_variance.float()
        # 0 at t = 0, whose logarithm takes its neighbour's place
        self.posterior_log_variance_clipped = (
            torch.cat([posterior_variance[1:2], posterior_variance[1:]]).log().float()
        )
        self.posterior_mean_coef1 = (betas * acp_prev.sqrt() / (1 - acp)).float()
        self.posterior_mean_coef2 = ((1 - acp_prev) * (1 - betas).sqrt() / (1 - acp)).float()

    @classmethod
    def named(cls, name: str, T: int, **options) -> Schedule:
        """A schedule by its name in `SCHEDULES`; `options` go to its function."""
        if name not in SCHEDULES:
            raise ValueError(f"unknown schedule {name!r}: choose one of {', '.join(SCHEDULES)}")
        if not has_beta_range(name):
            options.pop("rescale", None)
        return cls(SCHEDULES[name](T, **options))

    @property
    def device(self) -> torch.device:
        return self.betas.device

    def to(self, device: torch.device | str) -> Schedule:
        """The same schedule with its float32 tables on `device`; this one stays where it is."""
        if self.device == torch.device(device):
            return self
        moved = object.__new__(Schedule)
        for name, value in vars(self).items():
            stays = not isinstance(value, Tensor) or name == "exact_alphas_cumprod"
            setattr(moved, name, value if stays else value.to(device))
        return moved

    def log_snr_at(self, t: Tensor) -> Tensor:
        """log-SNR at fractional times t (any shape), linear between the entries of the table."""
        low = t.floor().long().clamp(0, self.T - 2)
        return torch.lerp(self.log_snr[low], self.log_snr[low + 1], (t - low).float())

    def t_of_log_snr(self, log_snr: Tensor) -> Tensor:
        """The fractional t with this log-SNR: inverse of `log_snr_at`, held within [0, T-1]."""
        falling = -self.log_snr
        high = torch.searchsorted(falling, -log_snr.contiguous()).clamp(1, self.T - 1)
        a, b = falling[high - 1], falling[high]
        return (high - 1 + ((-log_snr - a) / (b - a))).clamp(0, self.T - 1)


def zero_terminal_snr(schedule: Schedule) -> Schedule:
    """Shift and scale √ᾱ so that ᾱ_T is exactly 0: Lin et al. 2023, algorithm 1.

    At the last step x_T holds nothing of x_0, so ε says nothing about it either: samplers
    refuse that step, and a network for such a schedule predicts v.
    """
    root = schedule.exact_alphas_cumprod.sqrt()
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])
    acp = root**2
    return Schedule(1 - torch.cat([acp[:1], acp[1:] / acp[:-1]]))


def extract(a: Tensor, t: Tensor, x: Tensor) -> Tensor:
    """a[t] for a table a (T,) and times t (B,), shaped (B, 1, …) to broadcast against x."""
    return a.gather(0, t).reshape(t.shape[0], *((1,) * (x.ndim - 1)))
