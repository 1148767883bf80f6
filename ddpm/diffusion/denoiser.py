"""A network as samplers and losses see it: whatever it was trained to predict, it speaks ε."""

from typing import cast

import torch
from torch import Tensor, nn

from ddpm.networks.network import Given, Network
from ddpm.schedules import Schedule, extract


def split_variance(output: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
    """A network's prediction for x, and its learned variance if it appends one."""
    channels = x.shape[1]
    if output.shape[1] == channels:
        return output, None
    return output[:, :channels], output[:, channels:]


def signal_and_noise(schedule: Schedule, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """√ᾱ and √(1-ᾱ) at times t (B,), whole or fractional, shaped to multiply x (B, C, H, W)."""
    if not t.is_floating_point():
        return (
            extract(schedule.sqrt_alphas_cumprod, t, x),
            extract(schedule.sqrt_one_minus_alphas_cumprod, t, x),
        )
    # ᾱ = sigmoid(log-SNR), and 1-ᾱ = sigmoid(-log-SNR) without cancellation
    log_snr = schedule.log_snr_at(t).reshape(-1, *((1,) * (x.ndim - 1)))
    return log_snr.sigmoid().sqrt(), (-log_snr).sigmoid().sqrt()


OBJECTIVES = ("eps", "v", "x0")


class Denoiser(nn.Module):
    """Makes any network (x, t, condition=None) speak ε, whatever it was trained to predict.

    `objective` is what the network returns: "eps", "x0", or "v" = √ᾱ ε - √(1-ᾱ) x_0
    (Salimans & Ho 2022). t may be fractional: the schedule is then read between its entries.
    Channels that a network returns beyond those of x, its learned variance, are passed through.
    """

    def __init__(self, network: nn.Module, schedule: Schedule, objective: str = "eps"):
        if objective not in OBJECTIVES:
            known = ", ".join(OBJECTIVES)
            raise ValueError(f"objective must be one of {known}, not {objective!r}")
        super().__init__()
        self.network = cast(Network, network)  # only sampling needs more than a module
        self.schedule = schedule
        self.objective = objective

    def _apply(self, fn, recurse=True):
        # .to(), .cuda() and friends end here; the schedule is no module, so it is moved by hand.
        super()._apply(fn, recurse)
        self.schedule = self.schedule.to(fn(torch.empty(0)).device)
        return self

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        prediction, variance = split_variance(self.network(x, t, condition), x)
        eps = self.to_eps(x, t, prediction)
        return eps if variance is None else torch.cat([eps, variance], dim=1)

    def to_eps(self, x: Tensor, t: Tensor, prediction: Tensor) -> Tensor:
        """ε from a prediction in the network's own terms."""
        if self.objective == "eps":
            return prediction
        signal, noise = signal_and_noise(self.schedule, x, t)
        if self.objective == "v":
            return noise * x + signal * prediction
        return (x - signal * prediction) / noise

    def to_x_start(self, x: Tensor, t: Tensor, prediction: Tensor) -> Tensor:
        """x̂_0 from a prediction in the network's own terms. From v it is √ᾱ x - √(1-ᾱ) v, exact
        in pure noise too, where ε says nothing about x_0."""
        if self.objective == "x0":
            return prediction
        signal, noise = signal_and_noise(self.schedule, x, t)
        if self.objective == "v":
            return signal * x - noise * prediction
        return (x - noise * prediction) / signal

    def target(self, x_start: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """What the network should have predicted, for x_t made of x_start and noise."""
        if self.objective == "eps":
            return noise
        if self.objective == "x0":
            return x_start
        signal, sigma = signal_and_noise(self.schedule, x_start, t)
        return signal * noise - sigma * x_start
