"""A tab's figures to take home: a folded list, and the file that a choice in it downloads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import gradio as gr
from gradio.components import Component
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

import ddpm
from ddpm import figures
from ddpm.data.images import to_float
from ddpm.figures.style import LANGUAGES
from page.server.files import result_files
from page.server.listeners.pools import FIGURES, PRIVATE
from page.server.listeners.validation import worded
from page.texts import TEXTS, Refusal, both
from page.widgets.instrument import instrument
from page.widgets.run_buttons import at_end

if TYPE_CHECKING:  # it takes a while, and few ask for figures
    from matplotlib.figure import Figure

FORMATS = ("png", "svg")
KEPT = "figure.safetensors"  # what a run leaves in its result's folder for its figure
DOWNLOAD = """(file) => {
    const link = document.createElement("a");
    Object.assign(link, { href: file.url, download: file.orig_name });
    link.click();
}"""


Drawn: TypeAlias = "tuple[str, Figure]"  # a file's name without its end, and what is in it


@dataclass(frozen=True)
class Choice:
    """What a visitor chose: the text key of a figure, the kind of file, the page's language."""

    figure: str
    format: str
    language: str

    def say(self, key: str, **values: object) -> str:
        return TEXTS[key][LANGUAGES.index(self.language)].format(**values)


def choice(value: Any, offered: tuple[str, ...]) -> Choice:
    """What the browser sent. gr.Error if it isn't on the menu; in English, with a warning, if no
    installed font has Chinese characters."""
    asked = value if isinstance(value, dict) else {}
    chosen = Choice(*(str(asked.get(name)) for name in ("figure", "format", "language")))
    on_menu = chosen.figure in offered and chosen.format in FORMATS
    if not on_menu or chosen.language not in LANGUAGES:
        raise Refusal("figure_menu_wrong")
    if chosen.language == "zh" and not figures.has_chinese():
        gr.Warning(both("figure_menu_no_font"))
        return Choice(chosen.figure, chosen.format, "en")
    return chosen


def figure_menu(*offered: str, elem_id: str) -> gr.HTML:
    """The list; `offered` are text keys of figures' names."""
    return instrument(Path(__file__), figures=offered, elem_id=elem_id)


def connect(
    menu: gr.HTML, draw: Callable[..., Drawn], inputs: list[Component], js: str | None = None
) -> None:
    """Download what `draw(choice, *inputs)` returns.

    `js` may change the values of [menu, *inputs] before they are sent.
    """

    def make(visit: gr.Request, value: Any, *values: Any) -> str:
        chosen = choice(value, tuple(menu.props["figures"]))
        with worded():
            name, figure = draw(chosen, *values)
        with result_files.STORE.folder("figure", visit) as folder:
            return str(figures.save(figure, folder / f"{name}.{chosen.format}"))

    file = gr.DownloadButton(visible="hidden")
    made = menu.chosen(make, [menu, *inputs], file, js=js, preprocess=False, **PRIVATE, **FIGURES)
    made.success(None, file, None, js=DOWNLOAD, api_visibility="private")
    at_end(made, menu, "() => null")


def save(pictures: Mapping[str, Tensor], said: Any, folder: Path) -> Path:
    tensors = {name: ddpm.to_uint8(x).cpu().contiguous() for name, x in pictures.items()}
    save_file(tensors, folder / KEPT, {"said": json.dumps(said)})
    return folder / KEPT


def read(kind: str, path: object) -> tuple[dict[str, Tensor], Any]:
    """What a run kept beside this file of its result. gr.Error if it is no longer there."""
    if not isinstance(path, str) or not result_files.STORE.holds(kind, path):
        raise Refusal("figure_menu_nothing")
    with safe_open(Path(path).with_name(KEPT), "pt") as kept:
        pictures = {name: to_float(kept.get_tensor(name)) for name in kept.keys()}  # noqa: SIM118
        return pictures, json.loads(kept.metadata()["said"])
