"""Opening links: the settings of one, into the components of its tab."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from page.server.pools import TABLES
from page.texts import TEXTS, both
from page.widgets.links import Linked, Opened, Place, Unreadable, read

BESIDE = ("tour",)  # a step of the tour, which the browser reads: page/scripts/link.js
ASKED = "() => [askedLink]"


def connect(places: Sequence[Place], tabs: gr.Tabs, views: gr.Tabs) -> None:
    """Let the browser open links: it names one, and presses a button that nobody sees."""
    components = list({part._id: part for place in places for part in place.sets}.values())

    def open_link(text: str) -> list:
        nothing = [gr.skip()] * (len(components) + 2)
        try:
            opened = read(text, [place.linked for place in places], BESIDE)
        except Unreadable as error:
            gr.Warning(both(error.key))
            return nothing
        place = next(each for each in places if each.linked.place == opened.place)
        if opened.wrong or opened.unknown:
            gr.Warning(_ignored(place.linked, opened))
        sets = [part._id for part in place.sets]
        updates = dict(zip(sets, place.updates(opened.values), strict=True))
        shown = [updates.get(part._id, gr.skip()) for part in components]
        view = place.linked.view
        selected = gr.Tabs(selected=view) if view else gr.skip()
        return [*shown, gr.Tabs(selected=place.linked.tab), selected]

    text = gr.Textbox(visible=False)  # filled in by the script
    button = gr.Button(visible="hidden", elem_id="open-link")
    button.click(
        open_link,
        text,
        [*components, tabs, views],
        js=ASKED,
        preprocess=False,
        show_progress="hidden",
        api_visibility="private",
        **TABLES,
    )


def _ignored(linked: Linked, opened: Opened) -> str:
    """Says in both languages which settings of a link were ignored. Nothing of the link is
    repeated: who knows what is in it."""
    names = [_names(linked, name) for name in linked.settings if name in opened.wrong]
    if opened.unknown:
        names.append(TEXTS["link_more"])
    lines = []
    for k, (sentence, comma) in enumerate(zip(TEXTS["link_ignored"], (", ", "、"), strict=True)):
        lines.append(sentence.format(names=comma.join(pair[k] for pair in names)))
    return "<br>".join(lines)


def _names(linked: Linked, name: str) -> tuple[str, str]:
    keys = (f"{linked.place}_{name}", f"{linked.tab}_{name}", name)
    return TEXTS[next(key for key in keys if key in TEXTS)]
