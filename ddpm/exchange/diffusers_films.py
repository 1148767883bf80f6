"""What a diffusers pipeline held at each step, and what it took for the picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from ddpm.sampling.samplers import Film, Step


def films(pipeline: Any, *args, **settings) -> tuple[Tensor, Film]:
    """Call `pipeline(*args, **settings)` and return x_T and all its steps: t, x, and the guess x̂_0,
    (B, C, H, W), as `ddpm.figures.trajectory` and `ddpm.save_gif` take them.

    For any pipeline that has a `scheduler`, whatever its sampler: x̂_0 is the scheduler's own where
    it tells, else what its prediction says under its ᾱ, or under its σ for flows. What lies in the
    latents of a VAE is decoded. ValueError if it took no step of its scheduler, or, at its first
    step, if it draws no pictures (B, C, H, W), nor their latents, but videos or packed latents.
    """
    seen: list[tuple[int, Tensor, Tensor, Tensor]] = []
    name = type(pipeline).__name__
    with _watched(pipeline.scheduler, seen, name):
        pipeline(*args, **settings)
    if not seen:
        raise ValueError(f"{name} took no step of its scheduler")
    shown = _decoder(pipeline)
    steps = Film(
        Step(i, t, shown(after), shown(x_start)) for i, (t, _, after, x_start) in enumerate(seen)
    )
    return shown(seen[0][1]), steps


@contextmanager
def _watched(scheduler: Any, seen: list, name: str) -> Iterator[None]:
    """Note each step of a scheduler: t, x before and after, x̂_0."""
    own = scheduler.step

    def step(model_output: Tensor, timestep: Any, sample: Tensor, *args, **settings) -> Any:
        if sample.ndim != 4:
            raise ValueError(
                f"{name} holds x as {tuple(sample.shape)}, a video or packed latents, where a film "
                "needs pictures or their latents, (B, C, H, W)"
            )
        wants_tuple = settings.pop("return_dict", True) is False
        sigma = _sigma(scheduler, timestep)
        output = own(model_output, timestep, sample, *args, return_dict=True, **settings)
        x_start = getattr(output, "pred_original_sample", None)
        if x_start is None:
            x_start = _start(scheduler, model_output, int(timestep), sample, sigma)
        seen.append((int(timestep), sample.cpu(), output.prev_sample.cpu(), x_start.cpu()))
        return (output.prev_sample, x_start) if wants_tuple else output

    scheduler.step = step
    try:
        yield
    finally:
        del scheduler.step  # the class's own again


def _sigma(scheduler: Any, timestep: Any) -> Tensor | None:
    """The share of noise of a flow's step that is about to be taken."""
    if hasattr(scheduler, "alphas_cumprod"):
        return None
    place = scheduler.step_index
    if place is None:
        place = scheduler.index_for_timestep(timestep)
    return scheduler.sigmas[place]


def _start(
    scheduler: Any, prediction: Tensor, t: int, sample: Tensor, sigma: Tensor | None
) -> Tensor:
    """x̂_0 of a network's prediction."""
    if sigma is not None:  # a flow's velocity is ε - x_0, and x_t = (1-σ) x_0 + σ ε
        return sample - sigma.to(sample) * prediction
    signal = scheduler.alphas_cumprod[t].to(sample).sqrt()
    noise = (1 - signal.square()).sqrt()
    kind = scheduler.config.prediction_type
    if kind == "epsilon":
        return (sample - noise * prediction) / signal
    return signal * sample - noise * prediction if kind == "v_prediction" else prediction


def _decoder(pipeline: Any) -> Any:
    vae = getattr(pipeline, "vae", None) or getattr(pipeline, "vqvae", None)
    if vae is None:
        return lambda x: x.float()

    @torch.no_grad()
    def decoded(latents: Tensor) -> Tensor:
        known, latents = vae.config, latents.to(vae.device, vae.dtype)
        ends = [getattr(known, f"latents_{name}", None) for name in ("mean", "std")]
        if None in ends:
            shift = getattr(known, "shift_factor", None) or 0
            latents = latents / known.scaling_factor + shift
        else:  # of each channel, as for Playground's models
            mean, std = (latents.new_tensor(values).view(1, -1, 1, 1) for values in ends)
            latents = latents * std / known.scaling_factor + mean
        return vae.decode(latents).sample.float().cpu()

    return decoded
