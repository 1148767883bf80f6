"""An hour with a GPU: tests, timings, and a teacher and a student trained there.

    python -m benchmarks.gpu --minutes 20 --student-minutes 20 --out runs/gpu

Needs a machine with CUDA and the packages of requirements.txt; with those of requirements-dev.txt
it also runs the core's tests and times diffusers. Runs these parts in turn, goes on if one fails,
and after each writes all that is known to gpu.json in --out:

    tests     the core's, which put their networks on the GPU
    waits     how often a sampling or a training loop waits for the GPU
    sampling  seconds for a batch of pictures, ours in several forms, beside diffusers
    training  images per second, ours beside diffusers
    workers   seconds of a visitor's run in a process of the page's own, and in this one
    teacher   the preset "base" for --minutes, in the folder teacher
    student   distilled from it for --student-minutes, in the folder student

--device cpu rehearses it all, except for the waits.
"""

import argparse
import importlib.util
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

import ddpm
from benchmarks import call
from ddpm.config import Config
from ddpm.data import USUAL
from ddpm.evaluation.quality import measured
from ddpm.files import SHIPPED
from ddpm.presets import STUDENT
from ddpm.sampling.samplers import SAMPLERS, STUDENT_SAMPLERS
from ddpm.training.run import LOG
from devtools import ROOT
from devtools.configs import altered
from devtools.networks import diffusers_unet, parameters, sample_with_diffusers, training_steps
from devtools.timing import in_turns, medians

Run = Callable[[Path, Config], Path]
CALLS = 10
TRIAL = 500  # steps of the short run that tells how many fit into the minutes
UNTIMED = 100  # the first of them, in which kernels are chosen


