"""A noise schedule: log-SNR as a function of time, and the tables that follow from it.

Time t counts 0 … T-1, so `alphas_cumprod[t]` is ᾱ after t+1 steps of noise. Everything is
computed in float64 and stored in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from ddpm.schedules.betas import BETAS, check_T, has_beta_range
from ddpm.schedules.drawn import Point, drawn_log_snr
from ddpm.schedules.log_snr import LOG_SNRS
from ddpm.schedules.text_form import DRAWN, parse
from ddpm.shown import shown_by

SCHEDULES: dict[str, Callable[..., Tensor]] = BETAS | LOG_SNRS
# Beyond ±16, ᾱ or 1-ᾱ is below 1.2e-7: float32 can't tell ᾱ from 1.
MAX_LOG_SNR = 16.0
MIN_FALL = 1e-6  # of log-SNR per step, where a curve is level or clipped: no β is 0


class Schedule:
    """The tables of one noise schedule, each (T,): indexed by t, never changed after birth.

    With α_t = 1-β_t and ᾱ_t = Π α_s, the names are those of Ho et al. 2020. `log_snr` is
    log(ᾱ_t / (1-ᾱ_t)), the one quantity by which two schedules can be compared. `is_clipped` says
    whether its ends were held within ±MAX_LOG_SNR.

    Raises ValueError unless every β lies in (0, 1]; β = 1 is allowed for the last step only.
    """

    def __init__(self, betas: Tensor):
        betas = torch.as_tensor(betas).detach().to("cpu", torch.float64)
        if betas.ndim != 1 or len(betas) < 2:
            shape = tuple(betas.shape)
            raise ValueError(f"betas must have shape (T,) with T of at least 2, not {shape}")
        if not (bool((betas > 0).all()) and bool((betas[:-1] < 1).all()) and betas[-1] <= 1):
            raise ValueError("every beta must lie between 0 and 1 (only the last may be 1)")
        acp = (1 - betas).cumprod(0)
        self._fill(betas, acp, 1 - acp, acp.log() - torch.log1p(-acp))

    @classmethod
    def from_log_snr(cls, f: Callable[[Tensor], Tensor], T: int) -> Schedule:
        """The schedule whose log-SNR at step t is f(u), u = (t + ½) / T.

        f takes and returns float64 (T,) and must not rise. Values beyond ±MAX_LOG_SNR are clipped,
        and a level stretch falls by MIN_FALL per step. Raises ValueError if f rises or isn't a
        number somewhere.
        """
        check_T(T)
        u = (torch.arange(T, dtype=torch.float64) + 0.5) / T
        return cls._of(torch.as_tensor(f(u), dtype=torch.float64))

    @classmethod
    def _of(cls, log_snr: Tensor) -> Schedule:
        if bool(log_snr.isnan().any()):
            raise ValueError("log-SNR must be a number at every step, not NaN")
        if bool((log_snr.diff() > 1e-9).any()):
            raise ValueError("log-SNR must fall from step to step; here it rises")
        held = log_snr.clamp(-MAX_LOG_SNR, MAX_LOG_SNR)
        ramp = MIN_FALL * torch.arange(len(held), dtype=torch.float64)
        falling = (held + ramp).cummin(0).values - ramp
        # each ratio of two ᾱ from their logarithms: at the ends, 1 - a/b would lose all digits
        log_acp = logsigmoid(falling)
        betas = -torch.expm1(log_acp.diff(prepend=log_acp.new_zeros(1)))
        new = object.__new__(cls)
        new._fill(betas, falling.sigmoid(), (-falling).sigmoid(), falling)
        new.is_clipped = bool((held != log_snr).any())
        return new

    def _fill(self, betas: Tensor, acp: Tensor, rest: Tensor, log_snr: Tensor) -> None:
        """All tables from β, ᾱ, 1-ᾱ and log-SNR, which the caller knows to the last digit."""
        self.T = len(betas)
        self.is_clipped = False
        # float64 on the CPU: samplers take a step's coefficients from here as Python numbers,
        # which neither loses digits nor waits for an accelerator.
        self.exact_alphas_cumprod = acp
        self.exact_log_snr = log_snr
        acp_prev = torch.cat([acp.new_ones(1), acp[:-1]])
        rest_prev = torch.cat([rest.new_zeros(1), rest[:-1]])
        self.betas = betas.float()
        self.alphas = (1 - betas).float()
        self.alphas_cumprod = acp.float()
        self.alphas_cumprod_prev = acp_prev.float()
        self.sqrt_alphas_cumprod = acp.sqrt().float()
        self.sqrt_one_minus_alphas_cumprod = rest.sqrt().float()
        self.log_snr = log_snr.float()
        # q(x_{t-1} | x_t, x_0), Ho et al. 2020, equations 6 and 7
        posterior_variance = betas * rest_prev / rest
        self.posterior_variance = posterior_variance.float()
        # 0 at t = 0, whose logarithm takes its neighbour's place
        self.posterior_log_variance_clipped = (
            torch.cat([posterior_variance[1:2], posterior_variance[1:]]).log().float()
        )
        self.posterior_mean_coef1 = (betas * acp_prev.sqrt() / rest).float()
        self.posterior_mean_coef2 = (rest_prev * (1 - betas).sqrt() / rest).float()

    @classmethod
    def named(cls, name: str, T: int, **options) -> Schedule:
        """A schedule by its name in `SCHEDULES`, or by its text: see `text_form`.

        `options` go to the name's function. Raises ValueError for a text that stands for none.
        """
        spec = parse(name)
        if spec.name not in (DRAWN, *SCHEDULES):
            raise ValueError(
                f"unknown schedule {spec.name[:40]!r}: choose one of {', '.join(SCHEDULES)}, drawn"
            )
        options |= dict(spec.numbers)
        scale = options.pop("input_scale", None)
        if "shift" in options and spec.name != "rectified_flow":
            raise ValueError(f"shift is an option of rectified_flow, not of {spec.name}")
        is_drawn = spec.name == DRAWN
        if is_drawn and options.keys() - {"rescale"}:
            raise ValueError(f"a drawn schedule has no {', '.join(options.keys() - {'rescale'})}")
        schedule = cls.drawn(spec.points, T) if is_drawn else _by_name(spec.name, T, **options)
        if scale is not None:
            schedule = scale_input(schedule, scale)
        return zero_terminal_snr(schedule) if spec.zero_terminal else schedule

    @classmethod
    def drawn(cls, points: Sequence[Point], T: int) -> Schedule:
        """The schedule through control points (u, log-SNR), u in [0, 1]: see `drawn_log_snr`."""
        return cls.from_log_snr(drawn_log_snr(points), T)

    _repr_png_ = shown_by("schedule_png")

    @property
    def device(self) -> torch.device:
        """Where the float32 tables are."""
        return self.betas.device

    def to(self, device: torch.device | str) -> Schedule:
        """The same schedule with its float32 tables on `device`; this one stays where it is."""
        if self.device == torch.device(device):
            return self
        moved = object.__new__(Schedule)
        for name, value in vars(self).items():
            stays = not isinstance(value, Tensor) or name.startswith("exact_")
            setattr(moved, name, value if stays else value.to(device))
        return moved

    @property
    def last(self) -> int:
        """The last time at which x_t holds something of x_0: T-1, or T-2 where ᾱ_T is 0. There ε
        says nothing about x_0, and x_T is noise one step earlier too."""
        return self.T - (2 if self.exact_alphas_cumprod[-1] == 0 else 1)

    def log_snr_at(self, t: Tensor) -> Tensor:
        """log-SNR at fractional times t (any shape), linear between the entries of the table; √ᾱ is
        linear where the next entry is -∞."""
        low = t.floor().long().clamp(0, self.T - 2)
        a, b, part = self.log_snr[low], self.log_snr[low + 1], (t - low).float()
        to_zero = ((1 - part).square() * a.sigmoid()).logit()
        return torch.where(b.isinf(), to_zero, torch.lerp(a, b, part))

    def t_of_log_snr(self, log_snr: Tensor) -> Tensor:
        """The fractional t with this log-SNR: inverse of `log_snr_at`, held within [0, T-1]."""
        falling = -self.log_snr
        high = torch.searchsorted(falling, -log_snr.contiguous()).clamp(1, self.T - 1)
        a, b = falling[high - 1], falling[high]
        to_zero = 1 - (log_snr.sigmoid() / (-a).sigmoid()).sqrt()
        part = torch.where(b.isinf(), to_zero, (-log_snr - a) / (b - a))
        return (high - 1 + part).clamp(0, self.T - 1)


def is_schedule(text: str) -> bool:
    """Whether a text is a name or a text form that `Schedule.named` takes."""
    try:
        Schedule.named(text, 2)
    except ValueError:
        return False
    return True


def _by_name(name: str, T: int, **options) -> Schedule:
    if not has_beta_range(name):
        options.pop("rescale", None)
    if name in LOG_SNRS:
        return Schedule.from_log_snr(lambda u: LOG_SNRS[name](u, **options), T)
    return Schedule(BETAS[name](T, **options))


def scale_input(schedule: Schedule, scale: float) -> Schedule:
    """The schedule of pictures multiplied by `scale`: log-SNR + 2 ln scale. Chen 2023, section 2.

    Below 1, everything moves toward noise. ValueError for 0 or less.
    """
    if not 0 < scale < math.inf:
        raise ValueError(f"input_scale must be a number above 0, not {scale!r}")
    return Schedule._of(schedule.exact_log_snr + 2 * math.log(scale))


def zero_terminal_snr(schedule: Schedule) -> Schedule:
    """Shift and scale √ᾱ so that ᾱ_T is exactly 0: Lin et al. 2023, algorithm 1.

    At the last step x_T holds nothing of x_0, so ε says nothing about it either: samplers
    refuse that step, and a network for such a schedule predicts v.
    """
    root = schedule.exact_alphas_cumprod.sqrt()
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])
    acp = root**2
    betas = 1 - torch.cat([acp[:1], acp[1:] / acp[:-1]])
    # a cliff before a level end would round to 1, which only the last β may be
    betas[:-1] = betas[:-1].clamp(2.0**-53, 1 - 2.0**-24)
    new = object.__new__(Schedule)
    new._fill(betas, acp, 1 - acp, acp.log() - torch.log1p(-acp))
    return new


def extract(a: Tensor, t: Tensor, x: Tensor) -> Tensor:
    """a[t] for a table a (T,) and times t (B,), shaped (B, 1, …) to broadcast against x."""
    return a.gather(0, t).reshape(t.shape[0], *((1,) * (x.ndim - 1)))
