"""The lesson: both notebooks are what docs/lesson.md says, and run from beginning to end."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from docs.lesson import NOTEBOOKS, SOURCE, notebook

# the networks are small and learn little, and every cell runs
SHORT = "20"  # training steps
SMALL = """
import dataclasses
minute = ddpm.PRESETS["minute"]
ddpm.PRESETS["minute"] = dataclasses.replace(minute, unet=dataclasses.replace(minute.unet, dim=8))
"""


@pytest.mark.parametrize("language", NOTEBOOKS)
def test_a_notebook_is_its_source(language):
    text = NOTEBOOKS[language].read_text("utf-8")
    assert text == nbformat.writes(notebook(language)) + "\n", "run python -m docs.lesson"
    nbformat.validate(nbformat.reads(text, 4))
    assert len(text) < 1_000_000


def test_both_languages_have_the_same_cells():
    english, chinese = (notebook(language).cells for language in NOTEBOOKS)
    assert [cell.cell_type for cell in english] == [cell.cell_type for cell in chinese]
    code = [[c.source for c in cells if c.cell_type == "code"] for cells in (english, chinese)]
    assert code[0] != code[1]
    assert [c.replace('"en"', '"zh"') for c in code[0]] == code[1]
    for mine, theirs in zip(english, chinese, strict=True):
        formulas = [re.findall(r"\$\$.*?\$\$", cell.source, re.S) for cell in (mine, theirs)]
        assert formulas[0] == formulas[1] or mine.cell_type == "code"


def test_nothing_of_the_source_is_lost():
    source = SOURCE.read_text("utf-8")
    assert source.count("::: en") == source.count("::: zh")
    cells = [cell for language in NOTEBOOKS for cell in notebook(language).cells]
    markdown = [cell for cell in cells if cell.cell_type == "markdown"]
    assert len(markdown) == 2 * source.count("::: en")
    assert len(cells) - len(markdown) == 2 * source.count("```python")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_lesson_runs(monkeypatch, tiny_checkout, tmp_path):
    """In Chinese, whose pictures need its fonts; the English cells are the same."""
    monkeypatch.setenv("LESSON_STEPS", SHORT)
    monkeypatch.setenv("PYTHONPATH", str(tiny_checkout))
    lesson = notebook("zh")
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    code[0].source += SMALL
    client = NotebookClient(lesson, timeout=900, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()  # raises the first error of a cell
    outputs = [output.get("data", {}) for cell in code for output in cell.outputs]
    pictures = [data for data in outputs if {"image/png", "image/gif"} & data.keys()]
    # all but the first, and the last, which is for Colab; training has a live curve as well
    assert len(pictures) == len(code) - 2 + 1
    assert (tmp_path / "noise-to-garments.gif").stat().st_size > 10_000
