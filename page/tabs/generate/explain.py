"""The equation and the code of what a step does, below the pictures."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import gradio as gr

import ddpm
from ddpm.sampling.samplers import ALL_SAMPLERS
from ddpm.sampling.text_guidance import described
from page.server.pools import quick
from page.server.validation import check_setting
from page.tabs.generate.request import SETTINGS, STUDENT_SAMPLER, TAB
from page.texts import LATEX, text
from page.widgets.share.share import as_python


def explained(sampler: str, model: str) -> tuple:
    """The equation of a sampler's step, and its code; for the model that draws by words, those of
    what holds it to its words."""
    check_setting(SETTINGS["sampler"], sampler, TAB)
    if model == "words":
        parts = (described, ddpm.dynamic_threshold, ddpm.TextToImage.stages)
        return text("generate_equation_words"), "\n\n".join(map(inspect.getsource, parts))
    return text(f"generate_equation_{sampler}"), inspect.getsource(ALL_SAMPLERS[sampler])


def build(way: list[gr.Radio], others: list[Callable], walking: gr.Tab | None) -> None:
    """Both follow `way`, the sampler and the model. Walk has the student's; `others` are events of
    the other views."""
    formula, source = explained(*(each.value for each in way))
    equation = gr.Markdown(formula, latex_delimiters=LATEX, elem_id="generate-equation")
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
    shown = [equation, code]
    gr.on([*(each.change for each in way), *others], quick(explained), way, shown, **at_once)
    if walking:
        of_student = quick(lambda: explained(STUDENT_SAMPLER, "student"))
        walking.select(of_student, None, shown, **at_once)
