"""The factory of all instruments: each is a `gr.HTML` made of an html, a css and a js file."""

import re
from pathlib import Path

import gradio as gr

from page.texts import text

COMMON_CSS, COMMON_JS, PLOT_CSS, PLOT_JS = (
    Path(__file__).with_name(name).read_text("utf-8")
    for name in ("common.css", "common.js", "plot.css", "plot.js")
)
BADGE = ("../badge/badge.js", "../badge/badge.css")  # parts of an instrument with a badge
EXPORT = re.compile("^export ", re.MULTILINE)  # in a module that stands among scripts


def _joined(file: Path, parts: tuple[str, ...], kind: str) -> str:
    """The texts of those parts, found from the folder of `file`, that are of this kind."""
    paths = (file.parent / part for part in parts if part.endswith(kind))
    return EXPORT.sub("", "".join(path.read_text("utf-8") for path in paths))


def instrument(
    file: Path, *, value: object = None, plot: bool = False, parts: tuple[str, ...] = (), **props
) -> gr.HTML:
    """The instrument whose .html, .css and .js share the name of `file`.

    Its script follows common.js, with `plot` also plot.js, and the scripts in `parts`, which are
    paths from the folder of `file`, of styles too. `props` are arguments of `gr.HTML`, or reach the
    script by name.
    """
    html, css, js = (file.with_suffix(kind).read_text("utf-8") for kind in (".html", ".css", ".js"))
    js = _joined(file, parts, ".js") + js
    css = _joined(file, parts, ".css") + css
    return gr.HTML(
        value=value,
        label=text("language"),  # translated, so it tells the script the page's language
        html_template=html,
        css_template=(PLOT_CSS if plot else "") + css,
        js_on_load=COMMON_JS + (PLOT_JS if plot else "") + js,
        **props,
    )
