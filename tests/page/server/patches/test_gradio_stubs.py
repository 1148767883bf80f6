"""Gradio makes its components without writing a stub for each."""

from __future__ import annotations

import subprocess
import sys

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
"""


def test_components_are_whole_and_no_source_is_read():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "kept\n", done.stderr
