"""A visitor's sampling request, checked."""

from __future__ import annotations

from dataclasses import dataclass

from ddpm.config import DiffusionConfig, TrainConfig
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.sampling.sample import SAMPLER, STEPS
from ddpm.schedules import Schedule
from ddpm.settings import Setting, like, setting, settings_of
from page.compute import models
from page.server.listeners.validation import check, check_setting
from page.tabs.generate.stages import cascade
from page.tabs.generate.words import by_words, unclip
from page.widgets.sketch_pad import pad

TAB = "generate"
ANY = -1  # the class "any": sample without a label
MAX_NOISE = 999  # the last t of T = 1000, the most that a picture can be noised
STUDENT_STEPS = (1, 2, 4)  # network calls for which a student's times were chosen
STUDENT_SAMPLER, STUDENT_CALLS = "consistency", 2
# Settings of one model alone, or of both that draw by words; what a model is best with
OF_WORDS, OF_CASCADE = ("words", "thresholding"), ("aug", "from_one")
OF_UNCLIP = ("prior", "eta", "words_before")
OF_SYSTEMS = (*OF_WORDS, *OF_CASCADE, *OF_UNCLIP)
BY_WORDS, OF_STAGES = ("words", "unclip"), ("words", "cascade")  # models
USUAL = {"words": by_words.USUAL, "cascade": cascade.USUAL, "unclip": unclip.USUAL}
SHARE = {"low": 0, "high": 1, "step": 0.05}  # the range of a share
FRAME_S = 0.12  # seconds between frames: a browser shows about ten per second


@dataclass(frozen=True)
class Request:
    """The settings of a run. gr.Error names one that is wrong."""

    model: str = setting(
        "shipped",
        "the pretrained model, its student for few calls, a cascade, Imagen's way from words to a "
        "picture (words), DALL·E 2's (unclip), or the one trained in this session",
        choices=models.MODELS,
    )
    label: int = setting(
        ANY, "class of Fashion-MNIST, or -1 for any", low=ANY, high=len(CLASS_NAMES) - 1
    )
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
        choices=models.GUIDES,
    )
    words: str = setting(
        "a dark ankle boot",
        "what to draw, in English or Chinese: for model=words and unclip, which heed no label and "
        "schedule",
        most=200,
    )
    thresholding: str = setting(
        "dynamic",
        "how model=words holds what guidance drives beyond black and white",
        choices=by_words.THRESHOLDING,
    )
    aug: int = setting(
        cascade.own_aug(),
        "steps of noise on the small pictures of model=cascade before they are enlarged, of 1000",
        low=0,
        high=cascade.MAX_AUG,
        step=5,
    )
    from_one: bool = setting(False, "of model=cascade: enlarge one small picture, count times")
    prior: str = setting(
        "used",
        "of model=unclip: used, the decoder is given what the prior proposes for the words; "
        "skipped, the embedding of the words themselves",
        choices=unclip.PRIOR,
    )
    eta: float = setting(
        1, "of model=unclip: how freely a picture is varied, 0 gives it back", **SHARE
    )
    words_before: str = setting(
        "a light ankle boot",
        "of model=unclip: what shows the picture as it is, where words change it",
        most=200,
    )
    amount: float | None = setting(
        None,
        "of model=unclip: how far the difference between words_before and words changes a picture",
        **SHARE,
    )
    place: float | None = setting(
        None,
        "of model=unclip: how far on the way to pictures drawn by the words",
        **SHARE,
    )

    def __post_init__(self):
        if self.picture is not None:
            pad.read(self.picture)
        check(self, TAB)

    @property
    def by_classifier(self) -> bool:
        return self.guided_by != "labels"

    @property
    def passes(self) -> int:
        """How often each picture goes through a network in a call, forwards or backwards."""
        is_guided = self.by_classifier or self.guidance not in (0, 1)
        towards = self.label != ANY or self.model in BY_WORDS
        return 2 if is_guided and towards else 1

    @property
    def from_pair(self) -> bool:
        """Whether model=unclip draws from the pair (z_i, x_T) of a picture, or moves one."""
        is_moved = any(getattr(self, name) is not None for name in unclip.MOVES)
        return self.model == "unclip" and (is_moved or self.picture is not None)

    @property
    def read_texts(self) -> list[str]:
        """All that a model that draws by words reads; nothing if it only varies a picture."""
        if not self.from_pair:
            return [self.words]
        is_moved = self.amount is not None or self.place is not None
        before = self.picture is None or self.amount is not None
        return [self.words_before] * before + [self.words] * is_moved

    @property
    def own_eta(self) -> float:
        """Pictures by words have a noise of their own already."""
        return self.eta if self.picture is not None else 0.0

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


SETTINGS = settings_of(Request)
# Endpoints had it before there were more than two models.
USE_TRAINED = Setting("use_trained", bool, "true for model=trained, whatever model says", False)


def with_model(use_trained: object, model: str) -> str:
    """The model that an endpoint's two arguments ask for."""
    check_setting(USE_TRAINED, use_trained, TAB)
    return "trained" if use_trained else model
