"""The schedule that a hand has drawn on the Noise tab, as a choice of another tab's list."""

from __future__ import annotations

import gradio as gr

from ddpm.settings import Setting
from page.server.pools import quick
from page.server.validation import check_setting
from page.texts import text
from page.widgets.controls import named_choices

READ = "() => [document.querySelector('[data-drawn]')?.dataset.drawn ?? '']"  # see drawing.js


def take_on(
    use: gr.Button, tab: str, setting: Setting, schedule: gr.Dropdown, tabs: gr.Tabs
) -> None:
    """On a click, the drawn schedule is one more choice of `schedule` and chosen, and `tab` opens.

    The choice's value is its text form, which everything that takes the name of a schedule takes.
    """

    def choose(form: str) -> tuple[gr.Dropdown, gr.Tabs]:
        check_setting(setting, form, tab)
        choices = [*named_choices(tab, setting), (text("schedule_drawn"), form)]
        return gr.Dropdown(choices, value=form), gr.Tabs(selected=tab)

    use.click(
        quick(choose),
        gr.Textbox(visible=False),  # filled in by the script
        [schedule, tabs],
        js=READ,
        preprocess=False,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
