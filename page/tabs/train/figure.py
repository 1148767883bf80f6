"""The Train tab's figure: the loss curves that the page shows, of one run or of several."""

import json
import math
from typing import Any

from ddpm import figures
from page.texts import Refusal
from page.widgets.figure_menu.figure_menu import Choice, Drawn

CURVES = "train_figure_curves"
SHOWN = """(choice) => [choice, document.querySelector("#train-view .plot").curves()]"""
MOST_RUNS, MOST_POINTS, MOST_NAME = 4, 300, 200  # that the page shows
MOST = 100_000  # characters of it all
WRONG = (ValueError, OverflowError, TypeError, KeyError, AttributeError, RecursionError)


def draw(choice: Choice, shown: Any) -> Drawn:
    """`shown`: what progress.js shows, as JSON. Earlier runs live in the browser alone."""
    try:
        runs, logarithmic = read(shown)
    except WRONG as error:
        raise Refusal("figure_menu_wrong") from error
    if not runs:
        raise Refusal("train_figure_none")
    return "loss", figures.losses(runs, logarithmic=logarithmic, language=choice.language)


def read(shown: Any) -> tuple[dict[str, figures.LossCurve], bool]:
    """The curves by name. Some kind of error if a browser of ours would not send this."""
    if not isinstance(shown, str) or len(shown) > MOST:
        raise ValueError
    sent = json.loads(shown)
    runs = {}
    for run in sent["runs"]:
        curve = run["curve"]
        raw, smooth = ([float(loss) for loss in curve[name]] for name in ("raw", "smoothed"))
        stride = int(curve["stride"])
        whole = 0 < len(raw) == len(smooth) <= MOST_POINTS and 1 <= stride <= MOST
        if not whole or not all(0 <= loss < math.inf for loss in (*raw, *smooth)):
            raise ValueError
        steps = range(1, 1 + stride * len(raw), stride)
        runs[str(run["name"])[:MOST_NAME]] = figures.LossCurve(steps, raw, smooth)
    if len(runs) > MOST_RUNS:
        raise ValueError
    return runs, bool(sent["logarithmic"])
