"""The strip of a tour: a question, what answers it, and a button that sets the page up for it."""

from pathlib import Path

import gradio as gr

from page.widgets.instrument import instrument


def view(elem_id: str, count: int) -> gr.HTML:
    """`count` steps; the event `asked` wants them in the property `steps`: question, answer, paper
    (each English and Chinese), url, link and ask. The event `presented` wants the QR code of the
    step that is shown in the property `coded`: step, room (the class that it joins, or None) and qr
    (a data URI or None). `classes`: whether there is a server for them."""
    return instrument(
        Path(__file__),
        parts=("classroom.js", "ask.js", "ask.css", "wall.js", "wall.css"),
        count=count,
        steps=None,
        coded=None,
        classes=True,
        elem_id=elem_id,
    )
