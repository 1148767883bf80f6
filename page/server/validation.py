"""Values from a visitor, checked where they come in: gr.Error says in both languages which setting
is wrong and what it takes."""

from __future__ import annotations

import gradio as gr

from ddpm.settings import Setting, WrongSetting, settings_of
from page.texts import TEXTS, key_of


def check(request, tab: str) -> None:
    """Check every setting of a dataclass. `tab` says what they are called on the page."""
    for name, known in settings_of(type(request)).items():
        check_setting(known, getattr(request, name), tab)


def check_setting(known: Setting, value: object, tab: str) -> None:
    try:
        known.check(value)
    except WrongSetting as error:
        names, sentences = TEXTS[key_of(tab, known.name)], TEXTS[_sentence(known)]
        expected = {"low": known.low, "high": known.high}
        expected["known"] = ", ".join(map(str, known.choices or ()))
        pairs = zip(sentences, names, strict=True)
        words = "<br>".join(sentence.format(name=name, **expected) for sentence, name in pairs)
        # a visitor's mistake doesn't belong in the log
        raise gr.Error(words, print_exception=False) from error


def _sentence(known: Setting) -> str:
    """The key of the sentence that says what a setting takes."""
    if known.choices is not None:
        return "choice"
    if known.kind is bool:
        return "flag"
    return "whole_range" if known.kind is int else "number_range"
