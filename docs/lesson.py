"""The lesson as notebooks, one in each language, from docs/lesson.md.

    python -m docs.lesson

In the source, `::: en` and `::: zh` begin a text in one language; code is common to both, but for
LANGUAGE, that of a figure's labels.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HERE = Path(__file__).parent
SOURCE = HERE / "lesson.md"
NOTEBOOKS = {"en": HERE / "lesson.ipynb", "zh": HERE / "lesson.zh.ipynb"}
CELL = re.compile(r"^::: (en|zh)\n(.*?)(?=^:::|^```python|\Z)|^```python\n(.*?)^```$", re.M | re.S)
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(language: str) -> NotebookNode:
    """The lesson in a language, "en" or "zh", without outputs."""
    cells = []
    for spoken, words, code in CELL.findall(SOURCE.read_text("utf-8")):
        if code:
            code = code.replace('LANGUAGE = "en"', f'LANGUAGE = "{language}"')
            cells.append(new_code_cell(code.strip()))
        elif spoken == language:
            cells.append(new_markdown_cell(words.strip()))
    for k, cell in enumerate(cells):
        cell["id"] = f"cell-{k}"  # not random, so that the same source gives the same file
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def main() -> None:
    for language, path in NOTEBOOKS.items():
        nbformat.write(notebook(language), path)


if __name__ == "__main__":
    main()
