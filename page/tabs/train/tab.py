"""The Train tab: a short run with a live loss plot and improving samples."""

from collections.abc import Iterator
from functools import partial

import gradio as gr

import ddpm
from page.server.files import result_files
from page.server.listeners.pools import AT_ONCE, PRIVATE, UNREAD, quick
from page.tabs.train import figure, link, own_pictures, recipe, saving
from page.tabs.train.endpoint import add_endpoint
from page.tabs.train.program import program
from page.tabs.train.run import Update, ask_to_stop, data, go_on, run
from page.texts import LATEX, text
from page.widgets.drawn_schedule import take_on
from page.widgets.figure_menu import figure_menu
from page.widgets.kept import came_back, find_again, keep, run_on
from page.widgets.links import Place
from page.widgets.settings_line import settings_line
from page.widgets.share.share import source_fold
from page.widgets.training_monitor import progress

NOISE_T = """(schedule) => {
    const T = document.querySelector("#noise-T input[type=number]")?.value;
    return [schedule, T ? Number(T) : null];
}"""  # under which it was drawn
REMEMBER = "(file) => { if (file) remember('trained', [file]); }"
KIND = "training"
STOPPED = "document.querySelector('#train-view .phase').dataset.stopped ?? null"
REST = f"() => beginRun('{KIND}', '#train-continue', [{STOPPED}, null])"
# another server would go on from what was kept last, with which alone own pictures come along
KEPT = f"({{ kept }}) => kept && wouldBegin('{KIND}', '#train-continue', [kept, null])"


def show_run(visit: gr.Request, *values) -> Iterator[tuple]:
    """A run, as `shown`."""
    *fields, source, pictures = values
    yield from shown(run(visit, recipe.Recipe(*fields), source, pictures))


def show_rest(visit: gr.Request, path: str) -> Iterator[tuple]:
    """The rest of a stopped run, as `shown`."""
    yield from shown(go_on(visit, path))


def shown(updates: Iterator[Update]) -> Iterator[tuple]:
    """A run as updates of the view, the trained model, the download and the "Use" button.

    An earlier model stays usable until the new one is ready.
    """
    for report, model in updates:
        if model is None:
            yield report or gr.skip(), gr.skip(), gr.skip(), gr.skip()
        else:
            file = model if isinstance(model, str) else None  # otherwise it is only in memory
            download = gr.update(value=file, interactive=file is not None)
            yield report, model, download, gr.Button(interactive=True)


def bring_back(visit: gr.Request, path: str) -> tuple:
    """The model in this file, if it was trained here, or at a server that shares its models, and
    is still kept."""
    file = path if result_files.STORE.holds("train", path) else saving.from_shared(visit, path)
    if file is None:
        return gr.skip(), gr.DownloadButton(value=None, interactive=False), gr.skip()
    return file, gr.DownloadButton(value=file, interactive=True), gr.Button(interactive=True)


def build(
    trained: gr.State, tabs: gr.Tabs, use_drawn: dict[str, gr.Button], again: gr.Button
) -> tuple[gr.Button, Place]:
    """The tab's components and events. `use_drawn` has, by tab, the buttons that use the schedule
    drawn on the Noise tab; `again` has a page follow its run again. Returns the "Use this model in
    Generate" button, and what links to the tab read and set."""
    with gr.Tab(text("train_tab"), id="train", elem_id="train-tab") as tab:
        gr.Markdown(text("train_intro"), elem_classes="intro")
        with gr.Row():
            with gr.Column(scale=1, min_width=300, elem_classes="settings"):
                line = settings_line.line(recipe.TAB)
                source, files, pictures = own_pictures.build()
                controls, fold = recipe.build()
                settings = [*controls, source, pictures]
            with gr.Column(scale=2, min_width=300):
                with gr.Row():
                    # layout.css shows the first, or the other two
                    go = gr.Button(text("train_go"), variant="primary", elem_id="train-go")
                    rest = gr.Button(
                        text("train_continue"), variant="primary", elem_id="train-continue"
                    )
                    other = gr.Button(text("train_again"), elem_id="train-again")
                    stop = gr.Button(text("stop"), interactive=False, elem_id="train-stop")
                view = progress.view("train-view", stop="#train-stop", files="#train-own")
                with gr.Row():
                    use = gr.Button(text("train_use"), interactive=False, elem_id="train-use")
                    file = gr.DownloadButton(
                        text("train_download"), interactive=False, elem_id="train-file"
                    )
                menu = figure_menu.figure_menu(figure.CURVES, elem_id="train-figure")
                curves = gr.Textbox(visible=False)  # filled in by the script
                figure_menu.connect(menu, figure.draw, [curves], figure.SHOWN)
        gr.Markdown(text("train_equation"), latex_delimiters=LATEX)
        source_fold(ddpm.p_losses, ddpm.train)

        schedule, T = (controls[list(recipe.SETTINGS).index(name)] for name in ("schedule", "T"))
        taken = take_on(
            use_drawn[recipe.TAB], recipe.TAB, recipe.SETTINGS["schedule"], schedule, tabs
        )
        taken.success(quick(recipe.of_drawing), [schedule, T], [T, fold], js=NOISE_T, **UNREAD)
        own_pictures.connect(tab, view, (source, files, pictures), data)
        new, secret = partial(gr.on, [go.click, other.click]), came_back()
        a_run = {"outputs": [view, trained, file, use], "buttons": [go, rest, other, stop]}
        runs = [
            run_on(KIND, new, show_run, [*settings, secret], **a_run),
            run_on(KIND, rest.click, show_rest, [came_back(), secret], js=REST, **a_run),
            find_again(KIND, again, **a_run),
        ]
        stop.click(quick(ask_to_stop), **AT_ONCE)
        view.change(None, view, js=KEPT, **PRIVATE)
        keep("train", [source, files, *settings[:-2]])
        path = came_back()
        keep("trained", [file], path)  # a reload brings back the model, while a server has it
        back = path.change(bring_back, path, [trained, file, use], **PRIVATE)
        for each in (*runs, back):
            each.then(None, file, js=REMEMBER)
        add_endpoint(trained, pictures)
        by_setting = dict(zip(link.LINKED.settings, [*controls, source], strict=True))
        settings_line.connect(line, [link.LINKED], by_setting)
    return use, Place(link.LINKED, by_setting, list(by_setting.values()), link.updates, program)
