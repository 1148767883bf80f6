"""The page's models with a student, or without one, whatever is shipped."""

from __future__ import annotations

import pytest

from devtools import cascade_model as tiny_cascade
from devtools import text_model as tiny_text
from devtools import unclip_model as tiny_unclip
from devtools.student import save_tiny
from page.compute import models
from page.tabs.generate import link
from page.tabs.generate.compare import axes


@pytest.fixture
def offered():
    """`offered(names)`: what a visitor can choose from, in this order."""
    rows = dict(models.MODELS)
    rows.setdefault("student", lambda _: models.student())
    rows.setdefault("cascade", lambda _: models.cascade())
    rows.setdefault("words", lambda _: models.by_words())
    rows.setdefault("unclip", lambda _: models.unclip())
    before, all_axes = dict(models.MODELS), dict(axes.AXES)
    for name in ("calls", "thresholding", "aug", *axes.unclip.AXES):
        axes.AXES.pop(name, None)

    def offer(*names: str) -> None:
        models.MODELS.clear()
        models.MODELS.update({name: rows[name] for name in names})

    yield offer
    offer(*before)
    axes.AXES.clear()
    axes.AXES.update(all_axes)


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


@pytest.fixture
def text_model(offered, monkeypatch, tmp_path):
    """A small model that draws by words, offered on the page."""
    path = tiny_text.save_tiny(tmp_path / "text_to_image.safetensors")
    monkeypatch.setattr(models, "TEXT_TO_IMAGE", path)
    models.by_words.cache_clear()
    offered("shipped", "words", "trained")
    monkeypatch.setitem(axes.AXES, "thresholding", list(axes.by_words.THRESHOLDING))
    yield models.by_words()
    models.by_words.cache_clear()


@pytest.fixture
def cascade_model(offered, monkeypatch, tmp_path):
    """A small cascade, offered on the page."""
    path = tiny_cascade.save_tiny(tmp_path / "cascade.safetensors")
    monkeypatch.setattr(models, "CASCADE", path)
    models.cascade.cache_clear()
    offered("shipped", "cascade", "trained")
    monkeypatch.setitem(axes.AXES, "aug", [0, 100, 800])
    linked = link.MODEL["model"]
    monkeypatch.setitem(vars(linked), "table", ["cascade", *linked.table])
    yield models.cascade()
    models.cascade.cache_clear()


@pytest.fixture
def unclip_model(offered, monkeypatch, tmp_path):
    """A small model that draws by words as DALL·E 2 does, offered on the page."""
    path = tiny_unclip.save_tiny(tmp_path / "unclip.safetensors")
    monkeypatch.setattr(models, "UNCLIP", path)
    models.unclip.cache_clear()
    offered("shipped", "unclip", "trained")
    few = {"prior": ["used", "skipped"], "amount": [0.0, 0.4], "place": [0.0, 0.5, 1.0]}
    for name, values in (few | {"eta": [0.0, 1.0]}).items():
        monkeypatch.setitem(axes.AXES, name, values)
    yield models.unclip()
    models.unclip.cache_clear()
