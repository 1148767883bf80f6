"""The page's models with a small one of each kind, or without it, whatever is shipped, and its
modules of JavaScript, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from page.models.registry import KINDS, MODELS
from page.tabs.generate import link
from page.tabs.generate.compare import axes

ANSWERS = Path(__file__).parent / "answers.mjs"
STEPS = [2, 3]  # along that axis: more would only take longer


@pytest.fixture(scope="session")
def in_node(missing):
    """`in_node(file, cases)`: what the file's RUNS answer, by the cases' "run"."""
    if not (node := shutil.which("node")):
        missing("Node is not installed")

    def answers(file: Path, cases: list[dict]) -> dict[str, list]:
        command = [node, ANSWERS, file]
        done = subprocess.run(
            command, input=json.dumps(cases), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, list] = {}
        for case, answer in zip(cases, json.loads(done.stdout), strict=True):
            found.setdefault(case["run"], []).append(answer)
        return found

    return answers


@pytest.fixture
def offered():
    """`offered(names)`: what a visitor can choose from, in this order."""
    before, all_axes = dict(MODELS), dict(axes.AXES)
    for name in ("calls", *(axis for kind in KINDS.values() for axis in kind.axes)):
        axes.AXES.pop(name, None)

    def offer(*names: str) -> None:
        MODELS.clear()
        MODELS.update({name: KINDS[name] for name in names})

    yield offer
    offer(*before)
    axes.AXES.clear()
    axes.AXES.update(all_axes)


@pytest.fixture
def without_student(offered):
    offered("shipped", "trained")


@pytest.fixture
def small_model(offered, monkeypatch, tiny_checkout):
    """`small_model(name, **axes)`: a small model, in place of the shipped file and offered on the
    page, with these values along its axes."""

    def put(name: str, **own_axes: list):
        kind = KINDS[name]
        monkeypatch.setattr(kind, "file", tiny_checkout / "checkpoints" / kind.file.name)
        offered("shipped", name, "trained")
        for axis, values in (kind.axes | own_axes).items():
            monkeypatch.setitem(axes.AXES, axis, values)
        return kind.load(None)

    return put


@pytest.fixture
def student(small_model):
    return small_model("student", calls=list(axes.CALLS))


@pytest.fixture
def text_model(small_model):
    """It draws by words."""
    return small_model("words", steps=STEPS)


@pytest.fixture
def cascade_model(small_model, monkeypatch):
    linked = link.MODEL["model"]
    monkeypatch.setitem(vars(linked), "table", ["cascade", *linked.table])
    return small_model("cascade", aug=[0, 100, 800], steps=STEPS)


@pytest.fixture
def unclip_model(small_model):
    """It draws by words as DALL·E 2 does."""
    few = {"amount": [0.0, 0.4], "place": [0.0, 0.5, 1.0], "eta": [0.0, 1.0], "steps": STEPS}
    return small_model("unclip", **few)
