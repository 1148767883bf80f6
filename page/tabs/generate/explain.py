"""The equation and the code of what a step does, below the pictures."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import gradio as gr
from gradio.components import Component

from ddpm.diffusion.ideal import exact_eps
from ddpm.sampling.guidance import autoguided, classifier_guided, label_gradient
from ddpm.sampling.samplers import SAMPLERS
from page.models.registry import SETTINGS, model_of, walker
from page.models.request import TAB
from page.server.listeners.pools import quick
from page.server.listeners.validation import check_setting
from page.tabs.generate.guide_pictures import guide_pictures
from page.texts import LATEX, text
from page.widgets.share.share import as_python

GUIDES = {"classifier": (classifier_guided, label_gradient), "worse": (autoguided,)}


def explained(sampler: str, guided_by: str, model: str) -> tuple:
    """The equation of a step, that of what guides it besides labels, and their code."""
    check_setting(SETTINGS["sampler"], sampler, TAB)
    check_setting(SETTINGS["guided_by"], guided_by, TAB)
    kind = model_of(model)
    guides = guided_by in GUIDES and guided_by in kind.guides and "guided_by" in kind.heeds
    equation, shown = kind.explained(sampler)
    shown = [*shown, *(GUIDES[guided_by] if guides else ())]
    source = "\n\n".join(map(inspect.getsource, shown))
    said = {"value": text(f"generate_equation_by_{guided_by}")} if guides else {}
    return text(equation), gr.Markdown(**said, visible=guides), source


def of_points() -> tuple:
    """The exact denoiser of a cloud, and the samplers that points follow."""
    shown = (exact_eps, *SAMPLERS.values())
    return (
        text("plane_equation"),
        gr.Markdown(visible=False),
        "\n\n".join(map(inspect.getsource, shown)),
    )


def build(
    way: list[Component], others: list[Callable], walking: gr.Tab | None, in_plane: gr.Tab
) -> None:
    """Both follow `way`, the sampler, what guides it and the model; those of Walk are its own
    model's, and those of Points the exact denoiser's. `others` are events of the other views."""
    formula, _, source = explained(*(each.value for each in way))
    equation = gr.Markdown(formula, latex_delimiters=LATEX, elem_id="generate-equation")
    guide = gr.Markdown(latex_delimiters=LATEX, visible=False, elem_id="generate-equation-guide")
    guide_pictures.fold()
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
    in_plane.select(quick(of_points), None, shown, **at_once)
    if walking and (walks := walker()):
        own = (next(iter(walks.samplers)), "labels", walks.name)
        walking.select(quick(lambda: explained(*own)), None, shown, **at_once)
