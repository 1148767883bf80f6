"""A visitor's sampling request, checked, and the trajectory that it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.config import DiffusionConfig, TrainConfig
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.sampling.sample import SAMPLER, STEPS, begin
from ddpm.sampling.samplers import STUDENT_SAMPLERS
from ddpm.settings import Setting, like, setting, settings_of
from page.compute import COMPUTE, models
from page.server import priority
from page.server.validation import check, check_setting
from page.tabs.generate import by_words, cascade, stages
from page.texts import TEXTS, both, key_of
from page.widgets.sketch_pad import pad

TAB = "generate"
ANY = -1  # the class "any": sample without a label
MAX_NOISE = 999  # the last t of T = 1000, the most that a picture can be noised
STUDENT_STEPS = (1, 2, 4)  # network calls for which a student's times were chosen
STUDENT_SAMPLER, STUDENT_CALLS = "consistency", 2
# Settings of one model alone, and what models of two stages are best with
OF_WORDS, OF_CASCADE = ("words", "thresholding"), ("aug", "from_one")
USUAL = {"words": by_words.USUAL, "cascade": cascade.USUAL}
FRAME_S = 0.12  # seconds between frames: a browser shows about ten per second


@dataclass(frozen=True)
class Request:
    """The settings of a run. gr.Error names one that is wrong."""

    model: str = setting(
        "shipped",
        "the pretrained model, its student for few calls, a cascade, Imagen's way from words to a "
        "picture, or the one trained in this session",
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
        "what to draw, in English or Chinese: for model=words, which heeds no label and schedule",
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
        towards = self.label != ANY or self.model == "words"
        return 2 if is_guided and towards else 1

    @property
    def labels(self) -> int | None:
        """As `ddpm.trajectory` takes it."""
        return None if self.label == ANY else self.label

    def first_time(self, T: int) -> int:
        """The t at which the trajectory begins."""
        return round(self.noise / MAX_NOISE * (T - 1)) if self.picture is not None else T - 1

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


def check_steps(steps: object, most: int) -> None:
    """gr.Error unless the number of steps lies between 1 and `most`."""
    check_setting(replace(SETTINGS["steps"], high=most), steps, TAB)


def is_student(checkpoint: models.Model) -> bool:
    return isinstance(checkpoint, ddpm.Checkpoint) and checkpoint.config.distill is not None


def fitted(request: Request, checkpoint: models.Model) -> Request:
    """The request with the model's own way of drawing where it asks for one that is another's."""
    if is_student(checkpoint):
        schedule = checkpoint.config.diffusion.schedule
        own = {"sampler": STUDENT_SAMPLER, "guidance": 1, "schedule": schedule}
        own |= {"guided_by": "labels"}
        own |= {} if request.steps in STUDENT_STEPS else {"steps": STUDENT_CALLS}
        return replace(request, **own)
    if request.sampler in STUDENT_SAMPLERS:
        request = replace(request, sampler=SAMPLER, steps=STEPS)
    if not isinstance(checkpoint, ddpm.Checkpoint):
        return replace(suited(request, checkpoint), steps=max(stages.LEAST, request.steps))
    return request


def check_model(request: Request, checkpoint: models.Model) -> None:
    """gr.Error names a setting of the request that this model can't draw with."""
    has_stages = not isinstance(checkpoint, ddpm.Checkpoint)
    if has_stages and request.picture is not None:
        raise gr.Error(both("staged_sketch"), print_exception=False)
    own = fitted(request, checkpoint)
    for name in ("sampler", "guidance", "guided_by", "schedule", "steps"):
        asked, instead = getattr(request, name), getattr(own, name)
        if asked == instead:
            continue
        key = f"student_{name}" if is_student(checkpoint) else "not_a_student"
        key = "staged_steps" if has_stages and name == "steps" else key
        names = [(_name_of(name, asked, k), _name_of(name, instead, k)) for k in (0, 1)]
        message = "<br>".join(
            sentence.format(asked=asked, own=own)
            for sentence, (asked, own) in zip(TEXTS[key], names, strict=True)
        )
        raise gr.Error(message, print_exception=False)
    if request.by_classifier and request.label == ANY:
        raise gr.Error(both("guide_needs_class"), print_exception=False)
    guide, shape = _guide(request, checkpoint), models.network_of(checkpoint).shape
    if guide and guide.network.shape != shape:
        size = "{1} × {2} × {0}".format(*shape)
        raise gr.Error(both("guide_other_shape").format(size=size), print_exception=False)


def _guide(request: Request, checkpoint: models.Model) -> ddpm.NoisyClassifier | None:
    return models.GUIDES[request.guided_by](checkpoint.schedule.device)


def _name_of(setting: str, value: object, language: int) -> str:
    key = key_of(TAB, f"{setting}_{value}")
    return TEXTS[key][language] if key in TEXTS else str(value)


def suited(request: Request, checkpoint: models.Model) -> Request:
    """Drop the label, with a warning, if the model was trained without classes and only it is to
    follow them. A model of two stages drops without what the page has hidden."""
    if not isinstance(checkpoint, ddpm.Checkpoint):
        plain = {name: SETTINGS[name].default for name in ("schedule", "guided_by")}
        request = replace(request, **plain)
    if isinstance(checkpoint, ddpm.TextToImage):
        return replace(request, label=ANY)
    has_classes = models.network_of(checkpoint).num_classes is not None
    if has_classes or request.label == ANY or request.by_classifier:
        return request
    gr.Warning(both("generate_no_classes"))
    return replace(request, label=ANY)


def trajectory(checkpoint: models.Model, request: Request) -> tuple[Tensor, Iterator[ddpm.Step]]:
    """x_T (B, C, H, W), or x_t of the request's picture, and the steps from it to x_0."""
    if not isinstance(checkpoint, ddpm.Checkpoint):
        check_model(request, checkpoint)
    shared = {name: getattr(request, name) for name in ("sampler", "steps", "guidance", "seed")}
    if isinstance(checkpoint, ddpm.TextToImage):
        texts = [request.words] * request.count
        return by_words.begin(checkpoint, texts, thresholding=request.thresholding, **shared)
    if isinstance(checkpoint, ddpm.Cascade):
        own = {"labels": request.labels, "aug": request.aug, "from_one": request.from_one}
        return cascade.begin(checkpoint, request.count, **own, **shared)
    return COMPUTE.trajectory(drawn, checkpoint, request)


def drawn(
    checkpoint: ddpm.Checkpoint, request: Request, *others: Request
) -> tuple[Tensor, Iterator[ddpm.Step]]:
    """`trajectory`, in this process. `others` differ in no more than what `together.EACH` names:
    their pictures follow."""
    T = checkpoint.schedule.T
    check_steps(request.steps, T)
    check_model(request, checkpoint)
    requests = (request, *others)
    start = None
    if request.picture is not None:
        read = [pad.read(each.picture).expand(each.count, 1, -1, -1) for each in requests]
        start = torch.cat(read), request.first_time(T)
    labels = [each.label for each in requests for _ in range(each.count)]
    run = begin(
        checkpoint,
        len(labels),
        labels=None if request.label == ANY else labels,
        sampler=request.sampler,
        steps=request.calls(T),
        guidance=request.guidance,
        classifier=_guide(request, checkpoint),
        start=start,
        seed=[each.seed + k for each in requests for k in range(each.count)],
        schedule=ddpm.Schedule.named(request.schedule, T),
    )
    # a GPU can sample and train at the same time
    on_cpu = checkpoint.schedule.device.type == "cpu"
    return run.x, priority.go_first(run.steps) if on_cpu else run.steps
