"""The page starts only with a Gradio that its patches fit."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from unittest.mock import AsyncMock

import gradio as gr
import pytest
import safehttpx
from gradio import processing_utils, queueing, route_utils, routes, utils
from gradio.blocks import Blocks
from gradio.queueing import Queue
from gradio.state_holder import SessionState, StateHolder
from gradio_client import Client
from gradio_client import utils as client_utils

from ddpm.patching import PatchError
from devtools.visit import in_both_languages
from page.server.patches import (
    gradio_patches,
    gradio_queue,
    gradio_sessions,
    gradio_updates,
    gradio_uploads,
)

REPLACED = [
    (gradio_patches, SessionState, "__init__"),
    (gradio_patches, SessionState, "_update_config"),
    (gradio_patches, SessionState, "_update_value_in_config"),
    (gradio_patches, processing_utils, "async_ssrf_protected_download"),
    (gradio_patches, safehttpx, "async_validate_url"),
    (gradio_patches, client_utils, "async_traverse"),
    (gradio_updates, Blocks, "postprocess_data"),
    (gradio_updates, SessionState, "__setitem__"),
    (gradio_updates, utils, "get_type_hints"),
    (gradio_sessions, StateHolder, "__getitem__"),
    (gradio_sessions, route_utils, "compile_gr_request"),
    (gradio_queue, Queue, "push"),
    (gradio_uploads, routes, "upload_fn"),
    (gradio_uploads, route_utils.GradioMultiPartParser, "on_headers_finished"),
    (gradio_uploads, route_utils.FileUploadProgress, "stop_tracking"),
    (gradio_uploads, route_utils.FileUploadProgress, "is_tracked"),
]
each = pytest.mark.parametrize("patches, owner, name", REPLACED, ids=[row[2] for row in REPLACED])


@each
def test_the_target_is_replaced(patches, owner, name):
    assert getattr(owner, name).__module__ == patches.__name__
    patches.apply()  # the replacement has the signature of the original


@each
def test_without_its_target_a_patch_fails(monkeypatch, patches, owner, name):
    monkeypatch.delattr(owner, name)
    with pytest.raises(PatchError, match=rf"{name} (is missing|takes)"):
        patches.apply()


@each
def test_with_another_signature_a_patch_fails(monkeypatch, patches, owner, name):
    monkeypatch.setattr(owner, name, lambda self, key, something_new: None)
    with pytest.raises(PatchError, match=rf"{name} takes \(self, key, something_new\)"):
        patches.apply()


@pytest.mark.parametrize(
    "name",
    [
        "pending_event_ids_session",
        "pending_messages_per_session",
        "event_ids_to_events",
        "sleep_when_free",
    ],
)
def test_without_its_queue_the_page_does_not_start(name):
    with gr.Blocks() as page:
        gr.Button()
    page.queue()
    delattr(page._queue, name)
    with pytest.raises(PatchError, match=rf"Queue\.{name} is missing"):
        gradio_queue.follow(page)


def test_an_idle_queue_looks_for_events_two_hundred_times_a_second_at_most(monkeypatch):
    """Each look makes a thread that computes stop: Gradio's are a thousand a second."""
    looks = 0

    def count(queue):
        nonlocal looks
        looks += 1
        return 0

    with gr.Blocks() as page:
        gr.Button()
    page.queue()
    gradio_queue.follow(page)
    monkeypatch.setattr(Queue, "__len__", count)

    async def idle():
        task = asyncio.create_task(page._queue.start_processing())
        await asyncio.sleep(0.3)
        task.cancel()

    asyncio.run(idle())
    assert 1 <= looks <= 0.3 * 200 + 1


def test_the_files_of_an_event_are_checked_in_turns():
    """While thousands of files are checked, the event loop answers others."""
    files = [{"path": f"{k}", "meta": {"_type": "gradio.FileData"}} for k in range(1000)]
    checked, seen = 0, []

    async def check(file):
        nonlocal checked
        checked += 1
        return file["path"]

    async def others():
        while checked < len(files):
            seen.append(checked)
            await asyncio.sleep(0)

    async def both_at_once():
        traversal = client_utils.async_traverse(
            {"data": [files]}, check, client_utils.is_file_obj_with_meta
        )
        return (await asyncio.gather(traversal, others()))[0]

    assert asyncio.run(both_at_once()) == {"data": [[file["path"] for file in files]]}
    assert max(after - before for before, after in pairwise(seen)) <= 2


def test_a_file_deep_in_folders_is_not_looked_for():
    """Gradio would look at each of them, several times."""
    file = {"path": "/a" * 2000, "meta": {"_type": "gradio.FileData"}}
    looked = AsyncMock()
    with pytest.raises(gr.Error):
        asyncio.run(client_utils.async_traverse([file], looked, client_utils.is_file_obj_with_meta))
    looked.assert_not_called()


def test_the_sender_of_an_event_is_known():
    """In a generator too, which is resumed in other threads."""
    assert gradio_patches.sender() == ("", "")
    senders = []

    def listener():
        for _ in range(2):
            senders.append(gradio_patches.sender())
            yield "answer"

    with gr.Blocks() as page:
        gr.on([], listener, None, gr.Textbox(), api_name="listener")
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
    try:
        client = Client(url, verbose=False)
        assert client.predict(api_name="/listener") == "answer"
    finally:
        page.close(verbose=False)
    assert senders == [("127.0.0.1", client.session_hash)] * 2


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("can't start new thread"),
        MemoryError(),
        asyncio.CancelledError(),
        AssertionError("x"),
    ],
)
def test_a_fault_of_the_server_is_said_in_both_languages(error):
    for module in (utils, queueing):
        assert in_both_languages(module.error_payload(error, True)["error"])


@pytest.mark.parametrize("queue", [True, False])
def test_a_value_of_another_kind_gets_a_sentence_and_not_pythons_words(queue):
    known = {"a": "1"}
    with gr.Blocks() as page:
        value, found = gr.JSON(), gr.Textbox()
        for name, look in (("hash", known.get), ("find", known.__getitem__), ("cut", str.split)):
            gr.on(
                fn=lambda x, look=look: look(x),
                inputs=value,
                outputs=found,
                api_name=name,
                queue=queue,
            )
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, show_error=True)
    try:
        client = Client(url, verbose=False)
        for name, wrong in (("hash", {}), ("find", [1]), ("find", "b"), ("cut", {"a": 1})):
            with pytest.raises(Exception, match=r"make sense of a value.*<br>服务器无法理解"):
                client.predict(wrong, api_name=f"/{name}")
        assert client.predict("a", api_name="/hash") == "1"
    finally:
        page.close(verbose=False)
