"""The server's test of itself passes, and fails as soon as one protection is no longer called."""

import asyncio

import gradio as gr
import pytest
from gradio import processing_utils, routes

from ddpm.patching import PatchError
from page.server import self_test
from page.server.patches import gradio_uploads
from page.server.requests import gate


def check(enclosed: bool = True) -> None:
    """As the server's start does, for a page with one listener outside the queue."""
    with gr.Blocks() as page:
        gr.Button().click(lambda text: text, gr.Textbox(), gr.Textbox(), queue=False)
    page.queue(api_open=False)
    page.max_file_size = None  # which launch() would set
    app = routes.App.create_app(page)
    app.middleware_stack = app.build_middleware_stack()  # as Starlette's own start does

    async def start():
        async with app.router.lifespan_context(app):
            if enclosed:
                gate.enclose(app, "<p></p>")
            await self_test.check(app, page, gradio_uploads.UPLOADS.bytes_of)

    asyncio.run(start())


def test_a_server_with_its_protections_passes():
    check()


def test_without_its_gate_it_does_not_start():
    with pytest.raises(PatchError, match="unknown paths"):
        check(enclosed=False)


def test_it_does_not_start_if_addresses_are_fetched(monkeypatch):
    async def fetched(url, cache_dir):
        return __file__

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_download", fetched)
    with pytest.raises(PatchError, match="in place of a file"):
        check()


def test_it_does_not_start_if_uploads_are_not_counted(monkeypatch):
    monkeypatch.setattr(routes, "upload_fn", gradio_uploads._upload)
    with pytest.raises(PatchError, match="aren't counted"):
        check()
