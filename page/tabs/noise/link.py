"""What a link to the Noise tab says: its settings, the schedule drawn there, the time, whose
pictures are hidden, and whether their numbers are unfolded. noise_view.js holds the last four.
"""

from dataclasses import replace

import gradio as gr

import ddpm
from ddpm.schedules.text_form import DRAWN, parse
from ddpm.settings import Setting
from page.tabs.noise.settings import SETTINGS, TAB
from page.widgets.links import OPENINGS, Linked, Values

IN_THE_VIEW = ("schedules", "t", "hidden", "details")  # what no component holds
SHARE_OF_T = 0.3  # where the slider stands at first: noise_view.js


def _usual_t(T: int) -> int:
    return int(SHARE_OF_T * (T - 1) + 0.5)  # as JavaScript rounds


LINKED = Linked(
    TAB,
    SETTINGS
    | {
        "schedules": replace(SETTINGS["schedules"], form="schedules.text_form.is_drawn"),
        "t": Setting("t", int, "the time that is shown", 0, low=0, high=SETTINGS["T"].high),
        "hidden": Setting(
            "hidden", str, "whose pictures are not shown", (),
            table=(*ddpm.SCHEDULES, DRAWN), many=True,
        ),
        "details": Setting("details", bool, "whether the numbers are unfolded", False),
    },
    TAB,
    changed_defaults=lambda values: {"t": _usual_t(values.get("T", SETTINGS["T"].default))},
)  # fmt: skip


def updates(values: Values) -> list:
    """Of the controls, in the order of SETTINGS, and of the view."""
    texts = values["schedules"]
    named = [name for name in ddpm.SCHEDULES if name in texts]
    drawn = [list(parse(text).points) for text in texts if text not in named]
    linked = {
        "asked": next(OPENINGS),
        "points": drawn[0] if drawn else None,  # None leaves the visitor's own alone
        "share": min(1, values["t"] / (values["T"] - 1)),
        "hidden": list(values["hidden"]),
        "details": values["details"],
    }
    controls = values | {"schedules": named}
    return [*(controls[name] for name in SETTINGS), gr.HTML(linked=linked)]
