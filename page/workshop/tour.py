"""The tour: steps from a YAML file, checked when the page starts, errors named by their line.

`TOUR=my-tour.yaml python app.py` shows a host's own. tour.yaml, the page's, is the example: a list
of steps, each with a question, an answer and a link (what "Try it" sets, as "Share" writes it after
the #), and if it likes `ask` (a question to answer before one looks: ask.py), `does` (what "Try it"
then starts), `look` (what to look at), `paper` (where it is written), `url` of that paper, and
`needs` (a model without which the step stays away). A text is a text, or one for each language,
`en` and `zh`.
"""

import os
from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from pathlib import Path

import gradio as gr
import yaml
from yaml.nodes import Node, SequenceNode

from page.models.registry import KINDS, MODELS
from page.server.listeners.pools import AT_ONCE, UNREAD, quick
from page.texts import TEXTS, Refusal
from page.widgets.links import Linked, read
from page.widgets.tour import tour as strip
from page.workshop import lan_address
from page.workshop.ask import ask_of
from page.workshop.nodes import Wrong, parts_of, plain, text_of, words_of
from page.workshop.sharing import CODES, in_class, qr_code

OWN = Path(__file__).with_suffix(".yaml")
MAX_LENGTH, MAX_STEPS = 200_000, 99
REQUIRED = ("question", "answer", "link")
OPTIONAL = ("ask", "does", "look", "paper", "url", "needs")
DOES = {"play": "noise", "compare": "compare", "train": "train"}  # and where
SHOWN = "() => [address(), TOUR.shown, TOUR.room]"  # page/scripts/link.js


class WrongTour(Exception):
    """What is wrong in a tour's file, a line for each."""


def chosen() -> Path:
    """The tour's file: the host's, if there is one."""
    return Path(os.environ.get("TOUR") or OWN)


def connect(known: Sequence[Linked]) -> None:
    """The strip. Its texts are sent once the tour is opened. Raises WrongTour."""
    steps = load(chosen(), known)
    view = strip.view("tour", len(steps))
    view.asked(quick(lambda: gr.HTML(steps=steps)), outputs=view, **AT_ONCE)
    # filled in by the script
    address, step, room = (part(visible=False) for part in (gr.Textbox, gr.Number, gr.Textbox))

    async def code(visit: gr.Request, *values) -> gr.HTML:
        return await CODES.run(visit, code_of_step, *values)

    named = {"api_name": code_of_step.__name__}
    view.presented(code, [address, step, room], view, js=SHOWN, **named, **UNREAD)


def code_of_step(origin: object, step: object, room: object = None) -> gr.HTML:
    """The QR code of a step for others in the room, who join a class with it if there is one; none
    if they can't open the page."""
    address = lan_address.address_for_others(origin)
    is_step = isinstance(step, int) and 0 < step <= MAX_STEPS
    link = f"{address}#tour={step}{in_class(room)}"
    qr = qr_code(link) if address and is_step else None
    return gr.HTML(coded={"step": step if is_step else None, "room": room, "qr": qr})


def load(path: Path, known: Sequence[Linked]) -> list[dict]:
    """The steps for which there is the model, each text as [English, Chinese]. Raises WrongTour,
    which names every error with its line."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongTour(f"the tour {path} can't be read: {error}") from error
    if len(text) > MAX_LENGTH:
        raise WrongTour(f"the tour {path} has {len(text)} characters: more than {MAX_LENGTH}")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        why = getattr(error, "problem", None) or error
        raise WrongTour(f"{path}, line {line}: this is not YAML: {why}") from error
    if not isinstance(root, SequenceNode) or not 0 < len(root.value) <= MAX_STEPS:
        why = f"a tour is a list of 1 to {MAX_STEPS} steps, each begun by -"
        raise WrongTour(f"{path}, line 1: {why}")
    wrong = Wrong()
    steps = [_step(node, path.parent, known, wrong) for node in root.value]
    if wrong:
        found = sorted(wrong, key=itemgetter(0))
        raise WrongTour("\n".join(f"{path}, line {line}: {why}" for line, why in found))
    return [step for step in steps if step.pop("needs", None) in (None, *MODELS)]


def _step(node: Node, folder: Path, known: Sequence[Linked], wrong: Wrong) -> dict:
    parts = parts_of(node, (*REQUIRED, *OPTIONAL), wrong)
    if parts is None:
        return {}
    for name in REQUIRED:
        if name not in parts:
            wrong.at(node, f"this step has no {name}")
    readers = {
        "link": partial(_link, known=known, needs=plain(parts.get("needs"))),
        "ask": partial(ask_of, folder=folder),
        "does": partial(_does, link=plain(parts.get("link"))),
        "url": _url,
        "needs": _needs,
    }
    return {name: readers.get(name, words_of)(part, wrong) for name, part in parts.items()}


def _link(node: Node, wrong: Wrong, *, known: Sequence[Linked], needs: str | None) -> str:
    link = text_of(node, wrong)
    if needs in KINDS and needs not in MODELS:
        return link  # its settings are not all there either
    try:
        opened = read(link, known)
    except Refusal as error:
        wrong.at(node, TEXTS[error.key][0])
        return link
    settings = next(each for each in known if each.place == opened.place).settings
    for name in opened.wrong:
        wrong.at(node, f"{name} must be {settings[name].expected}")
    if opened.unknown:
        names = ", ".join(settings)
        wrong.at(node, f"the settings of {opened.place} are {names}")
    return link


def _does(node: Node, wrong: Wrong, *, link: str | None) -> str:
    does = text_of(node, wrong)
    if does not in DOES:
        wrong.at(node, f"a step may do {', '.join(DOES)}")
    elif (place := (link or "").partition("?")[0]) != DOES[does]:
        wrong.at(node, f"{does} is for links to {DOES[does]}, not to {place}")
    return does


def _url(node: Node, wrong: Wrong) -> str:
    url = text_of(node, wrong)
    if not url.startswith("https://"):
        wrong.at(node, "a url begins with https://")
    return url


def _needs(node: Node, wrong: Wrong) -> str:
    model = text_of(node, wrong)
    if model not in KINDS:
        wrong.at(node, f"a step may need {', '.join(KINDS)}")
    return model
