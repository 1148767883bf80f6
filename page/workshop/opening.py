"""Opening links: the settings of one, into the components of its tab."""

from collections.abc import Callable, Sequence

import gradio as gr

from page.server.listeners.pools import LIVE, TABLES
from page.texts import TEXTS, Refusal
from page.widgets.links import Linked, Opened, Place, read

BESIDE = ("tour", "class")  # which the browser reads: page/scripts/link.js
ASKED = "() => [askedLink]"


def connect(places: Sequence[Place], tabs: gr.Tabs, views: gr.Tabs) -> None:
    """Let the browser open links: it names one, and presses its place's button, which nobody sees.

    Each place has a button of its own, since an event updates all of its outputs, and a component
    of a tab that was never opened would keep the props of that update alone.
    """
    text = gr.Textbox(visible=False)  # filled in by the script
    known = [each.linked for each in places]
    for place in places:
        button = gr.Button(visible="hidden", elem_id=f"open-{place.linked.place}")
        sets = [*place.sets, tabs, *([views] if place.linked.view else [])]
        opened = button.click(_opener(place, known), text, sets, js=ASKED, **LIVE, **TABLES)
        opened.success(None, js="() => linkOpened()", api_visibility="private")
        place.shows(opened.success)


def _opener(place: Place, known: Sequence[Linked]) -> Callable[[str], list]:
    """Opens links to this place."""

    def open_link(text: str) -> list:
        opened = read(text, known, BESIDE)
        if opened.place != place.linked.place:  # the button of another was pressed
            raise Refusal("link_unknown")
        if opened.wrong or opened.unknown:
            gr.Warning(_ignored(place.linked, opened))
        selected = [place.linked.tab, *([place.linked.view] if place.linked.view else [])]
        return [*place.updates(opened.values), *(gr.Tabs(selected=each) for each in selected)]

    return open_link


def _ignored(linked: Linked, opened: Opened) -> str:
    """Says in both languages which settings of a link were ignored. Nothing of the link is
    repeated: who knows what is in it."""
    names = [_names(linked, name) for name in linked.settings if name in opened.wrong]
    if opened.unknown:
        names.append(TEXTS["link_more"])
    parts = zip(TEXTS["link_ignored"], (", ", "、"), zip(*names, strict=True), strict=True)
    return "<br>".join(sentence.format(names=comma.join(own)) for sentence, comma, own in parts)


def _names(linked: Linked, name: str) -> tuple[str, str]:
    keys = (f"{linked.place}_{name}", f"{linked.tab}_{name}", name)
    return TEXTS[next(key for key in keys if key in TEXTS)]
