"""The Noise tab: the forward process under several schedules, blended in the browser.

Python sends x_0, ε and each schedule's tables; noise_view.js draws every t from them.
"""

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
from gradio.components import Component
from PIL import Image

import ddpm
from ddpm.config import DiffusionConfig
from ddpm.data import USUAL
from ddpm.data.images import to_float
from ddpm.diffusion.ideal import exact_eps
from page.server.listeners.pools import LIVE, PICTURES, PRIVATE, TABLES
from page.tabs.noise import figure, forward, link
from page.tabs.noise.drawing import drawing
from page.tabs.noise.exact_denoiser import exact, mismatch
from page.tabs.noise.forward import CAT
from page.tabs.noise.program import program
from page.tabs.noise.settings import SETTINGS, TAB, half_typed
from page.texts import text
from page.widgets.controls import control
from page.widgets.figure_menu import figure_menu
from page.widgets.instrument import instrument
from page.widgets.kept import came_back, keep
from page.widgets.links import Place
from page.widgets.points import points
from page.widgets.settings_line import settings_line
from page.widgets.share.share import source_fold

VIEW = Path(__file__).parent / "view" / "noise_view"
TABLE_SETTINGS = [name for name in SETTINGS if name != "seed"]  # the arguments of `tables`
PICTURE_IS_SHOWN = "(picture) => pictureIsShown(picture)"  # also when the page opens
WITH_DRAWN = """(...settings) => {
    const drawn = document.querySelector("#noise-view [data-drawn]")?.dataset.drawn;
    return settings.map((each) => (Array.isArray(each) && drawn ? [...each, drawn] : each));
}"""
DRAWING = ("drawing.js", "handles.js", "sigmas.js", "strip.js", "toolbar.js", "drawing.css")
PARTS = (
    *("../../../in_browser/diffusion/curve.js", "panels.js", "chips.js", "plots.js"),
    "../../../widgets/over_time.css",
    *(f"../drawing/{name}" for name in DRAWING),
)
EXAMPLES = (1, 3, 7, 8, 9)  # the classes with the most distinct outlines


def new_picture(image: dict | Path | None, seed: int | None):
    """No update while a field is empty."""
    return gr.skip() if image is None or seed is None else forward.picture(image, seed)


def new_tables(T: int | None, *settings):
    return gr.skip() if half_typed(T) else gr.HTML(tables=_tables(T, *settings))


def _tables(T: int, schedules: list[str], notebook: bool, zero_terminal: bool) -> dict:
    """For noise_view.js: the tables, the settings that they are of, and for every named schedule
    the points from which a hand may start."""
    rows = forward.tables(T, schedules, notebook, zero_terminal)
    settings = {"T": T, "notebook": notebook, "zero_terminal": zero_terminal}
    return settings | {"rows": rows, "starts": drawing.starts(T, notebook)}


def show_gif(visit: gr.Request, *settings) -> Iterator[gr.Image]:
    yield gr.Image(None, visible=True)  # where Gradio shows that it is being made
    yield gr.Image(str(forward.gif(visit, *settings)))


def garments() -> list[Image.Image]:
    """The first test image of each class in `EXAMPLES`, from the shipped subset."""
    found = USUAL.load("test", "shipped")
    firsts = [(found.labels == label).nonzero()[0].item() for label in EXAMPLES]
    return [ddpm.to_pil(to_float(found.images[first])) for first in firsts]


