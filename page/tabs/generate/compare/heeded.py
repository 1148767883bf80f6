"""The settings that apply to the models being compared."""

from __future__ import annotations

from page.tabs.generate.compare.axes import SHARED, Comparison
from page.tabs.generate.drawing.request import BY_WORDS, OF_CASCADE, OF_UNCLIP, OF_WORDS
from page.tabs.generate.words.unclip import OWN_WAY

SYSTEMS = {*BY_WORDS, "cascade"}  # of several networks


def heeded(plan: Comparison) -> list[str]:
    """The shared settings that matter to any of its models, in display order."""
    models, first = {*plan.checkpoints}, plan.everything[-1]
    others = set()
    if "words" not in models:
        others |= {*OF_WORDS} - ({"words"} if models & {*BY_WORDS} else set())
    if "cascade" not in models:
        others |= {*OF_CASCADE}
    if models <= SYSTEMS:
        others |= {"schedule", "guided_by"}
    if models <= {*BY_WORDS}:
        others.add("label")
    if not first.from_pair:
        others |= {*OF_UNCLIP} - ({"prior"} if "unclip" in models else set())
        return _without(others)
    others |= {*OWN_WAY}
    if "amount" not in plan.axes and first.picture is not None:
        others.add("words_before")
    others |= {"eta"} if first.picture is None else set()
    others |= {"words", "words_before", "prior"} if plan.axes == ("eta",) else set()
    return _without(others)


def _without(others: set[str]) -> list[str]:
    return ["model", *(name for name in SHARED if name not in {"model", *others})]
