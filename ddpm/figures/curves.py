"""Figures made of lines: schedules, training losses, and quality against network calls."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ddpm.figures.style import GREY, TEXT, finished, line_style, plain, plain_numbers, plots, word
from ddpm.sampling.samplers import BEST_SPACING
from ddpm.schedules import Schedule

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DB_PER_NAT = 10 / np.log(10)  # log-SNR is a natural logarithm
MOST_DB = 45  # of the plots of log-SNR
WINDOW_DB = 3  # of the density: narrower ones show single steps at a small T
SMOOTHING = 0.05  # least weight of the newest loss: the mean of some twenty steps
MARKS = 6  # on a long line


def schedules(
    chosen: Mapping[str, Schedule], *, styles: Sequence[int] | None = None, language: str = "en"
) -> Figure:
    """ᾱ and log-SNR of the schedules `chosen`, by name, over time, and the density of their steps
    over log-SNR in decibels.

    The density is all that tells two schedules apart in training (Kingma & Gao 2023, section 3).
    `styles` are the numbers of their lines' styles: 0, 1, … unless given; `language` is "en" or
    "zh". ValueError without a schedule.
    """
    if not chosen:
        raise ValueError("choose at least one schedule")
    figure = plots(680)
    signal, snr, density = figure.subplots(1, 3)
    for k, (name, schedule) in enumerate(chosen.items()):
        u = np.arange(1, schedule.T + 1) / schedule.T
        marks = _marks(schedule.T, k, len(chosen))
        style = line_style(styles[k] if styles else k) | {"label": name, "markevery": marks}
        signal.plot(u, schedule.exact_alphas_cumprod.numpy(), **style)
        snr.plot(u, DB_PER_NAT * schedule.exact_log_snr.numpy(), **style)
        decibels = np.arange(MOST_DB, -MOST_DB - 1, -1)
        marks = _marks(len(decibels), k, len(chosen))
        density.plot(decibels, step_density(schedule, decibels), **style | {"markevery": marks})
    time = word("time", language)
    plain(signal, word("signal", language), xlabel=time, xlim=(0, 1), ylim=(-0.01, 1.01))
    plain(snr, word("snr", language), xlabel=time, xlim=(0, 1), ylim=(-MOST_DB, MOST_DB))
    plain(density, word("density", language), xlabel=word("snr", language))
    density.set(xlim=(MOST_DB, -MOST_DB), ylim=(0, None))
    return finished(figure, signal)


def step_density(schedule: Schedule, decibels: np.ndarray) -> np.ndarray:
    """Percent of the steps per decibel, around each of these values of log-SNR."""

    def time(shift: float) -> np.ndarray:
        log_snr = torch.from_numpy((decibels + shift) / DB_PER_NAT).float()
        return schedule.t_of_log_snr(log_snr).numpy()

    steps = time(-WINDOW_DB / 2) - time(WINDOW_DB / 2)
    return 100 * steps / (WINDOW_DB * (schedule.T - 1))


def _marks(points: int, k: int, lines: int) -> tuple[int, int]:
    """Where the k-th of several lines has its marks, so that they don't cover each other's."""
    each = max(1, points // MARKS)
    return (each * k // max(1, lines), each)


def running_mean(before: float, loss: float, step: int) -> float:
    """The mean of a run's losses after this step, 1 or later, from the mean before it.

    The newest counts for 4 / (step + 3), later for `SMOOTHING`: early in a run, when the loss falls
    fast, the mean of few steps, so that it isn't far above them.
    """
    return before + max(SMOOTHING, 4 / (step + 3)) * (loss - before)


@dataclass(frozen=True)
class LossCurve:
    """Losses of a run by step, as they were and smoothed: sequences of one length."""

    steps: Sequence[int]
    losses: Sequence[float]
    smooth: Sequence[float]

    @classmethod
    def of(cls, losses: Sequence[float]) -> LossCurve:
        """The losses of steps 1, 2, …"""
        smooth: list[float] = []
        for step, loss in enumerate(losses, 1):
            smooth.append(running_mean(smooth[-1] if smooth else 0.0, loss, step))
        return cls(range(1, len(losses) + 1), losses, smooth)

    @classmethod
    def read(cls, run: str | Path) -> LossCurve:
        """Of a run's folder, or of its log.jsonl. ValueError if that is no log."""
        path = Path(run)
        path = path / "log.jsonl" if path.is_dir() else path
        try:
            found = [float(json.loads(line)["loss"]) for line in path.read_text().splitlines()]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is not the log of a training run") from error
        return cls.of(found)


