"""Timings on a GPU, for benchmarks.gpu: ours beside diffusers, where that is installed."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

import ddpm
from benchmarks.samplers import Compiled
from ddpm.data.batches import batches
from ddpm.networks.bf16 import InBf16
from devtools.networks import (
    diffusers_unet,
    parameters,
    plain_step,
    sample_with_diffusers,
)
from devtools.timing import medians

CALLS = 10


def sampling(args: argparse.Namespace) -> dict:
    """Median seconds from noise to pictures, by batch size, and how far the faster forms are from
    eager float32 (relative L2 after ten calls)."""
    forms = {"ours": _model(args), "ours, bf16": _model(args, InBf16)}
    if args.device.type == "cuda":
        for bf16 in (False, True):
            name = f"ours, compiled{', bf16' if bf16 else ''}"
            forms[name] = _model(args, partial(Compiled, bf16=bf16))
    found: dict = {"seconds": {}, "distance to ours": {}}
    for count in args.counts:
        labels = torch.arange(count) % 10
        rows = {
            name: partial(ddpm.sample, model, count, labels=labels, steps=CALLS)
            for name, model in forms.items()
        }
        pictures = {name: run().cpu() for name, run in rows.items()}
        found["distance to ours"][count] = {
            name: _relative(x, pictures["ours"]) for name, x in pictures.items()
        }
        if importlib.util.find_spec("diffusers"):
            from diffusers import DPMSolverMultistepScheduler

            unet = diffusers_unet(parameters(forms["ours"].network)).to(args.device)
            solver = DPMSolverMultistepScheduler()
            rows["diffusers"] = partial(sample_with_diffusers, unet, solver, count, CALLS)
        done = {name: _finished(run, args.device) for name, run in rows.items()}
        found["seconds"][count] = medians(done, args.repeats)
    return found


def _model(args: argparse.Namespace, wrap: Callable | None = None) -> ddpm.Denoiser:
    model = ddpm.load_checkpoint("fashion_mnist", args.device).model
    if wrap is None:
        return model
    return ddpm.Denoiser(wrap(model.network), model.schedule, model.objective).eval()


def _relative(x: Tensor, y: Tensor) -> float:
    return ((x - y).norm() / y.norm()).item()


def training(args: argparse.Namespace) -> dict:
    """Images per second, by batch size."""
    images, labels = ddpm.fashion_mnist("train", source="shipped")
    found = {}
    for count in args.counts:
        base = ddpm.PRESETS["base"]
        config = replace(base, train=replace(base.train, batch_size=count))
        ours = ddpm.fit(config, images, labels)
        rows: dict[str, Callable[[], object]] = {"ours": lambda ours=ours: next(ours)}
        if importlib.util.find_spec("diffusers"):
            size = parameters(ddpm.Unet(config.unet))
            rows["diffusers"] = _diffusers_step(size, images, count, args.device)
        done = {name: _finished(run, args.device) for name, run in rows.items()}
        taken = medians(done, args.repeats)
        found[count] = {name: round(count / seconds) for name, seconds in taken.items()}
    return found


def _diffusers_step(
    size: int, images: Tensor, count: int, device: torch.device
) -> Callable[[], None]:
    """As in its own script: AdamW, clipping, bf16 on a GPU."""
    from diffusers import DDPMScheduler

    unet, scheduler = diffusers_unet(size).to(device), DDPMScheduler(1000)

    def loss_of(x: Tensor) -> Tensor:
        noise, t = torch.randn_like(x), torch.randint(0, 1000, (count,), device=device)
        return nn.functional.mse_loss(unet(scheduler.add_noise(x, noise, t), t).sample, noise)

    adamw = torch.optim.AdamW(unet.parameters(), lr=1e-4)
    feed = batches(images, None, count)
    bf16 = device.type == "cuda"
    return plain_step(unet, loss_of, feed, adamw, bf16=bf16, clip_norm=1.0)


def _finished(run: Callable[[], object], device: torch.device) -> Callable[[], None]:
    """The run, until the device has done its work."""

    def finished() -> None:
        run()
        if device.type == "cuda":
            torch.cuda.synchronize()

    return finished
