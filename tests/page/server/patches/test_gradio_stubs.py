"""Gradio makes its components without writing a stub for each, and none of what is replaced may be
missing."""

import subprocess
import sys

import gradio as gr
import pytest

from devtools import ROOT

PROGRAM = """
import page.server.patches.gradio_stubs
import ast
ast.get_source_segment = None  # what finds a component's class, to write its stub: fails if called
import gradio
with gradio.Blocks():
    box = gradio.Textbox("kept")
    box.change(print, box)
print(box.value)

from gradio.state_holder import SessionState
SessionState.renamed = SessionState._update_value_in_config
del SessionState._update_value_in_config
import page.layout
print("started")
"""


@pytest.fixture(scope="module")
def run():
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def test_components_are_whole_and_no_source_is_read(run):
    assert run.stdout == "kept\n", run.stderr


def test_the_page_does_not_start_if_a_target_is_renamed(run):
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert "SessionState._update_value_in_config is missing" in last
    assert f"gradio {gr.__version__} is installed" in last
