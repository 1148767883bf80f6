"""The server as its host sees it: health, log, a graceful shutdown, a taken port."""

import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace

import gradio as gr
import httpx
from gradio.state_holder import SessionState
from gradio_client import Client

import ddpm
from devtools import ROOT
from page.layout import build
from page.server.limits import LIMITS
from page.server.patches import gradio_patches, gradio_queue
from page.server.visitors import visitors


def files(app):
    return {path for path in app.files.rglob("*") if path.is_file()}


def test_a_server_from_start_to_shutdown(own_app):
    """Sample, then SIGTERM while two train and one waits: each gets a last report, models are kept,
    files go, and the exit code is 0.
    """
    of_the_page = files(own_app)
    clients = [Client(own_app.url, verbose=False, analytics_enabled=False) for _ in range(3)]
    clients[0].predict(count=1, steps=2, api_name="/generate")
    made = {path.suffix for path in files(own_app) - of_the_page}
    assert made == {".png", ".gif", ".safetensors"}  # the last for a figure of the film
    small = {"dim": 8, "batch_size": 8, "steps": 10_000}
    jobs = [client.submit(**small, api_name="/train") for client in clients]
    phases = []
    while sorted(phases) != ["training", "training", "waiting"]:
        time.sleep(0.2)
        phases = [job.outputs()[-1][0]["phase"] for job in jobs if job.outputs()]
    state = own_app.health()
    assert state["status"] == "ok" and state["uptime_s"] > 0 and state["memory_bytes"] > 1e8
    assert state["training"] == {"at_work": 2, "waiting": 1}
    assert state["sampling"] == {"at_work": 0, "waiting": 0}

    clients[0].submit(count=1, steps=1000, sampler="ddpm", api_name="/generate")
    while not own_app.health()["sampling"]["at_work"]:
        time.sleep(0.1)
    deep_link = f"{own_app.url}/gradio_api/deep_link?session_hash={clients[0].session_hash}"
    assert httpx.get(deep_link, timeout=60).status_code == 404  # Gradio's own would leave a file

    own_app.process.send_signal(signal.SIGTERM)
    assert own_app.process.wait(30) == 0
    assert not own_app.files.exists() and not [*own_app.files.parent.glob("page-*")]
    phases = sorted(job.outputs()[-1][0]["phase"] for job in jobs)
    assert phases == ["left", "stopped", "stopped"]
    kept = [ddpm.load_checkpoint(path) for path in (own_app.folder / "runs/page").iterdir()]
    assert len(kept) == 2 and all(0 < model.info["steps"] < 10_000 for model in kept)
    written = own_app.log.read_text()
    assert "Traceback" not in written
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    events = [line for line in lines if "logger" not in line]  # the page's own
    assert [line["event"] for line in events if line["event"] not in ("train", "sample")] == [
        "started", "ending", "kept", "ended",
    ]  # fmt: skip
    sampled = [line for line in events if line["event"] == "sample"]
    assert [line["asked"]["steps"] for line in sampled] == [2, 1000]
    assert [line["ended"] for line in sampled] == ["done", "out_of_time"]
    ended = sorted(line["ended"] for line in events if line["event"] == "train")
    assert ended == ["left", "stopped", "stopped"]


def test_a_visit_takes_little_memory_and_none_for_what_it_was_shown():
    """Gradio makes a new component for each update and stores its value, as is done here."""
    page = build()
    view = next(part for part in page.blocks.values() if part.elem_id == "generate-view")
    numbers = set(SessionState(page).blocks_config.blocks)
    tracemalloc.start()
    visits = [SessionState(page) for _ in range(20)]
    for k in range(20):
        for state in visits:
            state[view._id] = gr.HTML(render=False)
            state._update_config(view._id)
            state._update_value_in_config(state[view._id]._id, f"film {k}" * 10_000)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(set(state.blocks_config.blocks) == numbers for state in visits)
    assert grown / len(visits) < 25_000  # one film has 60,000


def test_old_sessions_and_deleted_files_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    (shown := tmp_path / "shown.txt").write_text("a")
    with gr.Blocks() as page:
        ask, file = gr.Button(), gr.File()
        ask.click(lambda: str(shown), outputs=file, api_name="ask")
    page.queue()
    monkeypatch.setattr(visitors, "LIMITS", replace(LIMITS, sessions=12))  # 3 of each address
    monkeypatch.setattr(visitors.VISITORS, "sessions", {})
    gradio_queue.follow(page)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
    for _ in range(4):
        Client(url, verbose=False, analytics_enabled=False).predict(api_name="/ask")
    assert len(page._queue.pending_event_ids_session) == 3
    assert len(page._queue.pending_messages_per_session) == 3
    names = {name for names in page.temp_file_sets for name in names}
    assert names
    gradio_patches.forget_deleted_files(page)
    assert names == {name for names in page.temp_file_sets for name in names}
    for name in names:
        os.remove(name)
    gradio_patches.forget_deleted_files(page)
    assert not any(page.temp_file_sets)
    page.close(verbose=False)


def test_a_taken_port_is_named(app_url):
    port = app_url.rsplit(":", 1)[1]
    run = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | {"GRADIO_SERVER_PORT": port, "GRADIO_SERVER_NAME": "127.0.0.1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert f"port {port} is taken" in run.stderr and "--port 7870" in run.stderr
