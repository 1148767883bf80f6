"""What DPM-Solver++(2M) gains from an exact integral in place of algorithm 2's half step.

    python -m benchmarks.exact_integral

diffusers' scheduler has both, as solver_type "heun" and "midpoint". With each, draws the same
garments at the times that `dpm_solver` visits, and solves for Gaussian data, whose exact solution
is known.
"""

import argparse
import statistics

import torch
from diffusers import DPMSolverMultistepScheduler
from torch import Tensor

import ddpm
from ddpm.diffusion.ideal import gaussian_eps
from ddpm.sampling.sample import begin
from ddpm.training.state import make_accelerator
from devtools.drawing import Judge, in_batches

WAYS = {"midpoint": "half a step", "heun": "exact integral"}
SEEDS = 2
MEAN, VARIANCE = 0.3, 0.25  # of the Gaussian data


def solve(
    way: str, schedule: ddpm.Schedule, eps_fn, x: Tensor, times: list[int], clip: bool
) -> Tensor:
    clamp = {"thresholding": clip, "dynamic_thresholding_ratio": 1.0, "sample_max_value": 1.0}
    scheduler = DPMSolverMultistepScheduler(
        trained_betas=schedule.betas.numpy(), final_sigmas_type="zero", solver_type=way, **clamp
    )
    scheduler.set_timesteps(timesteps=times)
    for t in times:
        x = scheduler.step(eps_fn(x, torch.full((len(x),), t)), t, x).prev_sample
    return x


@torch.no_grad()
def garments(
    model: ddpm.Denoiser, way: str, calls: int, n: int, first_seed: int, bf16: bool
) -> Tensor:
    drawn = []
    for first, labels in in_batches(n):
        run = begin(model, len(labels), sampler="dpm_solver", steps=calls, seed=first_seed + first)
        eps_fn = ddpm.classifier_free_guided(model, labels)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            x = solve(way, model.schedule, eps_fn, run.x, run.timesteps, clip=True)
        drawn.append(ddpm.to_uint8(x))
    return torch.cat(drawn)


def gaussian_error(way: str, schedule: ddpm.Schedule, calls: int) -> float:
    """Largest distance to the exact solution of the ODE at its end."""
    z = torch.randn(64, 1, 4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    times = ddpm.spaced_timesteps(schedule, calls, "logsnr")
    start = schedule.exact_alphas_cumprod[times[0]]
    x = start.sqrt() * MEAN + (start * VARIANCE + 1 - start).sqrt() * z
    x = solve(way, schedule, gaussian_eps(schedule, MEAN, VARIANCE), x, times, clip=False)
    return (x - MEAN - VARIANCE**0.5 * z).abs().max().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000, help="garments per seed")
    n = parser.parse_args().n
    model = ddpm.load_checkpoint("fashion_mnist", "cpu").model
    judge = Judge()
    bf16 = make_accelerator().mixed_precision == "bf16"
    print(f"Fréchet distance at n = {n}, {'bf16' if bf16 else 'float32'}, {SEEDS} seeds")
    for calls in (5, 10):
        means = []
        for way, name in WAYS.items():
            drawn = [garments(model, way, calls, n, seed * n, bf16) for seed in range(SEEDS)]
            each = [*map(judge.distance, drawn)]
            means.append(statistics.mean(each))
            print(f"{calls} calls, {name}: {means[-1]:.3f} {[round(one, 3) for one in each]}")
        print(f"{calls} calls: ratio {means[1] / means[0]:.2f}", flush=True)
    for name in ("linear", "cosine"):
        schedule = ddpm.Schedule.named(name, 1000)
        for calls in (5, 10, 20, 40):
            half, exact = (gaussian_error(way, schedule, calls) for way in WAYS)
            print(f"Gaussian data, {name}, {calls} calls: {half:.4f} and {exact:.4f}")


if __name__ == "__main__":
    main()
