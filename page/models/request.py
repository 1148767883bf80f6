"""What every model's request has. A model's own settings are declared in its own file."""

from dataclasses import dataclass

from ddpm.config import DiffusionConfig, TrainConfig
from ddpm.data import DATASETS
from ddpm.sampling.sample import SAMPLER, STEPS
from ddpm.schedules import Schedule
from ddpm.settings import like, setting, settings_of
from page.models.guides import GUIDES
from page.server.listeners.validation import check
from page.texts.offered import PLACES
from page.widgets.sketch_pad import pad

TAB = "generate"
ANY = -1  # the class "any": sample without a label
EACH = -2  # each class in turn: picture k has that of its own seed, seed + k
MOST_CLASSES = max(len(each.classes) for each in DATASETS.values())
MAX_LABEL = 999 if PLACES else MOST_CLASSES - 1  # a host's models may know more
MAX_NOISE = 999  # the last t of T = 1000, the most that a picture can be noised
SHARE = {"low": 0, "high": 1, "step": 0.05}  # the range of a share
ALL_TIMES = (0, MAX_NOISE)


@dataclass(frozen=True)
class Common:
    """The settings of a run with any model. gr.Error names one that is wrong."""

    model: str = "shipped"  # declared by the registry, which knows all
    label: int = setting(
        ANY, "number of a class, -1 for any, or -2 for each in turn", low=EACH, high=MAX_LABEL
    )
    count: int = setting(16, "how many pictures", low=1, high=64, step=1)
    sampler: str = setting(
        SAMPLER,
        "how each step is taken; students have consistency alone, or flow_map, and other models "
        "have neither",
        choices="sampling.samplers.ALL_SAMPLERS",
    )
    steps: int = setting(STEPS, "network calls", low=1, high=1000, step=1)
    schedule: str = like(DiffusionConfig, "schedule")
    guidance: float = setting(
        1, "1 draws as learned, more follows the label more closely", low=0, high=20, step=0.05
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
        "what guidance follows: the labels that the model learned; the gradient of a classifier of "
        "noisy pictures, while the model sees no label; or, for model=shipped or large, the way "
        "from what a worse version of it says, with a label or without; guidance is the scale of "
        "each",
        choices=GUIDES,
    )
    interval: tuple[int, int] = setting(
        ALL_TIMES,
        "the times within which guidance acts, of 1000; it is 1 at all others",
        low=0,
        high=MAX_NOISE,
        step=1,
    )

    def __post_init__(self):
        if self.picture is not None:
            pad.read(self.picture)
        check(self, TAB)
        object.__setattr__(self, "interval", tuple(self.interval))  # from JSON as a list

    def labels(self, classes: int) -> list[int] | int | None:
        """As `ddpm.sample` takes them, of a model with so many classes."""
        if self.label == EACH:
            return [(self.seed + k) % classes for k in range(self.count)]
        return None if self.label == ANY else self.label

    def labels_in_program(self, classes: int) -> tuple[str, str]:
        """A line before what draws, if there must be one, and the argument."""
        if self.label != EACH:
            return "", repr(self.labels(classes))
        turns = f"k % {classes} for k in range({self.seed}, {self.seed + self.count})"
        return f"labels = [{turns}]\n", "labels"

    @property
    def by_classifier(self) -> bool:
        return self.guided_by == "classifier"

    @property
    def by_worse(self) -> bool:
        return self.guided_by == "worse"

    def guided_times(self, T: int = MAX_NOISE + 1) -> tuple[int, int] | None:
        """As `ddpm.trajectory` takes it."""
        if self.interval == ALL_TIMES:
            return None
        low, high = (round(t / MAX_NOISE * (T - 1)) for t in self.interval)
        return low, high

    @property
    def within(self) -> dict[str, tuple[int, int]]:
        """The same as an argument of a system of several networks, if there is anything to say."""
        times = self.guided_times()
        return {"interval": times} if times else {}

    def first_time(self, T: int) -> int:
        """The t at which the trajectory begins: with noise, the last at which ε says anything."""
        last = Schedule.named(self.schedule, T).last
        return last if self.picture is None else min(last, round(self.noise / MAX_NOISE * (T - 1)))

    def calls(self, T: int) -> int:
        """The number of steps, at most one for each t on the way."""
        return min(self.steps, self.first_time(T) + 1)


COMMON = settings_of(Common)
