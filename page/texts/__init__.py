"""Every sentence of the page, in English and Chinese.

The Chinese terms are those of The Annotated Diffusion Model, the notebook this page grew from.
"""

from __future__ import annotations

import json

import gradio as gr

from page.texts import generate, noise, page, train

LATEX = [{"left": "$", "right": "$", "display": False}]  # gr.Markdown's default is $$ alone
TEXTS = page.TEXTS | noise.TEXTS | generate.TEXTS | train.TEXTS

I18N = gr.I18n(
    en={key: english for key, (english, _) in TEXTS.items()},
    **{code: {key: chinese for key, (_, chinese) in TEXTS.items()} for code in ("zh", "zh-CN")},
)


def text(key: str):
    """The sentence under this key, in the language of whoever looks at the page."""
    if key not in TEXTS:
        raise KeyError(f"no text for {key!r}")
    return I18N(key)


def both(key: str) -> str:
    """The sentence in both languages, for messages that Gradio does not translate."""
    return "<br>".join(TEXTS[key])


def script_words(prefix: str, *shared: str) -> str:
    """A first line for a script: WORDS, by language, the sentences under `prefix` without it.

    `shared` are more prefixes, whose keys stay whole.
    """
    keys = [key for key in TEXTS if key.startswith((prefix, *shared))]
    words = {
        language: {key.removeprefix(prefix): TEXTS[key][k] for key in keys}
        for k, language in enumerate(TEXTS["language"])
    }
    return f"const WORDS = {json.dumps(words, ensure_ascii=False)};\n"


def key_of(tab: str, name: str) -> str:
    """Text key of a setting's label or of a choice: the tab's own, or the one all tabs share."""
    return own if (own := f"{tab}_{name}") in TEXTS else name
