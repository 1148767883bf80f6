"""The page, built once; its models with a small one of each kind, or without it, whatever is
shipped; its programs, which are run; and its modules of JavaScript, run by Node."""

import json
import shutil
import subprocess
from pathlib import Path
from unittest.mock import patch

import gradio as gr
import nbformat
import pytest

from page.layout import build
from page.models.base import Model
from page.models.registry import KINDS, MODELS
from page.tabs.generate.compare import axes
from page.workshop.notebook import notebook

ANSWERS = Path(__file__).parent / "answers.mjs"
# values along axes: more would only take longer
FEW_STEPS = {"steps": [2, 3], "guidance": [0, 1, 4]}
FEW = {
    "student": {"calls": list(axes.CALLS)},
    "cascade": {"aug": [0, 100, 800]} | FEW_STEPS,
    "words": FEW_STEPS,
    "unclip": {"amount": [0.0, 0.4], "place": [0.0, 0.5, 1.0], "eta": [0.0, 1.0]} | FEW_STEPS,
}


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


@pytest.fixture(scope="session")
def built():
    """The page, for tests that only look at it."""
    return build()


@pytest.fixture
def run_program(tmp_path, monkeypatch):
    """`run_program(source)`: the names that it has defined, in a folder of its own. Its notebook is
    run cell by cell, with the file of a small model in place of the shipped one."""
    monkeypatch.chdir(tmp_path)

    def run(source: str, kind: Model | None = None) -> dict:
        assert max(map(len, source.splitlines())) <= 100
        if kind:
            source = source.replace(f"('{kind.file.stem}')", f"({str(kind.file)!r})")
        book = nbformat.reads(notebook(source), as_version=4)
        nbformat.validate(book)
        names: dict = {}
        for cell in book.cells:
            if cell.cell_type == "code":
                exec(cell.source, names)
        return names

    return run


@pytest.fixture
def warned(monkeypatch):
    """What visitors are warned of."""
    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", said.append)
    return said


@pytest.fixture
def offered():
    """`offered(names)`: what a visitor can choose from, in this order."""
    with patch.dict(MODELS), patch.dict(axes.AXES):  # their order is put back too
        for name in ("calls", *(axis for kind in KINDS.values() for axis in kind.axes)):
            axes.AXES.pop(name, None)

        def offer(*names: str) -> None:
            MODELS.clear()
            MODELS.update({name: KINDS[name] for name in names})

        yield offer


@pytest.fixture
def without_student(offered):
    offered("shipped", "trained")


@pytest.fixture
def small_model(offered, monkeypatch, tiny_checkout):
    """`small_model(name)`: a small model, in place of the shipped file and offered on the page,
    with few values along its axes."""

    def put(name: str):
        kind = KINDS[name]
        monkeypatch.setattr(kind, "file", tiny_checkout / "checkpoints" / kind.file.name)
        offered("shipped", name, "trained")
        for axis, values in (kind.axes | FEW[name]).items():
            monkeypatch.setitem(axes.AXES, axis, values)
        return kind.load(None)

    return put


@pytest.fixture
def student(small_model):
    return small_model("student")


@pytest.fixture
def cascade_model(small_model):
    return small_model("cascade")


@pytest.fixture
def unclip_model(small_model):
    """It draws by words as DALL·E 2 does."""
    return small_model("unclip")
