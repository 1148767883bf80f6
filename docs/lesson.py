"""The lesson as notebooks and as pages, one in each language, from docs/lesson.md.

    python -m docs.lesson         # writes the notebooks; MkDocs makes the pages: mkdocs.yml

In the source, `::: en` and `::: zh` begin a text in one language; code is common to both, but for
LANGUAGE, that of a figure's labels.
"""

import re
from pathlib import Path

import nbformat
from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HERE = Path(__file__).parent
SOURCE = HERE / "lesson.md"
NOTEBOOKS = {"en": HERE / "lesson.ipynb", "zh": HERE / "lesson.zh.ipynb"}
PAGES = {"en": "LESSON.md", "zh": "LESSON.zh.md"}
CELL = re.compile(r"^::: (en|zh)\n(.*?)(?=^:::|^```python|\Z)|^```python\n(.*?)^```$", re.M | re.S)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.S)
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


def page(language: str) -> str:
    """The same as Markdown, its formulas as MathML, which browsers draw without a script."""
    parts = []
    for cell in notebook(language).cells:
        if cell.cell_type == "code":
            parts.append(f"```python\n{cell.source}\n```")
        else:
            parts.append(FORMULA.sub(_mathml, cell.source))
    return "\n\n".join(parts)


def _mathml(found: re.Match[str]) -> str:
    return convert(found[1] or found[2], display="block" if found[1] else "inline")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Called by MkDocs."""
    for language, name in PAGES.items():
        files.append(File.generated(config, name, content=page(language)))
    return files


def main() -> None:
    for language, path in NOTEBOOKS.items():
        nbformat.write(notebook(language), path)


if __name__ == "__main__":
    main()
