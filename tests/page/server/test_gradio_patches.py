"""The page starts only with a Gradio that its patches fit."""

from __future__ import annotations

import os
import subprocess
import sys

import gradio as gr
import pytest
import safehttpx
from gradio import processing_utils, route_utils
from gradio.state_holder import SessionState

from ddpm.patching import PatchError
from devtools import ROOT
from page.server import gradio_patches

REPLACED = [
    (SessionState, "__init__"),
    (SessionState, "__setitem__"),
    (SessionState, "_update_config"),
    (SessionState, "_update_value_in_config"),
    (processing_utils, "async_ssrf_protected_download"),
    (safehttpx, "async_validate_url"),
    (route_utils.GradioMultiPartParser, "on_headers_finished"),
]
each = pytest.mark.parametrize("owner, name", REPLACED, ids=[name for _, name in REPLACED])


@each
def test_the_target_is_replaced(owner, name):
    assert getattr(owner, name).__module__ == gradio_patches.__name__
    gradio_patches.apply()  # the replacement has the signature of the original


@each
def test_without_its_target_a_patch_fails(monkeypatch, owner, name):
    monkeypatch.delattr(owner, name)
    with pytest.raises(PatchError, match=rf"{name} (is missing|takes)"):
        gradio_patches.apply()


@each
def test_with_another_signature_a_patch_fails(monkeypatch, owner, name):
    monkeypatch.setattr(owner, name, lambda self, key, something_new: None)
    with pytest.raises(PatchError, match=rf"{name} takes \(self, key, something_new\)"):
        gradio_patches.apply()


@pytest.mark.app
@pytest.mark.parametrize(
    "name", ["async_ssrf_protected_download", "SessionState._update_value_in_config"]
)
def test_the_page_does_not_start_if_a_target_is_renamed(name):
    program = (
        "import gradio, gradio.state_holder, gradio.processing_utils as owner\n"
        f"path = {name!r}.split('.')\n"
        "owner = getattr(gradio.state_holder, path[0]) if path[1:] else owner\n"
        "owner.renamed = getattr(owner, path[-1])\n"
        "delattr(owner, path[-1])\n"
        "import page.__main__\n"
        "print('started')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 1 and "started" not in run.stdout
    last = run.stderr.strip().splitlines()[-1]
    assert f"{name} is missing" in last and f"gradio {gr.__version__} is installed" in last


@pytest.mark.parametrize("name", ["pending_event_ids_session", "pending_messages_per_session"])
def test_without_its_queue_the_page_does_not_start(name):
    with gr.Blocks() as page:
        gr.Button()
    page.queue()
    delattr(page._queue, name)
    with pytest.raises(PatchError, match=rf"Queue\.{name} is missing"):
        gradio_patches.bound_queue(page)
