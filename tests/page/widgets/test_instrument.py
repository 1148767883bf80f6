"""Instruments: what the factory builds, and that every sentence that a script uses exists."""

import re
from pathlib import Path

import gradio as gr
import pytest

import page
from ddpm.sampling.samplers import ALL_SAMPLERS
from page.texts import TEXTS
from page.widgets.walk import walk

ROOT = Path(page.__file__).parent
NAMES = re.compile(r"""(?:data-(?:say|label|alt)=|\b(?:say|label): )(["`])(.*?)\1""")
SAYS = re.compile(r"""(?<!function )\bsay\((?:(["`])(.*?)\1|(.*?)[,)])""")


@pytest.fixture(scope="module")
def instruments(built):
    """Every instrument of the page, by element id."""
    blocks = built.blocks.values()
    found = {block.elem_id: block for block in blocks if isinstance(block, gr.HTML)}
    # on the page if the student is
    return {"walk-view": walk.view("walk-view", "walk", {}, ())} | found


def keys_used(script: str) -> set[str]:
    """The keys passed to `say`, by an element too, as patterns in which ${…} matches anything."""
    keys = {key for _, key, _ in SAYS.findall(script)} | {key for _, key in NAMES.findall(script)}
    return {re.sub(r"\$\{.*?\}", ".+", key) for key in keys if key}


def test_every_instrument_is_made_by_the_factory(instruments):
    pages = {file.with_suffix(".html") for file in ROOT.rglob("*.js")}
    scripts = [file for file in pages if file.exists()]  # the others are parts of several
    # some are used twice
    used = {made.js_on_load for made in instruments.values()}
    assert len(scripts) == len(used) and all("function say(" in script for script in used)


def test_every_sentence_of_a_script_exists(instruments):
    """Those of the points are fetched when they are opened; the static edition has its own."""
    points = {file.name: file for file in (ROOT / "widgets" / "points" / "modules").glob("*.js")}
    scripts = {name: made.html_template + made.js_on_load for name, made in instruments.items()}
    scripts |= {name: file.read_text("utf-8") for name, file in points.items()}
    scripts["static"] = (ROOT / "static" / "index.html").read_text("utf-8")
    for name, script in scripts.items():
        for pattern in keys_used(script):
            assert any(re.fullmatch(pattern, key) for key in TEXTS), (name, pattern)


def test_keys_are_literals(instruments):
    """So that the test above finds them. The others are looked up or come from Python."""
    scripts = "".join(made.js_on_load for made in instruments.values())
    assert {other for _, _, other in SAYS.findall(scripts)} == {
        "", "figure", "named", "own", "props.examples[k]", "props.named",
    }  # fmt: skip


def test_every_key_in_python_exists():
    used = set()
    for file in ROOT.rglob("*.py"):
        used |= set(re.findall(r'\b(?:text|both)\("(\w+)"\)', file.read_text("utf-8")))
    assert len(used) > 30
    assert used <= set(TEXTS)


def test_every_sampler_has_its_equation():
    """Without their names, no page is built."""
    assert {f"generate_equation_{name}" for name in ALL_SAMPLERS} <= set(TEXTS)
