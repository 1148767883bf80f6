"""The changes to Gradio's scripts: each finds its place, and what it replaces did the same."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import gradio as gr
import pytest

from page.server.patches.gradio_scripts import CHANGES, changed

ASSETS = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
ALL = [(name, *change) for name, changes in CHANGES.items() for change in changes]
FIND = next(change for change in CHANGES["core-"] if change[0].startswith("find_attached_events"))

BOTH = """
const found = (method) => {
  const finder = eval(`new (class { ${method} })()`);
  return [...Array(22).keys()].map((id) => {
    const node = { id, props: { shared_props: {} } };
    return finder.find_attached_events(node, events).props.shared_props.attached_events;
  });
};
console.log(JSON.stringify(finders.map(found)));
"""


@pytest.mark.parametrize("change", ALL, ids=[old[:40] for _, old, _ in ALL])
def test_a_change_finds_its_place_once(change):
    name, old, new = change
    scripts = [path for path in ASSETS.glob(f"{name}*.js") if old in path.read_text("utf-8")]
    assert len(scripts) == 1, "another release of Gradio: see what its script does now"
    own = scripts[0].read_text("utf-8")
    assert own.count(old) == 1
    assert new in changed(f"/assets/{scripts[0].name}", own.encode()).decode()


def test_other_files_stay_as_they_are_and_so_does_one_without_one_of_its_places():
    (core,) = ASSETS.glob("core-*.js")
    script = core.read_bytes()
    for path in ("/assets/other-Bdx9080F.js", f"/assets/{core.stem}.css", f"/{core.name}", "/"):
        assert changed(path, script) == script
    other = script.replace(FIND[0].encode(), b"")
    assert changed(f"/assets/{core.name}", other) == other


def test_the_events_of_a_component_are_found_as_gradio_finds_them():
    """Both run in Node, on events with several targets, with the same one twice, and with none."""
    chosen = random.Random(0)
    events = [
        {"targets": [[chosen.randrange(20), chosen.choice(["click", "change", None])]
                     for _ in range(chosen.randrange(5))]}
        for _ in range(60)
    ]  # fmt: skip
    given = f"const events = {json.dumps(events)}, finders = {json.dumps(FIND)};"
    done = subprocess.run(["node", "-e", given + BOTH], capture_output=True, text=True, check=True)
    own, new = json.loads(done.stdout)
    assert own == new and sum(map(len, own)) > 50
