"""The page's models with a student, or without one, whatever is shipped."""

from __future__ import annotations

import pytest

from devtools.student import save_tiny
from page.compute import models
from page.tabs.generate import axes


@pytest.fixture
def offered():
    """`offered(names)`: what a visitor can choose from, in this order."""
    rows = dict(models.MODELS)
    rows.setdefault("student", lambda _: models.student())
    before, calls = dict(models.MODELS), axes.AXES.pop("calls", None)

    def offer(*names: str) -> None:
        models.MODELS.clear()
        models.MODELS.update({name: rows[name] for name in names})

    yield offer
    offer(*before)
    if calls:
        axes.AXES["calls"] = calls


@pytest.fixture
def without_student(offered):
    offered("shipped", "trained")


@pytest.fixture
def student(offered, monkeypatch, tmp_path):
    """A small student, offered on the page."""
    monkeypatch.setattr(models, "STUDENT", save_tiny(tmp_path / "student.safetensors"))
    models.student.cache_clear()
    offered("shipped", "student", "trained")
    monkeypatch.setitem(axes.AXES, "calls", list(axes.CALLS))
    yield models.student()
    models.student.cache_clear()