def losses(
    runs: Mapping[str, LossCurve], *, logarithmic: bool = False, language: str = "en"
) -> Figure:
    """The loss of one training run or of several, `runs` by name; of one alone, its every step as
    well. The axis of losses is `logarithmic` or begins at 0; `language` is "en" or "zh". ValueError
    without a run."""
    if not runs:
        raise ValueError("choose at least one run")
    figure = plots(800)
    axes = figure.subplots()
    for k, (name, curve) in enumerate(runs.items()):
        marks = _marks(len(curve.steps), k, len(runs))
        style = line_style(k)
        if len(runs) == 1:
            axes.plot(curve.steps, curve.losses, color=GREY, alpha=0.4, linewidth=1)
            style["marker"] = ""
        axes.plot(curve.steps, curve.smooth, label=name, markevery=marks, **style)
    plain(axes, "" if len(runs) > 1 else next(iter(runs)), xlabel=word("step", language))
    axes.set(ylabel=word("loss", language), xlim=(0, None))
    if logarithmic:
        axes.set_yscale("log")
        plain_numbers(axes, "y")
    else:
        axes.set_ylim(bottom=0)
    return finished(figure, axes)


def quality(
    lines: Mapping[str, Mapping[int, float] | Mapping[float, float]],
    *,
    floor: float | None = None,
    xlabel: str = "",
    ylabel: str = "",
    language: str = "en",
) -> Figure:
    """How good samples are against what they cost, `lines` by name: {calls: distance}.

    `floor` is the distance of real pictures. The labels of the axes, `xlabel` and `ylabel`, are
    network calls and Fréchet distance, unless others are given; `language` is "en" or "zh".
    ValueError if no line has a point.
    """
    if not any(lines.values()):
        raise ValueError("there is nothing to draw: no line has a point")
    figure = plots(900)
    axes = figure.subplots()
    for k, (name, points) in enumerate(lines.items()):
        axes.plot(list(points), list(points.values()), label=name, **line_style(k))
    if floor is not None:
        axes.axhline(floor, color=GREY, ls=(0, (1, 3)), lw=2.6, label=word("floor", language))
    axes.set(xscale="log", yscale="log")
    plain(axes, xlabel=xlabel or word("calls", language))
    axes.set_ylabel(ylabel or word("distance", language))
    plain_numbers(axes, "x")
    plain_numbers(axes, "y")
    return finished(figure, axes)


def read_quality(path: str | Path, by: str = "sampler") -> dict[str, dict[int, float]]:
    """For `quality`: the lines in the file `path` of benchmarks.samplers, or with by="schedule" of
    benchmarks.schedules: of its largest n, at each sampler's best spacing, means over the seeds.

    ValueError if the file has no such rows.
    """
    text = Path(path).read_text("utf-8")
    try:
        rows = json.loads(text) if text.startswith("[") else [*map(json.loads, text.splitlines())]
        rows = [row for row in rows if {by, "calls", "frechet_distance"} <= row.keys()]
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{path} must have JSON rows, one a line or in a list") from error
    if not rows:
        raise ValueError(f"{path} has no rows with {by}, calls and frechet_distance")
    most = max(row.get("n", 0) for row in rows)
    found: dict[str, dict[int, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:  # of two measurements of one thing, the later counts
        at_best = row.get("spacing") in (None, BEST_SPACING.get(row.get("sampler")))
        if at_best and row.get("n", 0) == most:
            found[row[by]][row["calls"]][row.get("seed", 0)] = row["frechet_distance"]
    return {
        name: {calls: statistics.mean(points[calls].values()) for calls in sorted(points)}
        for name, points in found.items()
    }


def ranking(groups: Mapping[str, Sequence[float]], xlabel: str) -> Figure:
    """A few measurements of each name as dots, with a bar at their mean, the least at the top:
    `groups` by name, in the unit that `xlabel` says."""
    order = sorted(groups, key=lambda name: -statistics.mean(groups[name]))
    figure = plots(200 + 60 * len(order))
    axes = figure.subplots()
    for place, name in enumerate(order):
        axes.plot(groups[name], [place] * len(groups[name]), "o", color=GREY, markersize=9)
        axes.plot(statistics.mean(groups[name]), place, "|", color="black", ms=28, mew=3)
    plain(axes, xlabel=xlabel)
    axes.set_yticks(range(len(order)), order, fontsize=TEXT)
    axes.set_ylim(-0.6, len(order) - 0.4)
    return finished(figure)
