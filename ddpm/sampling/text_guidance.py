"""Guidance by words, and the thresholding that Imagen holds it in with (Saharia et al. 2022)."""

from collections.abc import Callable

from torch import Tensor

from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import EpsFn
from ddpm.networks.network import Condition
from ddpm.sampling.guidance import led_away

Guided = Callable[[Denoiser, Condition], EpsFn]  # a `text_guided` whose scale is known


def text_guided(
    denoiser: Denoiser,
    condition: Condition,
    scale: float = 1.0,
    *,
    interval: tuple[float, float] | None = None,
) -> EpsFn:
    """Classifier-free guidance (Ho & Salimans 2022) towards a `Condition`: ε_∅ + scale (ε_c - ε_∅).

    ε_∅ is the network's answer without words and embedding; a small picture to enlarge stays.
    scale 1 costs one batch, any other doubles it; `interval` as for `classifier_free_guided`. A
    learned variance is passed through.
    """
    return led_away(denoiser, condition, condition.unconditional(), scale, interval)


def dynamic_threshold(quantile: float = 0.995) -> Callable[[Tensor], Tensor]:
    """For `clip=` of a sampler: Saharia et al. 2022, section 2.3.

    s is that quantile of |x̂_0| in each image, at least 1; x̂_0 (B, C, H, W) is held to [-s, s] and
    divided by s. Strong guidance drives x̂_0 beyond [-1, 1]: clamping it would leave only black and
    white, this keeps the greys between. ValueError unless 0 < quantile <= 1.
    """
    if not 0.0 < quantile <= 1.0:
        raise ValueError(f"the quantile must lie between 0 and 1, not {quantile!r}")

    def clip(x_start: Tensor) -> Tensor:
        s = x_start.abs().flatten(1).quantile(quantile, dim=1).clamp(min=1.0)
        s = s.reshape(-1, *((1,) * (x_start.ndim - 1)))
        return x_start.clamp(-s, s) / s

    return clip
