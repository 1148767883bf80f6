"""How long 16 and 64 pictures take from noise to the last frame, compared with other libraries.

    python -m benchmarks.speed
    python -m benchmarks.speed --idle    # waits until nothing else uses the cores

Prints a table, with the ratio of each row to ours and to the notebook's: its own network in float32
(`devtools.notebook_unet`), with 200 ancestral steps. All other networks have about as many
parameters as the shipped one. As the machine may be busy, everything is timed in turns in one run,
and medians are printed. Also times a step outside the network, compared with diffusers' schedulers.
Last comes who kept the cores busy: this program, and what else ran.
"""

import argparse
import warnings
from collections import deque
from collections.abc import Callable
from functools import partial

import torch
from denoising_diffusion_pytorch import GaussianDiffusion
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler

import ddpm
from benchmarks.call import EAGER, forms
from devtools import idle, notebook_unet
from devtools.networks import diffusers_unet, lucidrains_unet, parameters, sample_with_diffusers
from devtools.timing import medians
from page.compute.this_process import faster

NOTEBOOK = "notebook's network and sampler, 200 calls"


def pictures(
    models: dict[str, ddpm.Denoiser], students: dict[str, ddpm.Checkpoint], count: int, repeats: int
) -> None:
    """The table of whole runs."""
    size = parameters(models[EAGER].network)
    theirs, lucid = diffusers_unet(size), lucidrains_unet(size)
    schedule = ddpm.Schedule.named("linear", notebook_unet.T, rescale=False)
    notebook = ddpm.Denoiser(notebook_unet.NotebookUnet().eval(), schedule, "eps")
    print(
        f"\nparameters: ours {size:,}, diffusers {parameters(theirs):,}, lucidrains "
        f"{parameters(lucid):,}, the notebook's {parameters(notebook.network):,}"
    )
    ddim = GaussianDiffusion(lucid, image_size=28, timesteps=1000, sampling_timesteps=10)
    # the notebook's 200 ancestral steps, without clipping
    run = partial(ddpm.sample, notebook, count, sampler="ddpm", steps=notebook_unet.T, clip=False)
    rows: dict[str, Callable[[], object]] = {NOTEBOOK: run}
    labels = torch.arange(count) % 10
    for name, model in models.items():
        for calls in (10, 5):
            rows[f"ours, {name}, DPM-Solver++, {calls} calls"] = partial(
                ddpm.sample, model, count, labels=labels, sampler="dpm_solver", steps=calls
            )
    for name, model in students.items():
        for calls in (2, 1):
            run = partial(ddpm.sample, model, count, labels=labels, steps=calls)
            rows[f"{name}, {calls} calls"] = run
    for name, solver in (("DPM-Solver++", DPMSolverMultistepScheduler), ("DDPM", DDPMScheduler)):
        run = partial(sample_with_diffusers, theirs, solver(), count, 10)
        rows[f"diffusers, {name}, 10 calls"] = run
    rows["denoising-diffusion-pytorch, DDIM, 10 calls"] = partial(ddim.sample, batch_size=count)
    seconds = medians(rows, repeats)
    base = seconds[f"ours, {EAGER}, DPM-Solver++, 10 calls"]
    print(f"{count} pictures, from noise to the last frame")
    for name, taken in seconds.items():
        ratio = seconds[NOTEBOOK] / taken
        print(f"  {name:48} {taken:8.3f} s  {taken / base:6.2f} of ours, "
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
    models = forms(args.checkpoint, torch.device("cpu"), compile_too=False)
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
