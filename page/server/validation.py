"""Values from a visitor, checked where they come in.

Each check raises gr.Error, in both languages, which names the field and what it takes. `field` is
the key of what it is called on the page.
"""

from __future__ import annotations

from collections.abc import Collection

import gradio as gr

from page.texts import TEXTS

MAX_SEED = 2**31 - 1


def check_whole(field: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _wrong("whole_range", field, low=low, high=high)


def check_number(field: str, value: object, low: float, high: float) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise _wrong("number_range", field, low=low, high=high)


def check_flag(field: str, value: object) -> None:
    if not isinstance(value, bool):
        raise _wrong("flag", field)


def check_choice(field: str, value: object, known: Collection[str]) -> None:
    if not isinstance(value, str) or value not in known:
        raise _wrong("choice", field, known=", ".join(known))


def check_choices(field: str, values: object, known: Collection[str]) -> None:
    """A list with nothing else in it; it may be empty."""
    if not isinstance(values, list) or len(values) > len(known):
        raise _wrong("choice", field, known=", ".join(known))
    for value in values:
        check_choice(field, value, known)


def _wrong(sentence: str, field: str, **expected) -> gr.Error:
    pairs = zip(TEXTS[sentence], TEXTS[field], strict=True)
    told = "<br>".join(sentence.format(name=name, **expected) for sentence, name in pairs)
    return gr.Error(told, print_exception=False)  # a visitor's mistake is no news for the log
