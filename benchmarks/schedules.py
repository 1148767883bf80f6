"""Which schedule is best: to train with, and to sample with.

    python -m benchmarks.schedules --plot docs/schedules-trained.png
    python -m benchmarks.schedules --report    # what is known so far

Trains the preset `minute` under every named schedule and draws with it under the same, from steps
even in log-SNR, so that only training differs. Then draws with the shipped network under every
schedule, from steps even in t, so that the schedule alone decides at which noise levels the network
is called; a last row has the steps that the page takes by itself. Pictures and training runs have
the same seeds everywhere.

Each figure is appended to --out as soon as it is known and isn't computed again, so the program can
be interrupted at any time. At the end it prints both tables; those of an unfinished run are printed
by --report.
"""

import argparse
import itertools
import json
import statistics
import time
from collections import deque
from functools import partial
from pathlib import Path

import torch

import ddpm
from ddpm.sampling.sample import SAMPLER
from ddpm.training.state import make_accelerator
from devtools import ROOT
from devtools.configs import altered
from devtools.drawing import Judge, draw
from devtools.tables import head, row

CALLS = (5, 10, 20, 50)
GUIDANCES = (1.0, 2.0)  # of the trained networks; the shipped one draws without
TRAINED_CALLS = 10
OWN = "the page's own steps"  # a row beside the schedules: cosine, with the steps in the middle


def cells(args: argparse.Namespace) -> list[dict]:
    """What to measure, in this order: a column of one table, then a column of the other."""
    sampled = [
        [{"part": "sampled", "schedule": name, "calls": calls} for name in (*ddpm.SCHEDULES, OWN)]
        for calls in sorted(args.calls)
    ]
    trained = [
        [{"part": "trained", "schedule": name, "seed": seed, "steps": args.steps}
         for name in ddpm.SCHEDULES]
        for seed in range(args.seeds)
    ]  # fmt: skip
    columns = itertools.chain(*itertools.zip_longest(sampled, trained, fillvalue=[]))
    return [cell | {"n": args.n} for cell in itertools.chain(*columns)]


class Bench:
    """Training and drawing, with what all cells share."""

    def __init__(self, n: int):
        self.n, self.judge = n, Judge()
        self.training = ddpm.fashion_mnist("train")
        self.shipped = ddpm.load_checkpoint("fashion_mnist")
        self.bf16 = make_accelerator().mixed_precision == "bf16"  # where it is fast

    def measure(self, cell: dict) -> dict:
        return cell | (self.trained(cell) if cell["part"] == "trained" else self.sampled(cell))

    def trained(self, cell: dict) -> dict:
        train, diffusion = {k: cell[k] for k in ("steps", "seed")}, {"schedule": cell["schedule"]}
        config = altered(ddpm.PRESETS["minute"], train=train, diffusion=diffusion)
        begin = time.perf_counter()
        (last,) = deque(ddpm.fit(config, *self.training), maxlen=1)
        seconds = time.perf_counter() - begin
        drawn = partial(self.figures, last.model, steps=TRAINED_CALLS)
        figures = {f"at_guidance_{each:g}": drawn(guidance=each) for each in GUIDANCES}
        return {"seconds": round(seconds, 1)} | figures

    def sampled(self, cell: dict) -> dict:
        if cell["schedule"] == OWN:
            return self.figures(self.shipped.model, steps=cell["calls"])
        schedule = ddpm.Schedule.named(cell["schedule"], self.shipped.schedule.T)
        model, steps = self.shipped.model, cell["calls"]
        return self.figures(model, steps=steps, schedule=schedule, spacing="trailing")

    def figures(self, model: ddpm.Denoiser, **settings) -> dict:
        model.network.to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            images = draw(model, self.n, sampler=SAMPLER, **settings)
        found = self.judge.figures(images)
        kept = ("frechet_distance", "floor", "precision", "recall", "label_accuracy")
        return {name: round(float(str(found[name])), 4) for name in kept}


def distances(rows: list[dict], schedule: str, guidance: float) -> list[float]:
    """Of the networks trained under a schedule, by seed."""
    rows = sorted((row for row in rows if row["schedule"] == schedule), key=lambda row: row["seed"])
    return [row[f"at_guidance_{guidance:g}"]["frechet_distance"] for row in rows]


def by_calls(rows: list[dict], schedule: str) -> dict[int, float]:
    """Fréchet distances of the shipped network under a schedule, by calls."""
    found = {row["calls"]: row["frechet_distance"] for row in rows if row["schedule"] == schedule}
    return dict(sorted(found.items()))


def report(trained: list[dict], sampled: list[dict]) -> None:
    """Two tables in Markdown."""
    if trained:
        print()
        head("trained under", *(f"guidance {each:g} | of each seed" for each in GUIDANCES))
        for name in ddpm.SCHEDULES:
            figures = [distances(trained, name, guidance) for guidance in GUIDANCES]
            texts = [f"{statistics.mean(f):.3f} | {', '.join(f'{d:.3f}' for d in f)}"
                     for f in figures if f]  # fmt: skip
            if texts:
                row(f"`{name}`", *texts)
    if sampled:
        calls = sorted({each["calls"] for each in sampled})
        print()
        head("sampled under", *(f"{c} calls" for c in calls))
        for name in (*ddpm.SCHEDULES, OWN):
            found = by_calls(sampled, name)
            figures = [f"{found[c]:.3f}" if c in found else "" for c in calls]
            row(name if name == OWN else f"`{name}`", *figures)


def plot(trained: list[dict], path: Path) -> None:
    """The first table as a picture; `ddpm figure quality` draws the other."""
    guidance = GUIDANCES[-1]
    groups = {
        name: figures for name in ddpm.SCHEDULES if (figures := distances(trained, name, guidance))
    }
    xlabel = f"Fréchet distance, guidance {guidance:g}"
    ddpm.figures.save(ddpm.figures.ranking(groups, xlabel), path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=500, help="pictures for each figure")
    parser.add_argument("--seeds", type=int, default=3, help="training runs of each schedule")
    steps = ddpm.PRESETS["minute"].train.steps
    parser.add_argument("--steps", type=int, default=steps, help="of each training run")
    parser.add_argument("--calls", type=int, nargs="+", default=list(CALLS), choices=CALLS)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/schedules.jsonl")
    parser.add_argument("--plot", type=Path, help="a picture of the trained networks")
    parser.add_argument("--report", action="store_true", help="measure nothing more")
    args = parser.parse_args()

    args.out.touch()
    rows = [json.loads(line) for line in args.out.read_text().splitlines()]
    bench = None
    for cell in cells(args):
        if args.report or any(cell.items() <= row.items() for row in rows):
            continue
        bench = bench or Bench(args.n)
        rows.append(bench.measure(cell))
        print(rows[-1], flush=True)
        with args.out.open("a") as file:
            file.write(json.dumps(rows[-1]) + "\n")
    rows = [row for row in rows if any(cell.items() <= row.items() for cell in cells(args))]
    trained = [row for row in rows if row["part"] == "trained"]
    sampled = [row for row in rows if row["part"] == "sampled"]
    if rows:
        one = rows[0].get("at_guidance_1", rows[0])
        print(f"\nFréchet distances at n = {args.n}; real test images: {one['floor']:.3f}")
    report(trained, sampled)
    if args.plot:
        plot(trained, args.plot)


if __name__ == "__main__":
    main()
