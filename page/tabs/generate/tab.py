"""The Generate tab: noise to garments, frame by frame."""

from collections.abc import Callable, Iterator
from functools import partial

import gradio as gr
from gradio.components import Component

import ddpm
from page.compute import COMPUTE
from page.models.registry import SETTINGS, Request, chosen, load_all, model_of, walker
from page.models.request import ANY, TAB
from page.server.listeners.pools import AT_ONCE, DATA, PICTURES, PRIVATE, quick
from page.server.listeners.validation import check_setting
from page.tabs.generate import explain, figure, from_noise, link, opening, program
from page.tabs.generate.compare import compare_view
from page.tabs.generate.compare.compare import add_endpoint
from page.tabs.generate.controls import controls, in_browser, visibility
from page.tabs.generate.plane import plane, plane_program
from page.tabs.generate.run import STOPS, add_endpoints, run
from page.tabs.generate.walk import walk, walk_program
from page.texts import both, text
from page.widgets.drawn_schedule import offered, take_on
from page.widgets.figure_menu import figure_menu
from page.widgets.film import scrubber
from page.widgets.kept import came_back, find_again, keep, remembering, run_on
from page.widgets.links import Linked, Place
from page.widgets.results import results

LOADS = PRIVATE | DATA | {"preprocess": False}  # of listeners that load a model
KEEP_FILES = "(...files) => { if (files[0]) remember('files', files); }"
SHOW_TOP = """(...values) => {
    window.scrollTo({ top: 0 });
    return values;
}"""


def sample(visit: gr.Request, trained: str | None, *values, **named) -> Iterator[tuple]:
    """One run: its film as it grows, then the download buttons with its files."""
    off = gr.DownloadButton(value=None, interactive=False)  # what they had is no longer shown
    for film, progress, files in run(visit, trained, Request(*values, **named)):
        if not files:
            yield film.value(**progress), off, off
            off = gr.skip()
    if files:
        # Gradio sends the last update again when a run ends, so leave out the film
        yield gr.skip(), *(gr.DownloadButton(value=file, interactive=True) for file in files)


def draw(
    visit: gr.Request, trained: str | None, start: str, picture: str, *settings
) -> Iterator[tuple]:
    """`sample`, from noise or from what is on the sketch pad."""
    check_setting(controls.START, start, TAB)
    given = dict(zip((*visibility.OF_THE_SKETCH, *visibility.SHOWN), settings, strict=True))
    given = controls.of_start(given | {"picture": picture}, start)
    yield from sample(visit, trained, **given)


def with_trained(
    trained: str | ddpm.Checkpoint | None,
    sampler: str,
    steps: int | None,
    label: int = ANY,
    guided_by: str = "labels",
) -> tuple:
    """The model that was just trained, drawing from noise under its own schedule."""
    given = sampler, steps, label, trained, guided_by
    *way, schedule, guided_by, _ = visibility.for_model("trained", *given)
    schedule = own_schedule("trained", trained)
    return "trained", *way, schedule, guided_by, "noise", *from_noise.open_drawing()


def own_schedule(model: str, trained: str | ddpm.Checkpoint | None):
    """The schedule that a model of a visitor's or a host's learned under, once it is chosen."""
    if not model_of(model).brings_schedule:
        return gr.skip()
    own = chosen(trained, model).config.diffusion.schedule
    return gr.Dropdown(choices=offered(TAB, SETTINGS["schedule"], own), value=own)


