"""What the page shows before its scripts have come: its name, its tabs, and what the tab that
opens is about. Each stands where the page itself will have it, and gives way to it
(scripts/loading.js).
"""

import re
from html import escape
from pathlib import Path

from page.texts import I18N

TABS = ("noise", "generate", "train")
PREFERENCES = Path(__file__).with_name("preferences.js").read_text("utf-8")
EMPHASIS = ((r"\*\*(.+?)\*\*", r"<strong>\1</strong>"), (r"\*(.+?)\*", r"<em>\1</em>"))


def first_sight() -> str:
    """HTML: a style, both languages, and the script that chooses one."""
    css, own = (Path(__file__).with_suffix(kind).read_text("utf-8") for kind in (".css", ".js"))
    js = PREFERENCES + own
    languages = "".join(_in_language(*each) for each in I18N.translations_dict.items())
    return f'<style>{css}</style><div id="first-sight">{languages}</div><script>{js}</script>'


def _in_language(code: str, words: dict[str, str]) -> str:
    names = "".join(f'<span class="{tab}">{escape(words[f"{tab}_tab"])}</span>' for tab in TABS)
    abouts = "".join(f'<p class="{tab}">{prose(words[f"{tab}_intro"])}</p>' for tab in TABS)
    title, lead = escape(words["header_title"]), escape(words["header_lead"])
    head = f'<div class="title"><b>{title}</b><span>{lead}</span></div>'
    return f'<div lang="{code}">{head}<div class="tabs">{names}</div>{abouts}</div>'


def prose(markdown: str) -> str:
    """A text's emphasis as HTML."""
    html = escape(markdown, quote=False)
    for pattern, tag in EMPHASIS:
        html = re.sub(pattern, tag, html)
    return html
