"""The tour: steps from a YAML file, checked when the page starts, errors named by their line.

`TOUR=my-tour.yaml python app.py` shows a host's own. tour.yaml, the page's, is the example: a list
of steps, each with a question, an answer and a link (what "Try it" sets, as "Share" writes it after
the #), and if it likes `does` (what "Try it" then starts), `look` (what to look at), `paper` (where
it is written), `url` of that paper, and `needs` (a model without which the step stays away). A text
is a text, or one for each language, `en` and `zh`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import gradio as gr
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from page.models.registry import MODELS
from page.server.listeners.pools import quick
from page.server.machine import lan_address
from page.texts import TEXTS
from page.widgets.links import Linked, Unreadable, read
from page.widgets.tour import tour as strip
from page.workshop.sharing import CODES, qr_code

OWN = Path(__file__).with_suffix(".yaml")
MAX_LENGTH, MAX_STEPS, MAX_TEXT = 200_000, 99, 3000
LANGUAGES = ("en", "zh")
REQUIRED = ("question", "answer", "link")
OPTIONAL = ("does", "look", "paper", "url", "needs")
DOES = {"play": "noise", "compare": "compare", "train": "train"}  # and where
NEEDED = ("student", "unclip")  # models that may be missing
SHOWN = "() => [address(), TOUR.shown]"  # page/scripts/link.js
MARKS = "\u3000-\u303f\uff00-\uffef"  # full-width
CHINESE = f"{MARKS}\u3040-\u9fff"
# a line's end, which a browser shows as a space; the end of a paragraph stays
BETWEEN_CHINESE = re.compile(
    f"(?<=[{CHINESE}”…])\n(?=[{CHINESE}])|(?<=[{CHINESE}])\n(?=[“…])"
    f"|(?<=[{MARKS}])\n(?!\n)|(?<!\n)\n(?=[{MARKS}])"
)


class WrongTour(Exception):
    """What is wrong in a tour's file, a line for each."""


@dataclass(frozen=True)
class _Wrong:
    line: int
    why: str


def chosen() -> Path:
    """The tour's file: the host's, if there is one."""
    return Path(os.environ.get("TOUR") or OWN)


def connect(known: Sequence[Linked]) -> None:
    """The strip. Its texts are sent once the tour is opened. Raises WrongTour."""
    steps = load(chosen(), known)
    view = strip.view("tour", len(steps))
    at_once = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    view.asked(quick(lambda: gr.HTML(steps=steps)), outputs=view, **at_once)
    address, step = gr.Textbox(visible=False), gr.Number(visible=False)  # filled in by the script

    async def code(visit: gr.Request, *values) -> gr.HTML:
        return await CODES.run(visit, code_of_step, *values)

    at_once |= {"preprocess": False, "api_name": code_of_step.__name__}
    view.presented(code, [address, step], view, js=SHOWN, **at_once)


def code_of_step(origin: object, step: object) -> gr.HTML:
    """The QR code of a step for others in the room; none if they can't open the page."""
    address = lan_address.address_for_others(origin, lan_address.host())
    is_step = isinstance(step, int) and 0 < step <= MAX_STEPS
    qr = qr_code(f"{address}#tour={step}") if address and is_step else None
    return gr.HTML(coded={"step": step if is_step else None, "qr": qr})


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
    wrong: list[_Wrong] = []
    steps = _steps(root, known, wrong)
    if wrong:
        found = sorted(wrong, key=lambda each: each.line)
        raise WrongTour("\n".join(f"{path}, line {each.line}: {each.why}" for each in found))
    needed = [step.pop("needs", None) for step in steps]
    return [
        step for step, model in zip(steps, needed, strict=True) if model is None or model in MODELS
    ]


def _steps(root: Node | None, known: Sequence[Linked], wrong: list[_Wrong]) -> list[dict]:
    if not isinstance(root, SequenceNode) or not 0 < len(root.value) <= MAX_STEPS:
        wrong.append(_Wrong(1, f"a tour is a list of 1 to {MAX_STEPS} steps, each begun by -"))
        return []
    return [_step(node, known, wrong) for node in root.value]