def tests(args: argparse.Namespace) -> dict:
    """The last line of pytest, and its exit code."""
    if importlib.util.find_spec("pytest") is None:
        return {"skipped": "needs pytest: pip install -r requirements-dev.txt"}
    command = [sys.executable, "-m", "pytest", *args.tests, "-m", "not slow"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    (args.out / "tests.txt").write_text(done.stdout + done.stderr)
    if done.returncode:
        raise RuntimeError(f"see tests.txt: {done.stdout.splitlines()[-1]}")
    return {"pytest": done.stdout.splitlines()[-1]}


def waits(args: argparse.Namespace) -> dict:
    """Synchronisations of each sampler's loop, and of a training step."""
    if args.device.type != "cuda":
        return {"skipped": "needs CUDA"}
    loaded = ddpm.load_checkpoint("fashion_mnist", args.device)
    labels = torch.arange(16, device=args.device) % 10
    eps_fn = ddpm.classifier_free_guided(loaded.model, labels, 2.0)
    times = ddpm.spaced_timesteps(loaded.schedule, 10)
    x = torch.randn(16, *loaded.config.unet.shape, device=args.device)
    seeds = [torch.Generator(args.device).manual_seed(k) for k in range(16)]
    found = {}
    for name, sampler in (SAMPLERS | STUDENT_SAMPLERS).items():
        steps = partial(sampler, eps_fn, loaded.schedule, x, times, generator=seeds)
        found[name] = _synchronisations(lambda steps=steps: deque(steps(), maxlen=0))
    run = ddpm.fit(ddpm.PRESETS["base"], *ddpm.fashion_mnist("train", source="shipped"))
    next(run)
    found["training, per step"] = _synchronisations(lambda: [next(run) for _ in range(10)]) / 10
    waiting = [name for name in SAMPLERS | STUDENT_SAMPLERS if found[name]]
    if waiting:
        raise RuntimeError(f"these loops wait for the GPU: {waiting}; counted: {found}")
    return found


def _synchronisations(run: Callable[[], object]) -> int:
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            run()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return sum("called a synchronizing" in str(warning.message) for warning in seen)


def sampling(args: argparse.Namespace) -> dict:
    """Median seconds from noise to pictures, by batch size, and how far the faster forms are from
    eager float32 (relative L2 after ten calls)."""
    models = call.forms("fashion_mnist", args.device, args.device.type == "cuda")
    found: dict = {"seconds": {}, "distance to float32": {}}
    others: dict[str, Callable[[], object]] = {}
    for count in args.counts:
        if importlib.util.find_spec("diffusers"):
            from diffusers import DPMSolverMultistepScheduler

            unet = diffusers_unet(parameters(models[call.EAGER].network)).to(args.device)
            solver = DPMSolverMultistepScheduler()
            others["diffusers"] = partial(sample_with_diffusers, unet, solver, count, CALLS)
        seconds, far = call.measured(models, count, args.repeats, others, steps=CALLS)
        found["seconds"][count], found["distance to float32"][count] = seconds, far
    return found


def training(args: argparse.Namespace) -> dict:
    """Images per second, by batch size."""
    images, labels = ddpm.fashion_mnist("train", source="shipped")
    base, found = ddpm.PRESETS["base"], {}
    for count in args.counts:
        config = altered(base, train={"batch_size": count})
        taken = medians(training_steps(config, images, labels), args.repeats)
        found[count] = {name: round(count / seconds) for name, seconds in taken.items()}
    return found


def workers(args: argparse.Namespace) -> dict:
    """Medians, to the first step and to the last."""
    from page.compute.this_process import ThisProcess
    from page.compute.workers import Workers
    from page.models.registry import Request, begun

    request = Request("shipped", 7, args.counts[0])

    def drawn(way: ThisProcess | Workers, system: object) -> tuple[float, float]:
        begin = time.perf_counter()
        _, steps = way.trajectory(begun, system, request)
        next(steps)
        first = time.perf_counter() - begin
        deque(steps, maxlen=0)
        return first, time.perf_counter() - begin

    file = SHIPPED / "fashion_mnist.safetensors"
    ways = {"here": ThisProcess(), "worker": Workers()}
    runs = {name: partial(drawn, way, way.load(file)) for name, way in ways.items()}
    return {
        f"{name}, {what}": statistics.median(seconds)
        for name, taken in in_turns(runs, args.repeats).items()
        for what, seconds in zip(("first step", "all"), zip(*taken, strict=True), strict=True)
    }


def teacher(args: argparse.Namespace) -> dict:
    base = ddpm.PRESETS["base"]
    run = partial(ddpm.run_training, source=args.source)
    return _trained(args, "teacher", base, args.minutes, run)


def student(args: argparse.Namespace) -> dict:
    folder = args.out / "teacher"

    def run(out: Path, config: Config) -> Path:
        return ddpm.run_distillation(
            out, folder, config, classifier="noisy_classifier", source=args.source
        )

    config = altered(STUDENT, distill={"trajectories": args.trajectories})
    return _trained(args, "student", config, args.student_minutes, run)


def _trained(args: argparse.Namespace, name: str, config: Config, minutes: float, run: Run) -> dict:
    """Train for about so many minutes, and measure the result in its own best number of calls."""
    if not minutes:
        return {"skipped": "no minutes were given"}
    short = altered(config, train={"steps": args.trial})
    if config.distill is not None:
        short = altered(short, distill={"trajectories": config.train.batch_size})
    with tempfile.TemporaryDirectory() as trial:
        run(Path(trial), short)
        lines = [json.loads(line) for line in Path(trial, LOG).read_text().splitlines()]
    first = lines[min(UNTIMED, args.trial // 2)]
    rate = (lines[-1]["step"] - first["step"]) / max(0.1, lines[-1]["seconds"] - first["seconds"])
    steps = max(1, round(minutes * 60 * rate))
    begin = time.perf_counter()
    run(args.out / name, altered(config, train={"steps": steps}))
    seconds = time.perf_counter() - begin
    model = ddpm.load_checkpoint(args.out / name, args.device)

    def drawn(labels: torch.Tensor, first: int) -> torch.Tensor:
        return model.sample(len(labels), labels=labels, seed=first)

    figures = measured(drawn, USUAL, len(USUAL.classes), args.n, source=args.source)
    return {"steps": steps, "seconds": seconds, "steps per second": rate, "figures": figures}


PARTS = (tests, waits, sampling, training, workers, teacher, student)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "runs/gpu")
    parser.add_argument("--minutes", type=float, default=10, help="to train the teacher")
    parser.add_argument("--student-minutes", type=float, default=10, help="to distil from it")
    parser.add_argument("--device", type=torch.device, default=torch.device("cuda"))
    parser.add_argument("--trajectories", type=int, default=20_000, help="of the teacher")
    parser.add_argument("--counts", type=int, nargs="+", default=[16, 64, 256, 1024])
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--n", type=int, default=5000, help="pictures drawn to measure a model")
    parser.add_argument("--trial", type=int, default=TRIAL, help="steps of the trial runs")
    parser.add_argument("--tests", nargs="+", default=["tests/ddpm"], help="what pytest runs")
    parser.add_argument("--source", default="auto", help="of Fashion-MNIST")
    args = parser.parse_args()
    if args.device.type == "cuda" and not torch.cuda.is_available():
        print("There is no CUDA device here, so nothing was run (--device cpu rehearses it).")
        return 0
    args.out.mkdir(parents=True, exist_ok=True)
    cuda = args.device.type == "cuda"
    device = torch.cuda.get_device_name(args.device) if cuda else platform.machine()
    found: dict = {"device": device, "torch": torch.__version__, "cuda": torch.version.cuda}
    failed = False
    for part in PARTS:
        print(f"{part.__name__} …", flush=True)
        begin = time.perf_counter()
        try:
            found[part.__name__] = part(args)
        except Exception as error:  # whatever it is, the machine's time is for the other parts
            traceback.print_exc()
            found[part.__name__] = {"failed": f"{type(error).__name__}: {error}"}
            failed = True
        found[part.__name__]["part took"] = round(time.perf_counter() - begin, 1)
        print(json.dumps(found[part.__name__], indent=2), flush=True)
        (args.out / "gpu.json").write_text(json.dumps(found, indent=2) + "\n")
    print(args.out / "gpu.json")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
