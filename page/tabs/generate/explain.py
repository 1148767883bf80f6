"""The equation and the code of what a step does, below the pictures."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import gradio as gr
from gradio.components import Component

from ddpm.sampling.guidance import classifier_guided, label_gradient
from page.models.registry import SETTINGS, model_of, walker
from page.models.request import TAB
from page.server.listeners.pools import quick
from page.server.listeners.validation import check_setting
from page.texts import LATEX, text
from page.widgets.share.share import as_python


def explained(sampler: str, guided_by: str, model: str) -> tuple:
    """The equation of a step, that of a classifier if it guides, and their code."""
    check_setting(SETTINGS["sampler"], sampler, TAB)
    check_setting(SETTINGS["guided_by"], guided_by, TAB)
    kind = model_of(model)
    by_classifier = guided_by == "classifier" and "guided_by" in kind.heeds
    equation, shown = kind.explained(sampler)
    shown = [*shown, *([classifier_guided, label_gradient] if by_classifier else ())]
    source = "\n\n".join(map(inspect.getsource, shown))
    return text(equation), gr.Markdown(visible=by_classifier), source


def build(way: list[Component], others: list[Callable], walking: gr.Tab | None) -> None:
    """Both follow `way`, the sampler, what guides it and the model; those of Walk are its own
    model's. `others` are events of the other views."""
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
    if walking and (walks := walker()):
        own = (next(iter(walks.samplers)), "labels", walks.name)
        walking.select(quick(lambda: explained(*own)), None, shown, **at_once)
