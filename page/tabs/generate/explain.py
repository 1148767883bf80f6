"""The equation and the code of what a step does, below the pictures."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import gradio as gr
from gradio.components import Component

import ddpm
from ddpm.diffusion.augmentation import augment
from ddpm.networks.super_resolution import SuperResolution
from ddpm.sampling.guidance import classifier_guided, label_gradient
from ddpm.sampling.inversion import mixed
from ddpm.sampling.samplers import ALL_SAMPLERS
from ddpm.sampling.text_guidance import described
from ddpm.systems.unclip import better
from page.server.listeners.pools import quick
from page.server.listeners.validation import check_setting
from page.tabs.generate.drawing.request import SETTINGS, STUDENT_SAMPLER, TAB
from page.texts import LATEX, text
from page.widgets.share.share import as_python

# What shows how a system of several networks draws
STAGED = {
    "words": (described, ddpm.dynamic_threshold, ddpm.Imagen.in_stages),
    "unclip": (better, ddpm.UnClip.in_stages, ddpm.UnClip.invert, ddpm.UnClip.turned, mixed),
    "cascade": (augment, SuperResolution, ddpm.Cascade.begin, ddpm.Cascade.enlarge),
}


def explained(sampler: str, guided_by: str, model: str) -> tuple:
    """The equation of a sampler's step, that of a classifier if it guides, and their code; for a
    model of two stages, those of what joins them or holds it to its words."""
    check_setting(SETTINGS["sampler"], sampler, TAB)
    check_setting(SETTINGS["guided_by"], guided_by, TAB)
    by_classifier = guided_by == "classifier" and model not in STAGED
    shown = [*STAGED.get(model, (ALL_SAMPLERS[sampler],))]
    shown += [classifier_guided, label_gradient] if by_classifier else []
    source = "\n\n".join(map(inspect.getsource, shown))
    equation = text(f"generate_equation_{model if model in STAGED else sampler}")
    return equation, gr.Markdown(visible=by_classifier), source


def build(way: list[Component], others: list[Callable], walking: gr.Tab | None) -> None:
    """Both follow `way`, the sampler, what guides it and the model. Walk has the student's;
    `others` are events of the other views."""
    formula, _, source = explained(*(each.value for each in way))
    equation = gr.Markdown(formula, latex_delimiters=LATEX, elem_id="generate-equation")
    guide = gr.Markdown(
        text("generate_equation_guide"), latex_delimiters=LATEX, visible=False,
        elem_id="generate-equation-guide",
    )  # fmt: skip
    with gr.Accordion(text("show_code"), open=False, elem_classes="source"):
        as_python()
        code = gr.Code(
            source, language="python", show_label=False, interactive=False, elem_id="generate-code"
        )
    at_once = {
        "queue": False,
        "preprocess": False,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    shown = [equation, guide, code]
    gr.on([*(each.change for each in way), *others], quick(explained), way, shown, **at_once)
    if walking:
        of_student = quick(lambda: explained(STUDENT_SAMPLER, "labels", "student"))
        walking.select(of_student, None, shown, **at_once)
