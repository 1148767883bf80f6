"""Quality against network calls: every sampler at 5 to 1,000 calls, on the same checkpoint.

    python -m benchmarks.samplers --n 5000 --seeds 2        # everything: takes hours
    python -m benchmarks.samplers --n 1000 --calls 5 10 20  # only the short runs

Each figure is written to --out as soon as it is known and isn't computed again. Pictures for
unfinished figures are kept under runs/, so the program can be interrupted at any time. Prints the
table, and the ratio of the best figures at 10 and at 5 calls to that of `ddpm` at 1,000. All rows
have the same dtype: bf16 where the processor supports it, unless --dtype says otherwise.
"""

import argparse
import ast
import hashlib
import inspect
import itertools
import json
import statistics
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

import ddpm
from ddpm.checkpoint import find_checkpoint
from ddpm.sampling.samplers import BEST_SPACING
from ddpm.training.state import make_accelerator
from devtools import ROOT
from devtools.drawing import COLUMNS, Judge, draw
from devtools.tables import head, row

CALLS = (5, 8, 10, 15, 20, 50, 200, 1000)
SPACINGS = ("trailing", "logsnr", "middle")


def cells(args: argparse.Namespace) -> list[dict]:
    """What to measure, the cheapest first."""
    wanted = [
        {"sampler": sampler, "spacing": BEST_SPACING[sampler], "calls": calls}
        for calls in args.calls
        for sampler in args.samplers
    ]
    # with few calls, every sampler at every spacing
    wanted += [
        {"sampler": sampler, "spacing": spacing, "calls": calls}
        for sampler in args.samplers
        for spacing in SPACINGS
        for calls in sorted({5, 10} & {*args.calls})
        if spacing != BEST_SPACING[sampler]
    ]
    rest = {"n": args.n, "dtype": args.dtype}
    wanted = [cell | rest | {"seed": seed} for cell in wanted for seed in range(args.seeds)]
    return sorted(wanted, key=lambda cell: cell["calls"])


def made_by(cell: dict, checkpoint: bytes, schedule: ddpm.Schedule) -> str:
    """A hash of all that determines a cell's pictures; if it changes, they are drawn again."""
    times = ddpm.spaced_timesteps(schedule, cell["calls"], cell["spacing"])
    (code,) = ast.parse(inspect.getsource(ddpm.SAMPLERS[cell["sampler"]])).body
    del code.body[0]  # neither the docstring nor annotations change pictures
    code.returns = None
    for argument in [*code.args.args, *code.args.kwonlyargs]:
        argument.annotation = None
    made = [checkpoint, ast.unparse(code).encode(), str(times).encode()]
    return hashlib.sha256(b"".join(made)).hexdigest()[:8]


class Compiled(nn.Module):
    """A network compiled for one batch size: a minute of torch.compile pays off over hours."""

    def __init__(self, network: nn.Module, bf16: bool):
        super().__init__()
        self.shape, self.num_classes = network.shape, network.num_classes
        self.bf16 = bf16
        self.run = torch.compile(network.to(memory_format=torch.channels_last), dynamic=False)

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.bf16):
            return self.run(x, t.float(), labels).float()


def measure(cell: dict, model: ddpm.Denoiser, judge: Judge) -> dict:
    name = "-".join(str(value) for value in cell.values())
    kept, seed = ROOT / f"runs/samplers/{name}.safetensors", cell["seed"] * cell["n"]
    way = {"sampler": cell["sampler"], "spacing": cell["spacing"], "steps": cell["calls"]}
    found = judge.figures(draw(model, cell["n"], seed=seed, kept=kept, **way))
    return cell | {key: round(found[key], 4) for key in COLUMNS.values()}


def of(rows: list[dict], **wanted) -> list[float]:
    return [r["frechet_distance"] for r in rows if all(r[k] == v for k, v in wanted.items())]


def report(rows: list[dict], n: int, floor: float) -> None:
    def means(calls: int, spacing: str | None = None) -> Iterator[str]:
        for name in ddpm.SAMPLERS:
            figures = of(rows, sampler=name, calls=calls, spacing=spacing or BEST_SPACING[name])
            yield f"{statistics.mean(figures):.3f}" if figures else ""

    print(f"\nFréchet distance at n = {n} (real test images: {floor:.3f}), mean of the seeds\n")
    head("calls", *ddpm.SAMPLERS)
    for calls in CALLS:
        row(calls, *means(calls))
    for calls, spacing in itertools.product((5, 10), SPACINGS):
        row(f"{calls}, {spacing}", *means(calls, spacing))
    print()
    long = of(rows, sampler="ddpm", calls=1000)
    if long:
        deviation = statistics.stdev(long) if len(long) > 1 else float("nan")
        print(f"ddpm at 1,000 calls: {statistics.mean(long):.3f}, deviation {deviation:.3f}")
        for calls in (10, 5):
            best = min(
                (statistics.mean(figures), name)
                for name in ddpm.SAMPLERS
                if (figures := of(rows, sampler=name, calls=calls, spacing=BEST_SPACING[name]))
            )
            ratio = best[0] / statistics.mean(long)
            print(f"best at {calls} calls: {best[1]} {best[0]:.3f}, ratio {ratio:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--calls", type=int, nargs="+", default=CALLS, choices=CALLS)
    parser.add_argument("--samplers", nargs="+", default=list(ddpm.SAMPLERS), choices=ddpm.SAMPLERS)
    best = "bf16" if make_accelerator().mixed_precision == "bf16" else "float32"
    parser.add_argument("--dtype", default=best, choices=["bf16", "float32"])
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/samplers.json")
    args = parser.parse_args()

    loaded = ddpm.load_checkpoint(args.checkpoint)
    network = Compiled(loaded.model.network, args.dtype == "bf16")
    model = ddpm.Denoiser(network, loaded.schedule, loaded.model.objective).eval()
    judge = Judge()
    rows = json.loads(args.out.read_text()) if args.out.exists() else []
    weights = find_checkpoint(args.checkpoint).read_bytes()
    for cell in cells(args):
        cell |= {"made_by": made_by(cell, weights, loaded.schedule)}
        if not any(cell.items() <= known.items() for known in rows):
            rows.append(measure(cell, model, judge))
            print(rows[-1], flush=True)
            lines = ",\n".join(map(json.dumps, rows))
            args.out.write_text(f"[\n{lines}\n]\n")
    wanted = {"n": args.n, "dtype": args.dtype}
    rows = [
        known
        for known in rows
        if wanted.items() <= known.items() and known["seed"] < args.seeds
        # not by an earlier model or sampler
        if known["made_by"] == made_by(known, weights, loaded.schedule)
    ]
    report(rows, args.n, judge.floor(args.n))


if __name__ == "__main__":
    main()
