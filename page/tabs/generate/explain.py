"""The equation and the code of what a step does, below the pictures."""

import inspect
from collections.abc import Callable

import gradio as gr
from gradio.components import Component

from ddpm.diffusion.ideal import exact_eps
from ddpm.exchange import names
from ddpm.sampling.guidance import autoguided, classifier_guided, label_gradient
from ddpm.sampling.samplers import SAMPLERS
from page.models.registry import SETTINGS, model_of, walker
from page.models.request import TAB
from page.server.listeners.pools import FOLLOWS, quick
from page.server.listeners.validation import check_setting
from page.tabs.generate.guide_pictures import guide_pictures
from page.texts import LATEX, text
from page.widgets.share.share import listing, source_fold

# Of the place that is shown when the answer is asked for, whichever event asked: a setting may
# change late, when another view is open.
OF_THE_PLACE = """(sampler, guided_by, model) => {
    const place = placeShown();
    return [sampler, guided_by, ["walk", "points"].includes(place) ? place : model];
}"""
GUIDES = {"classifier": (classifier_guided, label_gradient), "worse": (autoguided,)}


def explained(sampler: str, guided_by: str, model: str) -> tuple:
    """The equation of a step, that of what guides it besides labels, and their code."""
    check_setting(SETTINGS["sampler"], sampler, TAB)
    check_setting(SETTINGS["guided_by"], guided_by, TAB)
    kind = model_of(model)
    equation, code = kind.explained(sampler)
    if guided_by not in GUIDES or guided_by not in kind.guides or "guided_by" not in kind.heeds:
        return _shown(equation, code)
    guide = gr.Markdown(text(f"generate_equation_by_{guided_by}"), visible=True)
    return _shown(equation, (*code, *GUIDES[guided_by]), guide)


def _shown(equation: str, code: tuple, guide: gr.Markdown | None = None) -> tuple:
    source = "\n\n".join(map(inspect.getsource, code))
    return text(equation), guide or gr.Markdown(visible=False), source


def shown_with(sampler: str, guided_by: str, model: str) -> tuple:
    """The same of a model, or of a view that has one of its own, by its name."""
    if model == "points":
        return _shown("plane_equation", (exact_eps, *SAMPLERS.values()))
    if model == "walk" and (walks := walker()):
        return explained(next(iter(walks.samplers)), "labels", walks.name)
    return explained(sampler, guided_by, model)


def build(way: list[Component], views: list[Callable]) -> None:
    """`way` are the sampler, what guides it and the model; `views` are the events by which views
    open."""
    formula, _, source = explained(*(each.value for each in way))
    equation = gr.Markdown(formula, latex_delimiters=LATEX, elem_id="generate-equation")
    guide = gr.Markdown(latex_delimiters=LATEX, visible=False, elem_id="generate-equation-guide")
    guide_pictures.fold()
    with source_fold():
        code = listing(source, elem_id="generate-code")
        gr.Markdown(text("names_elsewhere"))
        gr.Markdown(names.table(), elem_id="names-elsewhere")
    events = [*(each.change for each in way), *views]
    gr.on(events, quick(shown_with), way, [equation, guide, code], js=OF_THE_PLACE, **FOLLOWS)
