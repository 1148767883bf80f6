"""What Gradio does once its patches are there."""

import asyncio
from contextlib import closing
from itertools import pairwise
from operator import itemgetter
from unittest.mock import AsyncMock, Mock

import gradio as gr
import pytest
from gradio import queueing, utils
from gradio.queueing import Queue
from gradio_client import Client
from gradio_client import utils as client_utils

from devtools.visit import in_both_languages
from page.server.patches import gradio_patches, gradio_queue


def test_an_idle_queue_looks_for_events_two_hundred_times_a_second_at_most(monkeypatch):
    """Each look makes a thread that computes stop: Gradio's are a thousand a second."""
    looks = Mock(return_value=0)
    with gr.Blocks() as page:
        gr.Button()
    page.queue()
    gradio_queue.follow(page)
    monkeypatch.setattr(Queue, "__len__", looks)
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(asyncio.wait_for(page._queue.start_processing(), 0.3))
    assert 1 <= looks.call_count <= 0.3 * 200 + 1


@pytest.mark.anyio
async def test_the_files_of_an_event_are_checked_in_turns():
    """While thousands of files are checked, the event loop answers others."""
    files = [{"path": f"{k}", "meta": {"_type": "gradio.FileData"}} for k in range(1000)]
    check, seen = AsyncMock(side_effect=itemgetter("path")), []

    async def others():
        while check.await_count < len(files):
            seen.append(check.await_count)
            await asyncio.sleep(0)

    traversal = client_utils.async_traverse(
        {"data": [files]}, check, client_utils.is_file_obj_with_meta
    )
    found, _ = await asyncio.gather(traversal, others())
    assert found == {"data": [[file["path"] for file in files]]}
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
    assert gradio_patches.sender_address() == ""
    senders = []

    def listener():
        for _ in range(2):
            senders.append(gradio_patches.sender_address())
            yield "answer"

    with gr.Blocks() as page:
        gr.on([], listener, None, gr.Textbox(), api_name="listener")
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
    with closing(page):
        client = Client(url, verbose=False)
        assert client.predict(api_name="/listener") == "answer"
    assert senders == ["127.0.0.1"] * 2


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
            gr.on(None, lambda x, look=look: look(x), value, found, api_name=name, queue=queue)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, show_error=True)
    with closing(page):
        client = Client(url, verbose=False)
        for name, wrong in (("hash", {}), ("find", [1]), ("find", "b"), ("cut", {"a": 1})):
            with pytest.raises(Exception, match=r"make sense of a value.*<br>服务器无法理解"):
                client.predict(wrong, api_name=f"/{name}")
        assert client.predict("a", api_name="/hash") == "1"
