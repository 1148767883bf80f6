"""Check visitors' values at the door: gr.Error says in both languages which setting is wrong and
what it accepts."""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from ddpm.settings import Setting, WrongSetting, settings_of
from page.texts import TEXTS, key_of


def check(request, tab: str) -> None:
    """Check every setting of a dataclass. `tab` determines their labels in messages."""
    for name, setting in settings_of(type(request)).items():
        check_setting(setting, getattr(request, name), tab)


def check_setting(setting: Setting, value: object, tab: str) -> None:
    try:
        setting.check(value)
    except WrongSetting as error:
        labels, sentences = TEXTS[key_of(tab, setting.name)], TEXTS[_sentence(setting)]
        expected = {"low": setting.low, "high": setting.high, "most": setting.most}
        expected["choices"] = ", ".join(map(str, setting.choices or ()))
        pairs = zip(sentences, labels, strict=True)
        message = "<br>".join(sentence.format(name=label, **expected) for sentence, label in pairs)
        # a visitor's mistake doesn't belong in the log
        raise gr.Error(message, print_exception=False) from error


@contextmanager
def worded() -> Iterator[None]:
    """What the core says is wrong, a ValueError, is said to the visitor."""
    try:
        yield
    except gr.Error:  # a ValueError too, but already worded
        raise
    except ValueError as error:
        raise gr.Error(str(error)) from error


def _sentence(setting: Setting) -> str:
    """Text key of the sentence that says what a setting accepts."""
    if setting.choices is not None:
        return "choice_or_form" if setting.form else "choice"
    if setting.most is not None:
        return "text_most"
    if setting.kind is bool:
        return "flag"
    if setting.pair:
        return "pair_range"
    return "whole_range" if setting.kind is int else "number_range"
