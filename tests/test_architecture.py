"""What may import what: the tables of docs/ARCHITECTURE.md, and the parts of the repository."""

import ast
import re
import subprocess
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from devtools import ROOT

# From the bottom up: a row may import those above it. Within a row, only cycles are forbidden.
CORE = [
    {"settings", "config", "presets", "patching", "devices", "files", "hub", "processes", "shown"},
    {"schedules"},
    {"networks"},
    {"data"},
    {"diffusion"},
    {"checkpoint"},
    {"sampling"},
    {"evaluation"},
    {"training"},
    {"systems"},
    {"figures"},
    {"exchange", "notebook"},
    {"commands"},
    {"__init__", "__main__"},
]
# From the top down: a floor may import those below it, and the core.
FLOORS = [
    {"__main__", "static"},
    {"layout"},
    {"workshop"},
    {"tabs"},
    {"models"},
    {"widgets"},
    {"compute"},
    {"jobs"},
    {"server"},
    {"in_browser", "texts"},
    {"__init__"},
]
# The same for the rooms of page/server, and the files that stand before them.
ROOMS = [
    {"serve"},
    {"shutdown", "self_test"},
    {"requests"},
    {"monitoring"},
    {"files"},
    {"patches"},
    {"listeners"},
    {"visitors"},
    {"machine"},
    {"limits", "event_log", "refusal", "work"},
    {"__init__"},
]
SOURCES = {".py", ".js", ".css", ".html"}
# Which other parts each part of the repository may import.
PARTS = {
    "app": {"page"},
    "ddpm": set(),
    "page": {"ddpm"},
    "deploy": set(),  # uploads the others as files
    "devtools": {"ddpm", "page", "deploy"},
    "tests": {"app", "ddpm", "page", "deploy", "devtools", "docs"},
    "benchmarks": {"app", "ddpm", "page", "deploy", "devtools"},
    "docs": {"app", "ddpm", "page", "deploy", "devtools"},
}


def python_files() -> list[Path]:
    """All files that git tracks or would track, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return sorted(Path(name) for name in listed.splitlines() if (ROOT / name).is_file())


FILES = python_files()


def files_of(*parts: str) -> list[Path]:
    return [path for path in FILES if path.parts[: len(parts)] == parts]


@cache
def imported(path: Path) -> frozenset[str]:
    """Every module that a file imports."""
    return frozenset(imports((ROOT / path).read_text("utf-8"), path.parts[:-1]))


def imports(source: str, package: tuple[str, ...]) -> set[str]:
    """What a file of a package imports, also in functions: `a.b` for `from a import b`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = [*above, node.module] if node.module else above
            found |= {".".join([*module, alias.name]) for alias in node.names}
    return found


def row_of(path: Path, package: str, rows: list[set[str]]) -> int:
    """The number of the row that a file of a package lies in."""
    name = Path(path.parts[package.count(".") + 1]).stem
    found = [k for k, row in enumerate(rows) if name in row]
    assert found, f"{path} is in no row of the table: say where it belongs"
    return found[0]


def rows_imported(path: Path, package: str, rows: list[set[str]]) -> set[int]:
    below = [name for name in imported(path) if name.startswith(f"{package}.")]
    names = {name.split(".")[package.count(".") + 1] for name in below}
    unknown = names - set().union(*rows)
    assert not unknown, f"{path} imports {unknown} of {package}, which no row of the table has"
    return {k for k, row in enumerate(rows) if names & row}


def dependencies(package: str) -> dict[Path, set[Path]]:
    """For each file of a package, the files of the package that it imports."""
    files = {}
    for path in files_of(package):
        parts = path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts
        files[".".join(parts)] = path

    def file_of(name: str) -> Path | None:  # an imported name is a module or belongs to one
        return files.get(name) or files.get(name.rpartition(".")[0])

    return {
        path: {found for name in imported(path) if (found := file_of(name))} - {path}
        for path in files.values()
    }


def test_every_form_of_import_is_found():
    source = (
        "import a.b, c\nfrom d import e\nfrom ddpm import f\nfrom . import g\nfrom .h import i\n"
        "from ..k import l\ndef late():\n    from ddpm.j import m as n\n"
    )
    assert imports(source, ("ddpm", "deep")) == {
        "a.b", "c", "d.e", "ddpm.f", "ddpm.deep.g", "ddpm.deep.h.i", "ddpm.k.l", "ddpm.j.m",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("package", "rows"), [("ddpm", CORE[::-1]), ("page", FLOORS), ("page.server", ROOMS)]
)
def test_a_package_floor_or_room_imports_those_below_it(package, rows):
    for path in files_of(*package.split(".")):
        own = row_of(path, package, rows)
        assert min(rows_imported(path, package, rows), default=own) >= own, path
        assert package not in imported(path), path  # would bypass the table


def test_no_tab_imports_another():
    """What passes between tabs passes through page/layout.py."""
    across = []
    for path in files_of("page", "tabs"):
        tabs = {name.split(".")[2] for name in imported(path) if name.startswith("page.tabs.")}
        across += [path] if tabs - {path.parts[2]} else []
    assert across == []


def test_tabs_and_widgets_name_no_model():
    """They ask it: page/models/base.py says what. Its sentences are in page/texts."""
    names = re.compile("unclip|imagen|cascade|student|by_words", re.IGNORECASE)
    folders = (ROOT / "page" / floor for floor in ("tabs", "widgets"))
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in SOURCES]
    assert [path for path in files if names.search(path.read_text("utf-8"))] == []


def test_a_data_set_is_asked_for_by_name():
    """Only captions, which are about garments, name the one that they are of."""
    naming = {path.as_posix() for path in FILES if "fashion_mnist" in str(imported(path))}
    core = {"ddpm/__init__.py", "ddpm/data/__init__.py", "ddpm/data/captions.py"}
    assert {path for path in naming if path.startswith(("ddpm/", "page/"))} == core


def test_no_folder_of_generate_imports_one_that_imports_it():
    """Nor what concerns the whole tab, which stands beside the folders."""
    tab, arrows = ("page", "tabs", "generate"), {}
    for path, found in dependencies("page").items():
        if path.parts[:3] == tab and len(path.parts) == 5:
            within = {each.parts[3] for each in found if each.parts[:3] == tab}
            arrows.setdefault(path.parts[3], set()).update(within - {path.parts[3]})
    TopologicalSorter(arrows).prepare()  # raises CycleError with the cycle
    assert [name for found in arrows.values() for name in found if name.endswith(".py")] == []


def test_a_part_of_the_repository_imports_only_what_it_may():
    wrong = []
    for path in FILES:
        part = Path(path.parts[0]).stem
        assert part in PARTS, f"{path} is in no row of the table: say what it may import"
        roots = {name.split(".")[0] for name in imported(path)}
        allowed = PARTS[part] | ({part} if part != "tests" else set())  # no test imports another
        wrong += [(path, found) for found in (roots & PARTS.keys()) - allowed]
        if "gradio" in roots and part not in ("page", "tests"):
            wrong.append((path, "gradio"))
    assert wrong == []


@pytest.mark.parametrize("package", ["ddpm", "page"])
def test_there_is_no_import_cycle(package):
    TopologicalSorter(dependencies(package)).prepare()  # raises CycleError with the cycle