def build(
    trained: gr.State,
    tabs: gr.Tabs,
    noise_image: gr.Image,
    denoise: gr.Button,
    use_drawn: dict[str, gr.Button],
    again: gr.Button,
) -> tuple[Callable[[gr.Button], None], gr.Tabs, list[Place]]:
    """The tab's components and events.

    `noise_image`, `denoise` and `use_drawn` are the Noise tab's picture, its "Denoise from here"
    button, and by tab those that use the schedule drawn there; `again` follows the page's runs.
    Returns what connects the Train tab's "Use this model in Generate" button, the tab's views, and
    what links to them read and set.
    """
    with gr.Tab(text("generate_tab"), id="generate", elem_id="generate-tab") as tab:
        gr.Markdown(text("generate_intro"), elem_classes="intro")
        with gr.Row():
            settings = controls.build(trained)
            with gr.Column(scale=5, min_width=320), gr.Tabs(elem_id="generate-views") as views:
                with gr.Tab(text("draw_tab"), id="draw", elem_id="draw-tab") as draw_view:
                    go, here, stop, view, png, gif = _film()
                with gr.Tab(text("compare_tab"), id="compare", elem_id="compare-tab") as comparing:
                    axes, schedules = compare_view.build(comparing, trained, settings, again)
                walking = pad_view = None
                if walker():
                    with gr.Tab(text("walk_tab"), id="walk", elem_id="walk-tab") as walking:
                        pad_view = walk.build()
                in_plane, plane_view = plane.build()
        opened = [each.select for each in (draw_view, comparing, walking, in_plane) if each]
        settings.follow(go, axes, opened)
        model, schedule = (settings.values[name] for name in ("model", "schedule"))
        trained.change(quick(controls.offer), trained, model, **AT_ONCE)
        explain.build([settings.values[name] for name in ("sampler", "guided_by", "model")], opened)
        model.input(own_schedule, [model, trained], schedule, **LOADS)
        used = take_on(use_drawn[TAB], TAB, SETTINGS["schedule"], schedule, tabs)
        used.success(
            quick(compare_view.with_drawn), [schedule, schedules], schedules, **AT_ONCE
        ).success(quick(lambda: gr.Info(both("generate_drawn"))), **AT_ONCE)

        secret, shown, buttons = came_back(), [view, png, gif], [go, here, stop]
        found = find_again("drawing", again, shown, buttons)
        found.then(None, [png, gif], js=KEEP_FILES, api_visibility="private")

        kept = [settings.start, *settings.values.values(), *axes, schedules]

        def draw_on(event: Callable, **more) -> None:
            # other tabs set them too, where this one isn't on the page yet and notices late
            event(**remembering("generate", kept))
            given = [settings.start, settings.picture, *settings.of_the_sketch.values()]
            asked = [trained, *given, *settings.values.values(), secret]
            run = run_on("drawing", event, draw, asked, shown, buttons, **more)
            run.then(None, [png, gif], js=KEEP_FILES, api_visibility="private")

        in_browser.connect(here, stop, buttons, settings, [png, gif])
        link.connect_line(settings, axes)
        log_snr = gr.Number(visible=False)  # filled in by the script below
        filled = denoise.click(
            partial(from_noise.from_noise_tab, example=from_noise.pixels_of(noise_image)),
            [noise_image, log_snr, schedule],
            [settings.picture, settings.of_the_sketch["noise"], settings.start, tabs, views],
            js=from_noise.READ_LOG_SNR,
            api_name="from_noise_tab",
            preprocess=False,
            api_visibility="private",
            **PICTURES,
        )
        draw_on(go.click, api_name="sample")
        draw_on(filled.success)

        def draw_linked(opened: Callable) -> None:
            """No sketch is in a link: to finish one, a garment takes its place."""
            given = [settings.start, settings.picture]
            ready = opened(from_noise.with_sketch, given, settings.picture, **PRIVATE, **DATA)
            draw_on(ready.success, trigger_mode="always_last")

        STOPS.on(stop, view)
        view.opened(quick(opening.show), outputs=view, **AT_ONCE)
        tab.select(lambda: COMPUTE.run(load_all), **PRIVATE, **DATA)
        keep("generate", kept)
        # of the film that a reload brings back; no trigger: runs when the page opens
        gr.on(None, None, None, [png, gif], js="() => recallDownloads('files')", **PRIVATE)
        add_endpoints(trained)
        add_endpoint(trained)

    def draw_with_trained(use: gr.Button) -> None:
        way = [settings.values[name] for name in ("sampler", "steps", "label", "guided_by")]
        sets = [model, *settings.of_a_model, tabs, views]
        used = use.click(with_trained, [trained, *way], sets, js=SHOW_TOP, **LOADS)
        # a reload brings back the choice, and what it is chosen from
        used.success(None, schedule, js="(form) => remember('drawn-generate', form)", **PRIVATE)
        draw_on(used.success)

    compared = dict(zip(link.AXES, (*axes, schedules), strict=True))
    known = {"trained": trained, "picture": settings.picture} | settings.by_setting | compared
    places = [
        _place(link.DRAWING, known, program.drawing, draw_linked),
        _place(link.COMPARING, known, program.comparing),
        plane_program.place(plane_view),
    ]
    if pad_view:
        means = link.walk_updates, walk_program.walking, tuple(link.WALKING.settings)
        places.append(Place(link.WALKING, {}, [pad_view], *means))
    return draw_with_trained, views, places


def _place(linked: Linked, known: dict[str, Component], make: Callable, *shows) -> Place:
    sets = [known[name] for name in linked.settings]
    return Place(linked, known, sets, partial(link.updates, linked), make, (), *shows)


def _film() -> tuple[Component, ...]:
    """The buttons that draw, Stop, the film, the two downloads, and its figure below."""
    with gr.Row():
        go = gr.Button(text("generate_go_noise"), variant="primary", elem_id="generate-go")
        here = in_browser.button("generate")
        stop = gr.Button(text("stop"), interactive=False, elem_id="generate-stop")
    view = scrubber.view("generate-view")
    with gr.Row():
        png, gif = (
            gr.DownloadButton(text(f"download_{end}"), interactive=False, elem_id=f"generate-{end}")
            for end in ("png", "gif")
        )
    menu = figure_menu.figure_menu(figure.STRIP, elem_id="generate-figure")
    figure_menu.connect(menu, figure.draw_strip, [png])
    results.view("generate-results")
    return go, here, stop, view, png, gif
