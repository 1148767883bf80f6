"""The best denoisers there can be, for data that are known: no network, no training.

Each is an eps_fn(x, t) that minimises the loss. What goes wrong with its samples is the fault of
the schedule or of the sampler.
"""

from torch import Tensor

from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import EpsFn
from ddpm.networks.network import Network
from ddpm.schedules import Schedule


def exact_eps(schedule: Schedule, data: Tensor) -> EpsFn:
    """The ε of a world that holds nothing but some pictures, data (N, C, H, W), with equal odds.

    E[x_0 | x_t] is the mean of the pictures, each weighted by how likely it has led to x_t:
    log N(x_t; √ᾱ x_0, (1-ᾱ) I), up to a term that all of them share.
    """
    pictures = data.flatten(1)
    energies = pictures.square().sum(1) / 2

    def eps_fn(x: Tensor, t: Tensor) -> Tensor:
        power = _alphas_cumprod(schedule, x, t)[:, None]
        flat = x.flatten(1)
        logits = (power.sqrt() * flat @ pictures.T - power * energies) / (1 - power)
        x_start = logits.softmax(1) @ pictures
        return ((flat - power.sqrt() * x_start) / (1 - power).sqrt()).view_as(x)

    return eps_fn


def exact_denoiser(schedule: Schedule, data: Tensor) -> Denoiser:
    """`exact_eps` as a model that `ddpm.sample` takes; data (N, C, H, W)."""
    return Denoiser(_Exact(schedule, data), schedule)


class _Exact(Network):
    """`exact_eps` in place of a network; its data move with it from device to device."""

    num_classes = None
    data: Tensor

    def __init__(self, schedule: Schedule, data: Tensor):
        super().__init__()
        channels, height, width = data.shape[1:]
        self.shape, self.schedule = (channels, height, width), schedule
        self.register_buffer("data", data)

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        return exact_eps(self.schedule, self.data)(x, t)


def gaussian_eps(schedule: Schedule, mean: float, variance: float) -> EpsFn:
    """The ε for pixels drawn from N(mean, variance), each on its own.

    x_t is N(√ᾱ mean, ᾱ variance + 1-ᾱ), and E[ε | x_t] follows by linear regression.
    """

    def eps_fn(x: Tensor, t: Tensor) -> Tensor:
        power = _alphas_cumprod(schedule, x, t).reshape(-1, *((1,) * (x.ndim - 1)))
        spread = power * variance + 1 - power
        return (1 - power).sqrt() * (x - power.sqrt() * mean) / spread

    return eps_fn


def nearest(x: Tensor, data: Tensor) -> Tensor:
    """The index of the picture in data (N, C, H, W) next to each of x (B, C, H, W)."""
    return (x.flatten(1) @ data.flatten(1).T - data.flatten(1).square().sum(1) / 2).argmax(1)


def _alphas_cumprod(schedule: Schedule, x: Tensor, t: Tensor) -> Tensor:
    """ᾱ_t (B,) from the exact table, in the type and on the device of x. A fractional t, as
    `retimed` asks for, lies between two entries, as it does for a Denoiser.
    """
    if t.is_floating_point():
        return schedule.to(t.device).log_snr_at(t).sigmoid().to(x)
    return schedule.exact_alphas_cumprod[t.cpu()].to(x)
