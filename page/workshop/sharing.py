"""Sharing what the page shows: a link to it, its QR code, and a program that makes the same."""

import json
from collections.abc import Sequence
from contextlib import suppress

import gradio as gr
import segno

from page.jobs.serial import Serial
from page.server.listeners.pools import PRIVATE
from page.texts import Refusal
from page.widgets.links import MAX_LENGTH, OPENINGS, Place
from page.widgets.share import share
from page.workshop import lan_address
from page.workshop.classroom.requests import CODE
from page.workshop.notebook import notebook

# the function is in page/scripts/link.js
HERE = "(_, ...values) => [JSON.stringify(whereIAm()), ...values]"
CODES = Serial("codes")  # a long link's takes a fifth of a second


def connect(places: Sequence[Place]) -> None:
    """The dialog, and the hidden button that opens it."""
    view = share.view("share")
    reads = list({part._id: part for place in places for part in place.reads.values()}.values())

    async def show(visit: gr.Request, here: str, *values) -> gr.HTML:
        by_id = dict(zip((part._id for part in reads), values, strict=True))
        return gr.HTML(value=await CODES.run(visit, shared, places, _parsed(here), by_id))

    here = gr.Textbox(visible=False)  # filled in by the script
    button = gr.Button(visible="hidden", elem_id="share-go")
    button.click(
        show,
        [here, *reads],
        view,
        js=HERE,
        preprocess=False,
        **PRIVATE,
        concurrency_limit=None,  # limited by CODES
    )


def shared(places: Sequence[Place], here: dict, by_id: dict[int, object]) -> dict:
    """The dialog's value for a place of the page: `here` is what the browser says, `by_id` are the
    values of the page's components."""
    place = next((each for each in places if each.linked.place == here.get("place")), None)
    if place is None:
        raise Refusal("request_json")
    shown = {name: by_id[part._id] for name, part in place.reads.items()}
    shown |= {name: here[name] for name in place.browser if name in here}
    link = place.linked.write(shown)
    step = here.get("tour")
    if isinstance(step, int) and 0 < step < 1000:
        link += f"&tour={step}{in_class(here.get('class'))}"
    address = lan_address.address_for_others(here.get("address"))
    url = f"{address or here.get('address')}#{link}"
    found = {"asked": next(OPENINGS), "link": url, "qr": qr_code(url)}
    found["for_all"] = address is not None
    try:
        program = place.program(shown)
    except gr.Error as error:
        return found | {"error": error.message.split("<br>")}
    title = f"ddpm-{place.linked.place}"
    return found | {"program": program, "notebook": notebook(program), "name": f"{title}.ipynb"}


def in_class(code: object) -> str:
    """What joins a class, at the end of a link to a step of the tour."""
    return f"&class={code}" if isinstance(code, str) and CODE.fullmatch(code) else ""


def qr_code(url: str) -> str | None:
    """A data URI of the code, dark on white whatever the theme; None if the link is too long."""
    try:
        # to choose the best of eight masks takes nine tenths of the time, and readers know all
        code = segno.make(url, error="l", micro=False, mask=0)
    except segno.DataOverflowError:
        return None
    return code.svg_data_uri(scale=10, border=3, dark="#000", light="#fff")


def _parsed(here: object) -> dict:
    if isinstance(here, str) and len(here) <= 2 * MAX_LENGTH:
        with suppress(ValueError):
            if isinstance(found := json.loads(here), dict):
                return found
    raise Refusal("request_json")
