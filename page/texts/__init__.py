"""Every sentence of the page, in English and Chinese.

The Chinese terms are those of The Annotated Diffusion Model, the notebook this page grew from.
"""

import importlib
import pkgutil
from functools import partial

import gradio as gr

LATEX = [{"left": "$", "right": "$", "display": False}]  # gr.Markdown's default is $$ alone
TEXTS: dict[str, tuple[str, str]] = {}
for _part in pkgutil.iter_modules(__path__, f"{__name__}."):
    TEXTS |= importlib.import_module(_part.name).TEXTS

I18N = gr.I18n(
    en={key: english for key, (english, _) in TEXTS.items()},
    zh={key: chinese for key, (_, chinese) in TEXTS.items()},
)


def text(key: str):
    """The sentence under this key, in the visitor's language."""
    if key not in TEXTS:
        raise KeyError(f"no text for {key!r}")
    return I18N(key)


def class_text(name: str):
    """A class of a data set, in the visitor's language; one without a text by its name in both."""
    return text(key) if (key := f"class_{name}") in TEXTS else name


def both(key: str) -> str:
    """The sentence in both languages, for messages that Gradio does not translate."""
    return "<br>".join(TEXTS[key])


def key_of(tab: str, name: str) -> str:
    """Text key of a setting's label or of a choice: the tab's own, or the shared one."""
    return own if (own := f"{tab}_{name}") in TEXTS else name


class Refusal(gr.Error):
    """What a visitor is refused, and why: no fault, so no traceback of it belongs in the log. `key`
    is the sentence's, `values` are filled in."""

    def __init__(self, key: str, **values: object):
        super().__init__(both(key).format(**values), print_exception=False)
        self.key, self.values = key, values

    def __reduce__(self):  # it crosses from the processes that compute
        return partial(type(self), self.key, **self.values), ()