def build() -> tuple[gr.Image, gr.Button, dict[str, gr.Button], Place]:
    """The tab's components and events. Returns the picture, the "Denoise from here" button, by tab
    the buttons that use the drawn schedule there, and what links to the tab read and set."""
    with gr.Tab(text("noise_tab"), id="noise", elem_id="noise-tab"):
        gr.Markdown(text("noise_intro"), elem_classes="intro")
        with gr.Row():
            with gr.Column(min_width=280, elem_id="noise-settings", elem_classes="settings"):
                line = settings_line.line(TAB)
                image, examples = _pictures()
                order = ("schedules", "T", "notebook", "zero_terminal", "seed")
                controls = {name: control(TAB, SETTINGS[name]) for name in order}
            with gr.Column(scale=3, min_width=320):
                view = _view()
                # the view's buttons click them
                denoise = gr.Button(visible="hidden", elem_id="noise-denoise")
                use_drawn = {
                    tab: gr.Button(visible="hidden", elem_id=f"noise-use-{tab}")
                    for tab in ("generate", "train")
                }
                with gr.Accordion(text("noise_points_title"), open=False, elem_id="noise-points"):
                    gr.Markdown(text("noise_points_intro"), elem_classes="intro")
                    points.forward("points-forward", view="#noise-view")
                with gr.Row():
                    make_gif = gr.Button(text("noise_make_gif"), elem_id="noise-make-gif")
                    lesson = gr.Button(text("mismatch_go"), elem_id="mismatch-go")
                menu = figure_menu.figure_menu(figure.ROWS, figure.CURVES, elem_id="noise-figure")
                shown_gif = gr.Image(
                    format="gif",
                    visible=False,
                    interactive=False,
                    show_label=False,
                    buttons=["download", "fullscreen"],
                    elem_id="noise-gif",
                )
                mismatch.build(lesson, controls["T"], controls["schedules"], controls["seed"])
                exact.build(controls, WITH_DRAWN)
                gr.Markdown(text("noise_equation"))
                source_fold(ddpm.q_sample, exact_eps)
        _connect(image, examples, controls, view)
        settings_line.connect(line, [link.LINKED], controls)
        shown = [image, controls["seed"], *(controls[name] for name in TABLE_SETTINGS)]
        figure_menu.connect(menu, figure.draw, shown, WITH_DRAWN)
        line_of_gifs = {"api_visibility": "private", "concurrency_id": "forward_gif"}
        make_gif.click(show_gif, shown, shown_gif, js=WITH_DRAWN, preprocess=False, **line_of_gifs)
        forward.add_endpoint()
    reads, sets = {"image": image} | controls, [*(controls[name] for name in SETTINGS), view]
    place = Place(link.LINKED, reads, sets, link.updates, program, link.IN_THE_VIEW)
    return image, denoise, use_drawn, place


def _pictures() -> tuple[gr.Image, gr.Examples]:
    image = gr.Image(
        CAT,
        type="filepath",
        image_mode=None,
        label=text("noise_image"),
        sources=["upload", "webcam", "clipboard"],
        height=220,
        format="png",  # lossless, for the examples below
        elem_id="noise-image",
    )
    examples = gr.Examples(
        [[CAT], *([garment] for garment in garments())],
        image,
        label=text("noise_examples"),
        elem_id="noise-examples",
        api_visibility="private",
    )
    return image, examples


def _view() -> gr.HTML:
    (usual,) = forward.tables(DiffusionConfig.T, [DiffusionConfig.schedule], notebook=False)
    return instrument(
        VIEW,
        value=forward.opening_picture(),
        tables=_tables(*(SETTINGS[name].default for name in TABLE_SETTINGS)),
        linked=None,  # what a link says of the view: see link.py
        limits=drawing.LIMITS,
        examples=["noise_example_cat", *(f"class_{USUAL.classes[k]}" for k in EXAMPLES)],
        plot=True,
        parts=PARTS,
        model_log_snr=usual["log_snr"],
        denoise="#noise-denoise",
        lesson="#mismatch-go",
        elem_id="noise-view",
    )


def _connect(
    image: gr.Image, examples: gr.Examples, controls: dict[str, Component], view: gr.HTML
) -> None:
    """Make the view follow the picture and the settings."""
    seed, settings = controls["seed"], [controls[name] for name in TABLE_SETTINGS]
    source = [image, seed]
    came = came_back()
    pictures = [image.input, seed.change, came.change]
    shown = gr.on(pictures, new_picture, source, view, **LIVE, **PICTURES)
    # a picture that is refused gives way to the one that the panels still show
    shown.success(None, image, js=PICTURE_IS_SHOWN, **PRIVATE)
    shown.failure(None, None, image, js="() => window.shownPicture", **PRIVATE)
    examples.load_input_event.success(new_picture, source, view, **LIVE, **PICTURES)
    gr.on([each.change for each in settings], new_tables, settings, view, **LIVE, **TABLES)
    keep("noise", [image, *controls.values()], came)
