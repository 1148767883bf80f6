"""How things show themselves in notebooks and terminals. What draws them is in `ddpm.notebook`,
which stands above what is drawn, and is imported when it is asked for."""

import importlib
import sys
from collections.abc import Callable, Iterable
from typing import Any

DELAY_S = 2.0  # what is done sooner shows no progress


def shown_by(name: str) -> Callable[[Any], Any]:
    """A method `_repr_png_` or `_repr_html_`, which IPython calls: this function of
    `ddpm.notebook`."""
    return lambda self: getattr(importlib.import_module("ddpm.notebook"), name)(self)


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def progress(items: Iterable, unit: str, total: int | None = None) -> Any:
    """The same items, with a bar once they have taken `DELAY_S`, where somebody sees it."""
    seen = sys.stderr is not None and sys.stderr.isatty()
    if not seen and not in_notebook():
        return items
    from tqdm.auto import tqdm

    return tqdm(items, total=total, unit=unit, delay=DELAY_S, leave=False, dynamic_ncols=True)
