"""How far pictures are from real ones, to each kind of eyes: by network calls, and by training.

    python -m benchmarks.distances calls --plot docs/calls.png
    python -m benchmarks.distances passes --checkpoints runs/kept/* --plot docs/passes.png

"calls" draws from each model with several numbers of calls; "passes" from states of one run, with
ten: plain, guided by a worse model, and with averages of other widths, made of the states so far.
All draw the same seeds, which no other figure uses, and the classes in turn. Rows are kept in
--out, and those that are there are not measured again.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import ddpm
from benchmarks.guides import NAMES, Eyes
from ddpm.figures import save
from ddpm.figures.style import GREY, finished, line_style, plain, plain_numbers, plots
from ddpm.files import find_checkpoint, fingerprint
from ddpm.sampling.bf16 import in_bf16
from ddpm.training.averages import post_hoc
from devtools import ROOT
from devtools.drawing import draw

SEED = 3_000_000
CALLS = {
    "fashion_mnist": (5, 7, 10, 20, 50),
    "fashion_mnist_taught": (5, 7, 10, 20, 50),
    "fashion_mnist_large": (5, 7, 10, 20, 50),
    "fashion_mnist_few": (1, 2, 4),
    "fashion_mnist_moments_small": (1, 2, 4),
    "fashion_mnist_moments_longer": (1, 2, 4),
    "fashion_mnist_flow": (1, 2, 4),
    "fashion_mnist_flow_jumps": (1, 2, 4),
}
PLAIN = "plain"
# line, place on the axis, model and what it was made of, settings of `ddpm.sample`
Cell = tuple[str, float, ddpm.Checkpoint, str, dict]


def by_calls(args: argparse.Namespace) -> Iterator[Cell]:
    for name, calls in CALLS.items():
        model, made_by = ddpm.load_checkpoint(name), fingerprint(find_checkpoint(name))
        for each in calls:
            yield name, each, model, made_by, {"steps": each}


def by_passes(args: argparse.Namespace) -> Iterator[Cell]:
    plain, (low, high) = {"steps": 10}, args.interval
    guided = plain | {"guide": args.guide, "guidance": args.guidance, "interval": (low, high)}
    states: list[ddpm.Checkpoint] = []
    for file in args.checkpoints:
        model, made_by = ddpm.load_checkpoint(file), fingerprint(find_checkpoint(file))
        states.append(model)
        seen = model.info["steps"] * model.config.train.batch_size
        passes = round(seen / model.info["images"], 2)
        yield PLAIN, passes, model, made_by, plain
        yield f"guided by {args.guide}", passes, model, made_by, guided
        if len(states) > 1:
            for width in args.widths:
                yield f"width {width}", passes, post_hoc(states, width), made_by, plain


def measured(cells: Iterator[Cell], out: Path, n: int) -> list[dict]:
    rows = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    eyes = Eyes(n)
    found: list[dict] = [{"line": "floor", **dict(zip(NAMES, eyes.floors, strict=True))}]
    for line, x, model, made_by, settings in cells:
        key = {"line": line, "x": x, "n": n, "made_by": made_by, "settings": str(settings)}
        row = next((row for row in rows if key.items() <= row.items()), None)
        if row is None:
            if "guide" in settings:
                guide = in_bf16(ddpm.load_checkpoint(settings["guide"]).model)
                settings = settings | {"guide": guide}
            quick = replace(model, model=in_bf16(model.model))
            seen = eyes.distances(draw(quick, n, seed=SEED, **settings))
            row = key | {name: round(each, 4) for name, each in zip(NAMES, seen, strict=True)}
            with out.open("a") as file:
                print(json.dumps(row), file=file)
        print(line, x, *(f"{name} {row[name]:.3f}" for name in NAMES), flush=True)
        found.append(row)
    return found


def plot(rows: list[dict], xlabel: str, path: Path) -> None:
    """A panel for each kind of eyes, the stricter ones first."""
    floor, *rows = rows
    figure = plots(680)
    panels = dict(zip(NAMES[1:] + NAMES[:1], figure.subplots(1, len(NAMES)), strict=True))
    for name, axes in panels.items():
        for k, line in enumerate(dict.fromkeys(row["line"] for row in rows)):
            points = {row["x"]: row[name] for row in rows if row["line"] == line}
            axes.plot([*points], [*points.values()], label=line, **line_style(k))
        axes.axhline(floor[name], ls=(0, (1, 3)), lw=2.6, color=GREY, label="real test images")
        axes.set(yscale="log", xscale="log" if xlabel == "network calls" else "linear")
        encoder = " encoder" if name == "contrastive" else ""
        plain(axes, f"as the {name}{encoder} sees it", xlabel=xlabel)
        plain_numbers(axes, "y")
        if xlabel == "network calls":
            plain_numbers(axes, "x")
    panels["autoencoder"].set_ylabel("Fréchet distance")
    save(finished(figure, panels["autoencoder"]), path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("calls", "passes"))
    parser.add_argument("--checkpoints", nargs="+", default=[], help="of one run, for passes")
    parser.add_argument("--guide", default="fashion_mnist_large_early", help="the worse model")
    parser.add_argument("--guidance", type=float, default=1.5)
    parser.add_argument("--interval", type=float, nargs=2, default=(0, 700))
    parser.add_argument("--widths", type=float, nargs="*", default=[], help="of other averages")
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/distances.jsonl")
    parser.add_argument("--plot", type=Path, help="write a picture of the table")
    args = parser.parse_args()
    cells, xlabel = {
        "calls": (by_calls, "network calls"),
        "passes": (by_passes, "passes of the last fall"),
    }[args.what]
    rows = measured(cells(args), args.out, args.n)
    if args.plot:
        plot(rows, xlabel, args.plot)


if __name__ == "__main__":
    main()
