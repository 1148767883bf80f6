"""How long 16 and 64 pictures take from noise to the last frame, compared with other libraries.

    python -m benchmarks.speed
    python -m benchmarks.speed --idle    # waits until nothing else uses the cores

Prints a table, with the ratio of each row to ours and to the notebook's: its own network in float32
(`devtools.notebook_unet`), with 200 ancestral steps. All other networks have about as many
parameters as the shipped one. As the machine may be busy, everything is timed in turns in one run,
and medians are printed. Also times a step outside the network, compared with diffusers' schedulers.
Last comes who kept the cores busy: this program, and what else ran.
"""

from __future__ import annotations

import argparse
import warnings
from collections import deque
from collections.abc import Callable
from functools import partial

import torch
from denoising_diffusion_pytorch import GaussianDiffusion
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler

import ddpm
from ddpm.networks.bf16 import InBf16, computes_in_bf16
from ddpm.sampling import openvino
from devtools import idle, notebook_unet
from devtools.networks import (
    diffusers_unet,
    lucidrains_unet,
    parameters,
    sample_with_diffusers,
)
from devtools.timing import medians
from page.compute.this_process import faster

OURS, NOTEBOOK = "ours", "notebook's network and sampler, 200 calls"


def our_models(checkpoint: str) -> dict[str, ddpm.Denoiser]:
    """The shipped model, and its faster forms that this processor supports."""
    model = ddpm.load_checkpoint(checkpoint, "cpu").model
    models = {OURS: model}
    fast = openvino.compiled(model)
    if fast is not model:
        models["ours, by OpenVINO"] = fast
    if computes_in_bf16(model.schedule.device):
        network = InBf16(model.network)
        models["ours, in bf16"] = ddpm.Denoiser(network, model.schedule, model.objective)
    return models


def with_ours(model: ddpm.Denoiser, count: int, calls: int) -> None:
    ddpm.sample(model, count, labels=torch.arange(count) % 10, sampler="dpm_solver", steps=calls)


def with_the_notebook(model: ddpm.Denoiser, count: int) -> None:
    """Its 200 ancestral steps, without clipping."""
    ddpm.sample(model, count, sampler="ddpm", steps=notebook_unet.T, clip=False)


def pictures(
    models: dict[str, ddpm.Denoiser], students: dict[str, ddpm.Checkpoint], count: int, repeats: int
) -> None:
    """The table of whole runs."""
    size = parameters(models[OURS].network)
    theirs, lucid = diffusers_unet(size), lucidrains_unet(size)
    schedule = ddpm.Schedule.named("linear", notebook_unet.T, rescale=False)
    notebook = ddpm.Denoiser(notebook_unet.NotebookUnet().eval(), schedule, "eps")
    print(
        f"\nparameters: ours {size:,}, diffusers {parameters(theirs):,}, lucidrains "
        f"{parameters(lucid):,}, the notebook's {parameters(notebook.network):,}"
    )
    ddim = GaussianDiffusion(lucid, image_size=28, timesteps=1000, sampling_timesteps=10)
    rows = {NOTEBOOK: partial(with_the_notebook, notebook, count)}
    for name, model in models.items():
        for calls in (10, 5):
            rows[f"{name}, DPM-Solver++, {calls} calls"] = partial(with_ours, model, count, calls)
    labels = torch.arange(count) % 10
    for name, model in students.items():
        for calls in (2, 1):
            rows[f"{name}, {calls} calls"] = partial(
                ddpm.sample, model, count, labels=labels, steps=calls
            )
    rows |= {
        "diffusers, DPM-Solver++, 10 calls": lambda: sample_with_diffusers(
            theirs, DPMSolverMultistepScheduler(), count, 10
        ),
        "diffusers, DDPM, 10 calls": lambda: sample_with_diffusers(
            theirs, DDPMScheduler(), count, 10
        ),
        "denoising-diffusion-pytorch, DDIM, 10 calls": lambda: ddim.sample(batch_size=count),
    }
    seconds = medians(rows, repeats)
    base = seconds[f"{OURS}, DPM-Solver++, 10 calls"]
    print(f"{count} pictures, from noise to the last frame")
    for name, taken in seconds.items():
        ratio = seconds[NOTEBOOK] / taken
        print(f"  {name:45} {taken:8.3f} s  {taken / base:6.2f} of ours, "
              f"{ratio:6.1f} times as fast as the notebook")  # fmt: skip


def steps_alone(count: int = 16, calls: int = 200) -> None:
    """Microseconds per step with a network that costs nothing, compared with diffusers."""
    schedule = ddpm.Schedule.named("linear", 1000)
    times = ddpm.spaced_timesteps(schedule, calls)
    x, eps = torch.randn(count, 1, 28, 28), torch.randn(count, 1, 28, 28)
    draw = torch.Generator().manual_seed(0)

    def ours(sampler: str) -> Callable[[], None]:
        run = ddpm.SAMPLERS[sampler]
        return lambda: deque(run(lambda x, t: eps, schedule, x, times, generator=draw), maxlen=1)

    def theirs(scheduler, **options) -> Callable[[], None]:
        @torch.no_grad()
        def run() -> None:
            scheduler.set_timesteps(calls)
            state = x
            for t in scheduler.timesteps:
                state = scheduler.step(eps, t, state, **options).prev_sample

        return run

    pairs = {
        "ddpm": ("DDPMScheduler", theirs(DDPMScheduler(), generator=draw)),
        "ddim": ("DDIMScheduler", theirs(DDIMScheduler())),
        "dpm_solver": ("DPMSolverMultistepScheduler", theirs(DPMSolverMultistepScheduler())),
    }
    print(f"a step outside the network, {count} pictures")
    for name, (their_name, run) in pairs.items():
        taken = medians({"ours": ours(name), "theirs": run}, repeats=9)
        mine, other = (taken[key] / calls * 1e6 for key in ("ours", "theirs"))
        print(f"  {name:11} {mine:6.0f} µs, {their_name} {other:6.0f} µs, ratio {mine / other:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--student", help="a distilled checkpoint, to time its calls as well")
    parser.add_argument("--repeats", type=int, default=5)
    idle.add_argument(parser)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    models = our_models(args.checkpoint)
    students = {}
    if args.student:
        student = ddpm.load_checkpoint(args.student, "cpu")
        students = {"student": student, "student, as on the page": faster(student)}
    with idle.watched(args.idle):
        steps_alone()
        for count in (16, 64):
            pictures(models, students, count, args.repeats)


if __name__ == "__main__":
    main()