def _step(node: Node, known: Sequence[Linked], wrong: list[_Wrong]) -> dict:
    parts = _parts(node, (*REQUIRED, *OPTIONAL), wrong)
    if parts is None:
        return {}
    for name in REQUIRED:
        if name not in parts:
            wrong.append(_Wrong(_line(node), f"this step has no {name}"))
    readers = {
        "link": partial(_link, known=known, needs=_plain(parts.get("needs"))),
        "does": partial(_does, link=_plain(parts.get("link"))),
        "url": _url,
        "needs": _needs,
    }
    return {name: readers.get(name, _words)(part, wrong) for name, part in parts.items()}


def _parts(node: Node, names: Sequence[str], wrong: list[_Wrong]) -> dict[str, Node] | None:
    """The parts of a mapping by name; None if it is none."""
    if not isinstance(node, MappingNode):
        wrong.append(_Wrong(_line(node), f"here belong {', '.join(names)}, each with a colon"))
        return None
    parts: dict[str, Node] = {}
    for key, value in node.value:
        name = _plain(key)
        if name not in names:
            wrong.append(_Wrong(_line(key), f"{name!r} is none of {', '.join(names)}"))
        elif name in parts:
            wrong.append(_Wrong(_line(key), f"{name} is here for the second time"))
        else:
            parts[name] = value
    return parts


def _words(node: Node, wrong: list[_Wrong]) -> list[str]:
    """A text in both languages."""
    if isinstance(node, ScalarNode):
        return [_text(node, wrong)] * 2
    parts = _parts(node, LANGUAGES, wrong) or {}
    for language in LANGUAGES:
        if language not in parts:
            wrong.append(_Wrong(_line(node), f"this text is missing in {language}"))
    return [_text(parts[name], wrong) for name in LANGUAGES if name in parts]


def _text(node: Node, wrong: list[_Wrong]) -> str:
    text = _plain(node) or ""
    if not 0 < len(text.strip()) <= MAX_TEXT:
        wrong.append(_Wrong(_line(node), f"here belongs a text of 1 to {MAX_TEXT} characters"))
    return BETWEEN_CHINESE.sub("", text.strip())


def _link(node: Node, wrong: list[_Wrong], *, known: Sequence[Linked], needs: str | None) -> str:
    link = _text(node, wrong)
    if needs in NEEDED and needs not in MODELS:
        return link  # its settings are not all there either
    try:
        opened = read(link, known)
    except Unreadable as error:
        wrong.append(_Wrong(_line(node), TEXTS[error.key][0]))
        return link
    settings = next(each for each in known if each.place == opened.place).settings
    for name in opened.wrong:
        wrong.append(_Wrong(_line(node), f"{name} must be {settings[name].expected}"))
    if opened.unknown:
        names = ", ".join(settings)
        wrong.append(_Wrong(_line(node), f"the settings of {opened.place} are {names}"))
    return link


def _does(node: Node, wrong: list[_Wrong], *, link: str | None) -> str:
    does = _text(node, wrong)
    if does not in DOES:
        wrong.append(_Wrong(_line(node), f"a step may do {', '.join(DOES)}"))
    elif (place := (link or "").partition("?")[0]) != DOES[does]:
        wrong.append(_Wrong(_line(node), f"{does} is for links to {DOES[does]}, not to {place}"))
    return does


def _url(node: Node, wrong: list[_Wrong]) -> str:
    url = _text(node, wrong)
    if not url.startswith("https://"):
        wrong.append(_Wrong(_line(node), "a url begins with https://"))
    return url


def _needs(node: Node, wrong: list[_Wrong]) -> str:
    model = _text(node, wrong)
    if model not in NEEDED:
        wrong.append(_Wrong(_line(node), f"a step may need {', '.join(NEEDED)}"))
    return model


def _plain(node: Node | None) -> str | None:
    return node.value if isinstance(node, ScalarNode) else None


def _line(node: Node) -> int:
    return node.start_mark.line + 1
