"""What a visitor asks of a sampler, checked, and the trajectory that answers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.sampling.samplers import BEST_SPACING
from page.compute import COMPUTE
from page.server import run_queue
from page.server.validation import MAX_SEED, check_choice, check_number, check_whole
from page.texts import both
from page.widgets.sketch_pad import pad
from page.widgets.sketch_pad.pad import MAX_NOISE

ANY = -1  # the class "any": sampled without a label
MAX_COUNT = 64
MAX_STEPS = 1000
FRAME_S = 0.12  # a browser shows no more than about ten frames a second


@dataclass(frozen=True)
class Request:
    """What a visitor asked for, checked: the error names the field and its range."""

    label: int
    count: int
    sampler: str
    steps: int
    schedule: str
    guidance: float
    seed: int
    picture: str | None = None  # of the sketch pad; None starts from noise alone
    noise: int = MAX_NOISE  # how far the picture is noised: t, as T = 1000 counts it

    def __post_init__(self):
        check_whole("generate_class", self.label, ANY, len(CLASS_NAMES) - 1)
        check_whole("generate_count", self.count, 1, MAX_COUNT)
        check_whole("generate_steps", self.steps, 1, MAX_STEPS)
        check_whole("seed", self.seed, 0, MAX_SEED)
        check_whole("generate_noise", self.noise, 0, MAX_NOISE)
        check_choice("generate_sampler", self.sampler, ddpm.SAMPLERS)
        check_choice("generate_schedule", self.schedule, ddpm.SCHEDULES)
        check_number("generate_guidance", self.guidance, 0, 10)

    def first_time(self, T: int) -> int:
        """The time at which the trajectory begins."""
        return round(self.noise / MAX_NOISE * (T - 1)) if self.picture is not None else T - 1

    def calls(self, T: int) -> int:
        """The steps, of which there can be no more than times on the way."""
        return min(self.steps, self.first_time(T) + 1)


def suited(request: Request, checkpoint: ddpm.Checkpoint) -> Request:
    """What this model can answer: one that learned without classes draws any, and that is told."""
    if checkpoint.config.unet.num_classes is not None or request.label == ANY:
        return request
    gr.Warning(both("generate_no_classes"))
    return replace(request, label=ANY)


def trajectory(checkpoint: ddpm.Checkpoint, request: Request) -> tuple[Tensor, Iterator[ddpm.Step]]:
    """x_T (B, C, H, W), or x_t of the request's picture, and the steps from it to the pictures."""
    return COMPUTE.trajectory(drawn, checkpoint, request)


def drawn(checkpoint: ddpm.Checkpoint, request: Request) -> tuple[Tensor, Iterator[ddpm.Step]]:
    """The same, drawn in this process."""
    unet = checkpoint.config.unet
    schedule = ddpm.Schedule.named(request.schedule, checkpoint.schedule.T)
    schedule = schedule.to(checkpoint.schedule.device)
    check_whole("generate_steps", request.steps, 1, schedule.T)
    labels = None
    if request.label != ANY:
        labels = torch.full((request.count,), request.label, device=schedule.device)
    eps_fn = ddpm.conditioned(checkpoint.model, labels, request.guidance)
    # the network knows the log-SNR of its own schedule; ask it about the same noise
    eps_fn = ddpm.retimed(eps_fn, checkpoint.schedule, schedule)
    seeds = ddpm.generators(request.count, request.seed)
    x = torch.empty(request.count, *unet.shape, device=schedule.device)
    spacing = BEST_SPACING[request.sampler]
    if request.picture is not None:
        x_start = pad.read(request.picture).to(schedule.device).expand_as(x)
        t, n = request.first_time(schedule.T), request.calls(schedule.T)
        x, times = ddpm.start_from_picture(schedule, x_start, t, n, spacing, generator=seeds)
    else:
        x = ddpm.randn_like(x, seeds)
        times = ddpm.spaced_timesteps(schedule, request.steps, spacing)
    steps = ddpm.SAMPLERS[request.sampler](eps_fn, schedule, x, times, generator=seeds)
    # a GPU has room for sampling beside training
    return x, run_queue.go_first(steps) if schedule.device.type == "cpu" else steps
