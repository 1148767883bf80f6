"""The page's models with a small one of each kind, or without it, whatever is shipped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
def small_model(offered, monkeypatch, request, tiny_checkout):
    """`small_model(name, file, load, **axes)`: a small model, in place of the shipped `file` and
    offered on the page, with the values along the axes that only it has."""

    def put(name: str, file: str, load: Callable, **own_axes: list):
        shipped = getattr(models, file)
        monkeypatch.setattr(models, file, tiny_checkout / "checkpoints" / shipped.name)
        load.cache_clear()
        request.addfinalizer(load.cache_clear)
        offered("shipped", name, "trained")
        for axis, values in own_axes.items():
            monkeypatch.setitem(axes.AXES, axis, values)
        return load()

    return put


@pytest.fixture
def student(small_model):
    calls = list(axes.CALLS)
    return small_model("student", "STUDENT", models.student, calls=calls)


@pytest.fixture
def text_model(small_model):
    """It draws by words."""
    own = {"thresholding": list(axes.by_words.THRESHOLDING)}
    return small_model("words", "TEXT_TO_IMAGE", models.by_words, **own)


@pytest.fixture
def cascade_model(small_model, monkeypatch):
    linked = link.MODEL["model"]
    monkeypatch.setitem(vars(linked), "table", ["cascade", *linked.table])
    own = {"aug": [0, 100, 800]}
    return small_model("cascade", "CASCADE", models.cascade, **own)


@pytest.fixture
def unclip_model(small_model):
    """It draws by words as DALL·E 2 does."""
    few = {"prior": ["used", "skipped"], "amount": [0.0, 0.4], "place": [0.0, 0.5, 1.0]}
    few |= {"eta": [0.0, 1.0]}
    return small_model("unclip", "UNCLIP", models.unclip, **few)
