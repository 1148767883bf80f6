"""The schedule that a hand has drawn on the Noise tab, as a choice of another tab's list."""

import gradio as gr
from gradio.events import Dependency

from ddpm.schedules.text_form import DRAWN, MAX_LENGTH, name_of, parse
from ddpm.settings import Setting
from page.server.listeners.pools import UNREAD, quick
from page.server.listeners.validation import check_setting
from page.texts import text
from page.widgets.controls import named_choices
from page.widgets.kept import came_back

READ = """() => {
    const form = document.querySelector("[data-drawn]")?.dataset.drawn ?? "";
    remember("drawn-%s", form);
    scrollTo(0, 0);
    return [form];
}"""  # see drawing.js
RECALL = "() => recall('drawn-%s')"


def offered(tab: str, setting: Setting, form: str) -> list[tuple]:
    """The named schedules, and the one of this text form unless it is among them."""
    named = named_choices(tab, setting)
    is_long = not isinstance(form, str) or len(form) > MAX_LENGTH  # a session would keep it
    if is_long or form in (setting.choices or ()):
        return named
    name = form
    if name_of(form) == DRAWN:
        name = text("schedule_drawn_zero" if parse(form).zero_terminal else "schedule_drawn")
    return [*named, (name, form)]


def take_on(
    use: gr.Button, tab: str, setting: Setting, schedule: gr.Dropdown, tabs: gr.Tabs
) -> Dependency:
    """On a click, the drawn schedule is one more choice of `schedule` and chosen, and `tab` opens.

    The choice's value is its text form, which everything that takes the name of a schedule takes.
    A reload of the page brings the choice back. Returns the event of the click.
    """

    def offer(form: str, **more) -> gr.Dropdown:
        check_setting(setting, form, tab)
        return gr.Dropdown(choices=offered(tab, setting, form), **more)

    def choose(form: str) -> tuple[gr.Dropdown, gr.Tabs]:
        return offer(form, value=form), gr.Tabs(selected=tab)

    form = gr.Textbox(visible=False)  # filled in by the script
    used = use.click(quick(choose), form, [schedule, tabs], js=READ % tab, **UNREAD)
    back = came_back()
    # no trigger: runs when the page opens
    gr.on(None, None, None, back, js=RECALL % tab, api_visibility="private")
    back.change(quick(offer), back, schedule, **UNREAD)
    return used
