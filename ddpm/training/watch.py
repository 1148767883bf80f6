"""Measurements of a run while it trains, written to its own files and to a tracker."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ddpm.checkpoint import ONLY, save_checkpoint
from ddpm.config import Config
from ddpm.data import learned_from
from ddpm.data.dataset import Dataset
from ddpm.data.folder import halves_of
from ddpm.data.images import make_grid, to_uint8
from ddpm.diffusion.denoiser import Denoiser
from ddpm.evaluation.frechet import MIN_N
from ddpm.evaluation.noise_levels import EDGES, loss_by_noise_level
from ddpm.evaluation.quality import judge_of, measured
from ddpm.sampling.checks import whole
from ddpm.sampling.sample import sample
from ddpm.training.folder import BEST, EVALUATIONS
from ddpm.training.lesson import Lesson
from ddpm.training.loop import TrainStep

TRACKERS = ("tensorboard", "wandb", "trackio")  # of those that Accelerate knows
LOG_EVERY = 10  # steps between two numbers in a tracker
LOOK_EVERY = 500  # between two grids of pictures, and losses by noise level
SHOWN, N = 20, 1000  # pictures of a grid, and that are measured: of few, half as many as there are
BANDS = [f"log-SNR {low:g} to {high:g}" for low, high in itertools.pairwise(EDGES)]


@dataclass(frozen=True)
class Watch:
    """What of it was asked for: see `run_training`."""

    track: str | None = None
    evaluate_every: int | None = None
    classifier: str | Path | None = None  # in whose features
    source: str = "auto"  # where what it is compared with comes from
    dataset: Dataset | None = None  # what that is, as `of` finds it

    def check(self) -> None:
        """ValueError says what is wrong with it, or missing."""
        if self.track is not None and self.track not in TRACKERS:
            raise ValueError(f"track must be one of {', '.join(TRACKERS)}, not {self.track!r}")
        if self.track is not None and importlib.util.find_spec(self.track) is None:
            raise ValueError(f"to track with {self.track}, install it: pip install {self.track}")
        if self.evaluate_every is not None:
            whole("evaluate_every", self.evaluate_every, 1)

    def of(self, lessons: Mapping[str, Lesson], notes: Mapping[str, dict]) -> Watch:
        """The same for a run of these, of one that goes on with what is noted of each network.
        ValueError or OSError if it can't be measured."""
        if self.evaluate_every is None:
            return self
        lesson = lessons.get(ONLY)
        if lesson is None or lesson.config.network != "unet" or lesson.examples is None:
            raise ValueError("evaluate_every measures one network that draws, and no student")
        config, pictures = lesson.config, lesson.examples
        dataset = learned_from(config.data, lesson.info | notes.get(ONLY, {}))
        if dataset.shape != config.unet.shape:  # pictures of one's own
            dataset = halves_of(pictures)
            if len(pictures.images) < 2 * MIN_N:
                raise ValueError(
                    f"evaluate_every needs {2 * MIN_N} pictures, and {dataset.name} has "
                    f"{len(pictures.images)}"
                )
        judge_of(dataset, self.classifier)
        return replace(self, dataset=dataset)


class Watcher:
    """Looks at a run after each step; in one process alone."""

    def __init__(self, watch: Watch, out: Path, lesson: Lesson):
        self.watch, self.out, self.config, self.info = watch, out, lesson.config, lesson.info
        self.pictures = lesson.examples if self.config.network == "unet" else None
        self.tracker = None if watch.track is None else _tracker(watch.track, out, self.config)

    def step(self, step: TrainStep) -> None:
        """After a step: what is due."""
        is_last = step.step == self.config.train.steps
        if self.tracker is not None:
            if step.step % LOG_EVERY == 0 or is_last:
                numbers = ("loss", "learning_rate", "grad_norm")
                self._log({name: getattr(step, name) for name in numbers}, step.step)
            if self.pictures is not None and (step.step % LOOK_EVERY == 0 or is_last):
                self._look(step.model, step.step)
        every = self.watch.evaluate_every
        if every is not None and (step.step % every == 0 or is_last):
            self._evaluate(step.model, step.step)

    def close(self) -> None:
        if self.tracker is not None:
            self.tracker.finish()

    def _log(self, values: dict[str, Any], step: int) -> None:
        self.tracker.log(values, step=step)  # pyright: ignore[reportOptionalMemberAccess]

    def _look(self, model: Denoiser, step: int) -> None:
        """The loss by noise level, and pictures from the same noise."""
        assert self.pictures is not None and self.tracker is not None
        images, labels = self.pictures.images, self.pictures.labels
        bands = loss_by_noise_level(model, images, labels, loss=self.config.train.loss)
        known = zip(BANDS, bands, strict=True)
        self._log({f"loss/{name}": value for name, value in known if value is not None}, step)
        classes = self.config.unet.num_classes
        drawn = sample(model, SHOWN, labels=torch.arange(SHOWN) % classes if classes else None)
        grid = to_uint8(make_grid(drawn, nrow=10)).permute(1, 2, 0)
        grid = grid.expand(*grid.shape[:2], 3 if grid.shape[2] == 1 else -1)[None].numpy()
        if self.watch.track == "trackio":  # of which Accelerate's takes numbers alone
            picture = importlib.import_module("trackio").Image(grid[0])
            self._log({"pictures": picture}, step)
        else:
            form = {"dataformats": "NHWC"} if self.watch.track == "tensorboard" else {}
            self.tracker.log_images({"pictures": grid}, step=step, **form)

    def _evaluate(self, model: Denoiser, step: int) -> None:
        """The figures, one line of the run's file; and the weights, if none before were better."""
        assert self.watch.dataset is not None and self.pictures is not None
        classes = self.config.unet.num_classes or 0
        found = measured(
            lambda labels, first: sample(
                model, len(labels), labels=labels if classes else None, seed=first
            ),
            self.watch.dataset,
            classes,
            min(N, len(self.pictures.images) // 2),
            source=self.watch.source if self.watch.source in self.watch.dataset.sources else "auto",
            judge=self.watch.classifier,
        )
        file = self.out / EVALUATIONS
        lines = file.read_text().splitlines() if file.exists() else []
        before = [json.loads(line)["frechet_distance"] for line in lines]
        distance: Any = found["frechet_distance"]
        if distance < min(before, default=math.inf):
            notes = self.info | {"steps": step, "evaluation": found}
            save_checkpoint(self.out / BEST, model.network, self.config, **notes)
        with file.open("a") as appended:
            appended.write(json.dumps({"step": step, **found}) + "\n")
        if self.tracker is not None:
            names = ("frechet_distance", "precision", "recall", "label_accuracy")
            self._log({f"quality/{name}": found[name] for name in names if name in found}, step)


def _tracker(name: str, out: Path, config: Config) -> Any:
    """Accelerate's, begun, with the settings of the run."""
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS

    kind = LOGGER_TYPE_TO_CLASS[name]
    where = {"logging_dir": out} if kind.requires_logging_directory else {}
    tracker = kind("tracker" if where else out.name, **where)
    tracker.start()
    settings = {
        f"{part}.{key}": value if isinstance(value, int | float | str) else str(value)
        for part, values in config.to_dict().items()
        if isinstance(values, dict)
        for key, value in values.items()
    }
    tracker.store_init_configuration(settings)
    return tracker
