"""What every model's request has. A model's own settings are declared in its own file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch

import ddpm
from ddpm.checkpoint import SHIPPED as FOLDER
from ddpm.config import DiffusionConfig, TrainConfig
from ddpm.data import DATASETS
from ddpm.sampling.sample import SAMPLER, STEPS
from ddpm.schedules import Schedule
from ddpm.settings import like, setting, settings_of
from page.server.listeners.validation import check
from page.widgets.sketch_pad import pad

TAB = "generate"
ANY = -1  # the class "any": sample without a label
MOST_CLASSES = max(len(each.classes) for each in DATASETS.values())
MAX_NOISE = 999  # the last t of T = 1000, the most that a picture can be noised
SHARE = {"low": 0, "high": 1, "step": 0.05}  # the range of a share
NOISY_CLASSIFIER = FOLDER / "noisy_classifier.safetensors"  # may be missing


@cache
def noisy_classifier(device: torch.device) -> ddpm.NoisyClassifier:
    """The classifier that guides, on the device of the model that it guides."""
    return ddpm.NoisyClassifier.load(NOISY_CLASSIFIER, device)


# What a run may be guided by: the labels that the model has learned, or a classifier. Each entry is
# given the model's device.
GUIDES: dict[str, Callable[[torch.device], ddpm.NoisyClassifier | None]] = {
    "labels": lambda _: None,
    "classifier": noisy_classifier,
}
if not NOISY_CLASSIFIER.is_file():
    del GUIDES["classifier"]


@dataclass(frozen=True)
class Common:
    """The settings of a run with any model. gr.Error names one that is wrong."""

    model: str = "shipped"  # declared by the registry, which knows all
    label: int = setting(ANY, "number of a class, or -1 for any", low=ANY, high=MOST_CLASSES - 1)
    count: int = setting(16, "how many pictures", low=1, high=64, step=1)
    sampler: str = setting(
        SAMPLER,
        "how each step is taken; consistency is the student's alone, and the others are not its",
        choices="sampling.samplers.ALL_SAMPLERS",
    )
    steps: int = setting(STEPS, "network calls", low=1, high=1000, step=1)
    schedule: str = like(DiffusionConfig, "schedule")
    guidance: float = setting(
        1, "1 draws as learned, more follows the label more closely", low=0, high=20, step=0.5
    )
    seed: int = like(TrainConfig, "seed", about="picture k starts from the noise of seed + k")
    picture: str | None = setting(
        None, "start from this picture instead of pure noise: base64 of 28 × 28 grey levels"
    )
    noise: int = setting(
        650, "how far the picture is noised: t, of 1000 levels", low=0, high=MAX_NOISE, step=1
    )
    guided_by: str = setting(
        "labels",
        "what guidance follows: the labels that the model learned, or the gradient of a classifier "
        "of noisy pictures, while the model sees no label; guidance is the scale of either",
        choices=GUIDES,
    )

    def __post_init__(self):
        if self.picture is not None:
            pad.read(self.picture)
        check(self, TAB)

    @property
    def by_classifier(self) -> bool:
        return self.guided_by != "labels"

    @property
    def labels(self) -> int | None:
        """As `ddpm.trajectory` takes it."""
        return None if self.label == ANY else self.label

    def first_time(self, T: int) -> int:
        """The t at which the trajectory begins: with noise, the last at which ε says anything."""
        last = Schedule.named(self.schedule, T).last
        return last if self.picture is None else min(last, round(self.noise / MAX_NOISE * (T - 1)))

    def calls(self, T: int) -> int:
        """The number of steps, at most one for each t on the way."""
        return min(self.steps, self.first_time(T) + 1)


COMMON = settings_of(Common)
