"""How a model draws a request: what it can't, and the trajectory that starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.sampling.sample import SAMPLER, STEPS, begin
from ddpm.sampling.samplers import STUDENT_SAMPLERS
from page.compute import COMPUTE, models
from page.server.listeners.validation import check_setting
from page.server.queues import priority
from page.tabs.generate.drawing.request import (
    ANY,
    SETTINGS,
    STUDENT_CALLS,
    STUDENT_SAMPLER,
    STUDENT_STEPS,
    TAB,
    Request,
)
from page.tabs.generate.stages import cascade, stages
from page.tabs.generate.words import by_words, unclip
from page.tabs.generate.words.unclip import Pair
from page.texts import TEXTS, both, key_of
from page.widgets.sketch_pad import pad


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
    if isinstance(checkpoint, ddpm.UnClip):
        return suited(request, checkpoint)
    if not isinstance(checkpoint, ddpm.Checkpoint):
        return replace(suited(request, checkpoint), steps=max(stages.LEAST, request.steps))
    return request


def check_model(request: Request, checkpoint: models.Model) -> None:
    """gr.Error names a setting of the request that this model can't draw with."""
    if isinstance(checkpoint, ddpm.TextToImage | ddpm.UnClip):
        for text in request.read_texts:
            by_words.check_length(checkpoint.encoder, text)
    has_stages = isinstance(checkpoint, ddpm.TextToImage | ddpm.Cascade)
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
    follow them. A system of several networks drops without what the page has hidden."""
    if not isinstance(checkpoint, ddpm.Checkpoint):
        plain = {name: SETTINGS[name].default for name in ("schedule", "guided_by")}
        request = replace(request, **plain)
    if isinstance(checkpoint, ddpm.UnClip) and request.from_pair:
        request = replace(request, **unclip.OWN_WAY)
    if isinstance(checkpoint, ddpm.TextToImage | ddpm.UnClip):
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
    if isinstance(checkpoint, ddpm.UnClip):
        return _unclip(checkpoint, request, shared)
    if isinstance(checkpoint, ddpm.Cascade):
        own = {"labels": request.labels, "aug": request.aug, "from_one": request.from_one}
        return cascade.begin(checkpoint, request.count, **own, **shared)
    return COMPUTE.trajectory(drawn, checkpoint, request)


def other_schedule(request: Request, checkpoint: models.Model) -> str | None:
    """The request's schedule if the model learned under another."""
    if not isinstance(checkpoint, ddpm.Checkpoint):
        return None
    own = checkpoint.config.diffusion.schedule
    return None if request.schedule == own else request.schedule


def finite(
    steps: Iterator[ddpm.Step], request: Request, checkpoint: models.Model
) -> Iterator[ddpm.Step]:
    """The steps; gr.Error in place of one whose pictures are no numbers, which would be shown as
    black ones. It names the schedule, or under its own the model."""
    key = "not_finite_schedule" if other_schedule(request, checkpoint) else "not_finite_model"
    for step in steps:
        if not bool(step.x.isfinite().all() and step.x_start.isfinite().all()):
            message = both(key)
            raise gr.Error(message.format(t=step.t), print_exception=False)
        yield step


def _unclip(model: ddpm.UnClip, request: Request, shared: dict):
    count, use_prior = request.count, request.prior == "used"
    if not request.from_pair:
        return unclip.begin_by_words(model, request.words, count, use_prior=use_prior, **shared)
    moved = {name: getattr(request, name) for name in unclip.MOVES}
    given = None if request.picture is None else pad.read(request.picture)
    pair = Pair(request.words, request.words_before, given, use_prior=use_prior, **moved)
    return unclip.begin_from_pair(model, pair, count, seed=request.seed, eta=request.own_eta)


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
