"""/metrics, read by Prometheus' own parser, from a server at work."""

import asyncio
import sys
from subprocess import PIPE

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from devtools.honest_visitor import visit
from devtools.server import running_app
from devtools.visitors import Refused
from page.server.monitoring import health, metrics

pytestmark = [pytest.mark.app, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def app(tiny_checkout):
    with running_app(tiny_checkout, DDPM_METRICS_FOR="127.0.0.1, 127.0.0.3") as app:
        yield app


def scraped(url: str) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and the values of its labels, sorted by their names."""
    answer = httpx.get(f"{url}/metrics", timeout=120).raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def draw_and_train(url: str) -> dict:
    """What is to be read while a training runs, after a drawing and a refusal."""
    async with visit(url) as visitor:
        async for _ in visitor.run("sample"):
            pass
        training = visitor.run("show_run", {"train-steps": 20_000, "train-dim": 8})
        async for what, message in training:
            if what == "process_generating" and b"training" in message:
                break
        with pytest.raises(Refused, match="404"):
            await visitor.http.ask("GET", "/nowhere")
        during = await asyncio.to_thread(scraped, url)
        await visitor.at_once("ask_to_stop")
        return during


def test_what_happens_is_counted(app):
    before = scraped(app.url)
    assert not [name for name, *_ in before if name == "ddpm_run_seconds_count"]
    during = asyncio.run(draw_and_train(app.url))
    assert during["ddpm_visitors", "pages"] == 1
    assert during["ddpm_visitors", "sessions"] == 1
    assert during["ddpm_runs", "training", "at_work"] == 1
    assert during["ddpm_runs", "training", "waiting"] == 0
    assert during["ddpm_runs", "sampling", "at_work"] == 0
    assert during["ddpm_run_seconds_count", "done", "sample"] == 1
    assert during["ddpm_run_seconds_sum", "done", "sample"] > 0
    assert during["ddpm_run_waited_seconds_count", "sample"] == 1
    assert during["ddpm_run_batch_pictures_sum", "sample"] == 16
    missed = "ddpm_answers_total", "404"
    assert during[missed] == before.get(missed, 0) + 1
    assert during["ddpm_ending",] == 0
    memory = app.process.memory_info().rss
    assert during["process_resident_memory_bytes",] == pytest.approx(memory, rel=0.5)


def test_a_visitor_behind_a_proxy_can_not_read_it(app):
    forwarded = {"X-Forwarded-For": "9.9.9.9"}
    assert httpx.get(f"{app.url}/metrics", headers=forwarded, timeout=120).status_code == 404


def test_another_machine_can_not_read_it_unless_it_is_listed(app):
    for address, status in (("127.0.0.2", 404), ("127.0.0.3", 200)):
        elsewhere = httpx.HTTPTransport(local_address=address)
        with httpx.Client(transport=elsewhere, timeout=120) as client:
            assert client.get(f"{app.url}/metrics").status_code == status
    unless_told = metrics.READERS
    assert "127.0.0.1" in unless_told and "127.0.0.3" not in unless_told


def test_processes_besides_the_pages_are_counted():
    child = psutil.Popen([sys.executable, "-c", "x = b'x' * 50_000_000; input()"], stdin=PIPE)
    try:
        while child.memory_full_info().uss < 50e6:
            pass
        health.check()
        found = health.state()["processes"]
    finally:
        child.kill()
        child.wait()
    assert found["count"] >= 1 and found["memory_bytes"] > 50e6
