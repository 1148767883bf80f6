"""The settings that apply to the models being compared."""

from __future__ import annotations

from page.models.registry import KINDS
from page.tabs.generate.compare.axes import SHARED, Comparison


def relevant(plan: Comparison) -> list[str]:
    """The shared settings that matter to any of its models, in display order."""
    last = plan.everything[-1]
    found = {"model"}.union(*(KINDS[name].relevant(last, plan.axes) for name in plan.checkpoints))
    return ["model", *(name for name in SHARED if name in found - {"model"})]
