"""A program as a Jupyter notebook."""

import json

HEAD = "Needs the package `ddpm`: run `pip install .` in the project's folder first."


def notebook(program: str) -> str:
    """JSON of nbformat 4: a cell for each part of the program, as empty lines separate them."""
    parts = [part for part in program.strip().split("\n\n") if part.strip()]
    cells = [_cell("markdown", HEAD), *(_cell("code", part) for part in _joined(parts))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _joined(parts: list[str]) -> list[str]:
    """The imports are one cell."""
    first = [part for part in parts if part.lstrip().startswith(("import ", "from "))]
    return ["\n\n".join(first), *parts[len(first) :]]


def _cell(kind: str, text: str) -> dict:
    lines = text.strip("\n").splitlines(keepends=True)
    cell = {"cell_type": kind, "metadata": {}, "source": lines}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
