"""Networks in processes of their own: the same pictures, and what happens when one dies."""

import asyncio
import signal
import time
from dataclasses import replace
from multiprocessing import managers
from unittest.mock import Mock

import gradio as gr
import numpy as np
import psutil
import pytest
import torch

import ddpm
import page.compute
from devtools import faults, worker_kills
from devtools.honest_visitor import visit
from devtools.server import running_app
from devtools.visit import ASKED, RECIPE, VISITOR, in_both_languages
from devtools.visitors import Refused
from page.compute import this_process, worker, workers
from page.compute.worker import Ended, Worker
from page.compute.workers import Workers
from page.models import registry
from page.models.registry import Request, begun
from page.server.limits import Limits
from page.tabs.train import run as training
from page.tabs.train.recipe import Recipe
from page.texts import Refusal
from page.widgets.sketch_pad import pad

OWN_BYTES = 100e6  # that a worker shares with no other; its imports alone would be 150e6


@pytest.fixture(scope="module")
def compute():
    """Workers, as the page has them."""
    found = Workers()
    yield found
    found._sampler.close()


@pytest.fixture
def sampler(compute):
    """The process that samples, or one for a test that it ends."""
    found = Worker(workers.SAMPLES)
    yield found
    found.close()


def process_of(its: Worker) -> psutil.Process:
    return psutil.Process(its._started.result(60).process.pid)


def limits(monkeypatch, **changes):
    monkeypatch.setattr(worker, "LIMITS", Limits(**changes))


# ------------------------------------------------------------------ the same as in this process


@pytest.mark.parametrize(
    "asked",
    [
        {"model": "shipped", "guidance": 2.0},
        {"model": "shipped", "sampler": "ddpm", "picture": pad.garment(9), "noise": 400},
        {"model": "student", "sampler": "consistency", "steps": 2},
        {"model": "cascade", "steps": 4},
        {"model": "words", "steps": 4, "words": "a red boot"},
        {"model": "unclip", "steps": 3, "words": "a dark boot"},
    ],
    ids=lambda asked: asked["model"],
)
def test_pictures_are_the_same_bit_for_bit(compute, asked):
    request = Request(**ASKED | {"count": 2, "steps": 3} | asked)
    system = request.kind.load(None)
    request = request.kind.suited(request, system)
    x, far = compute.trajectory(begun, system, request)
    here_x, near = begun(system, request)
    assert torch.equal(x, here_x)
    count = 0
    for mine, step in zip(far, near, strict=True):
        count += 1
        assert type(mine) is type(step) and (mine.i, mine.t) == (step.i, step.t)
        assert torch.equal(mine.x, step.x) and torch.equal(mine.x_start, step.x_start)
        if hasattr(step, "tell"):
            assert torch.equal(mine.before, step.before) and mine.tell() == step.tell()
    assert count == request.steps


def test_those_of_a_model_that_was_trained_too_and_of_a_batch(compute, tiny_checkout):
    own = compute.load(tiny_checkout / "checkpoints/fashion_mnist.safetensors")
    requests = [Request(**ASKED | {"model": "trained", "seed": seed}) for seed in (1, 9)]
    near = begun(this_process.faster(own), *requests)[1]
    for mine, step in zip(compute.trajectory(begun, own, *requests)[1], near, strict=True):
        assert torch.equal(mine.x, step.x) and len(mine.x) == 2 * ASKED["count"]


@pytest.mark.parametrize(
    "error",
    [gr.Error("No<br>不"), Refusal("words_too_many", most=3), ValueError("no"),
     ddpm.TrainingDiverged("no"), OSError(28, "no")],
)  # fmt: skip
def test_errors_come_back_with_their_type_and_words(compute, error):
    steps = compute._sampler.stream(faults.fails, error)
    assert next(steps) == 1
    with pytest.raises(type(error)) as found:
        next(steps)
    assert type(found.value) is type(error) and str(found.value) == str(error)


def test_what_is_left_is_closed_there(compute, tmp_path):
    steps = compute._sampler.stream(faults.counts, tmp_path / "closed")
    assert [next(steps) for _ in range(3)] == [0, 1, 2]
    steps.close()
    while not (tmp_path / "closed").exists():
        time.sleep(0.01)


def test_a_page_without_ray_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(page.compute, "find_spec", lambda name: None)
    monkeypatch.setattr("page.server.limits.LIMITS", Limits(compute="ray"))
    with pytest.raises(SystemExit, match="DDPM_COMPUTE=ray needs more packages: pip install"):
        page.compute.start()


# ------------------------------------------------------------------ a worker that ends


def ends(steps) -> None:
    with pytest.raises(Ended) as error:
        list(steps)
    assert in_both_languages(error.value.message)


def test_a_killed_worker_ends_its_runs_alone_and_another_takes_its_place(compute, sampler):
    runs = [sampler.stream(faults.counts) for _ in range(2)]
    others = compute._sampler.stream(faults.counts)
    assert [next(run) for run in (*runs, others)] == [0, 0, 0]
    before = process_of(sampler)
    before.kill()
    for run in runs:
        ends(run)
    assert next(sampler.stream(faults.counts)) == 0  # begun at once: it waits for the next process
    assert process_of(sampler) != before and next(others) == 1


def test_one_that_takes_too_much_memory_is_ended(sampler, monkeypatch):
    limits(monkeypatch, worker_bytes=process_of(sampler).memory_info().rss + 300_000_000)
    ends(sampler.stream(faults.allocates))
    monkeypatch.undo()
    assert next(sampler.stream(faults.counts)) == 0


def test_one_that_never_answers_is_ended(sampler, monkeypatch):
    process_of(sampler)
    limits(monkeypatch, worker_s=1)
    ends(sampler.stream(faults.hangs))
    monkeypatch.undo()
    assert next(sampler.stream(faults.counts)) == 0


# ------------------------------------------------------------------ trainings


@pytest.fixture
def trained_in_workers(compute, monkeypatch, tmp_path):
    """`run(**recipe)`: the updates of a training in a worker, on pictures of the visitor's own."""
    monkeypatch.setattr(training, "COMPUTE", compute)
    monkeypatch.setattr(training, "SHOW_S", 0.0)
    monkeypatch.setattr(training, "KEEP_S", 0.0)
    monkeypatch.setattr(workers, "TRAINS", 0)  # or it would wait for other tests
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randint(256, (24, 1, 28, 28), dtype=torch.uint8, generator=generator)
    np.save(own := str(tmp_path / "pictures.npy"), pictures.numpy())
    return lambda **recipe: training.run(VISITOR, Recipe(**RECIPE | recipe), "own", own)


def test_a_training_whose_worker_is_killed_goes_on_from_what_was_kept(trained_in_workers, warned):
    """As if nothing had happened: weights, curve and numbers."""
    updates = trained_in_workers(steps=60)
    for report, _ in updates:
        if report and report["phase"] == "training":
            run = training._runs[VISITOR.session_hash]._training
            process_of(run._worker).kill()
            break
    *_, (before, file) = updates
    assert in_both_languages(warned[0]) and before["phase"] == "stopped"
    assert registry.chosen(file, "trained").info["steps"] == before["step"] < 60
    *_, (after, file) = training.go_on(VISITOR, before["stopped"])

    *_, (whole, expected) = trained_in_workers(steps=60)
    assert after["phase"] == whole["phase"] == "done" and after["curve"] == whole["curve"]
    weights, expected = (
        registry.chosen(each, "trained").model.network.state_dict() for each in (file, expected)
    )
    torch.testing.assert_close(weights, expected, rtol=0, atol=0)
    assert not training._runs


def black_pictures():
    return torch.zeros(8, 1, 8, 8, dtype=torch.uint8), torch.zeros(8).long()


def test_trainings_at_work_share_the_cores(compute, tiny_config):
    config = replace(tiny_config, train=replace(tiny_config.train, steps=10_000))
    trainings = [compute.train(config, black_pictures) for _ in range(2)]
    first, second = (training.steps for training in trainings)

    def threads():
        return [its._worker.call(torch.get_num_threads) for its in trainings]

    next(first)
    (whole, _) = threads()
    next(second), next(first)
    assert threads() == [max(1, whole // 2)] * 2
    first.close(), next(second)
    assert threads()[1] == whole == torch.get_num_threads()
    for each in trainings:
        each.close()


def test_nobody_waits_for_what_is_forgotten(sampler, compute, tiny_config, monkeypatch):
    """Who closes it, or knows of it last, may be the event loop."""
    steps = sampler.stream(faults.counts)
    next(steps)
    busy = process_of(sampler)
    busy.suspend()
    steps.close()
    busy.resume()

    listener, client = managers.listener_client["pickle"]
    asked = Mock(side_effect=client)
    monkeypatch.setitem(managers.listener_client, "pickle", (listener, asked))
    training = compute.train(tiny_config, black_pictures)
    asked.reset_mock()
    training.close()
    del training
    assert not asked.called


def test_what_was_learned_before_it_diverged_is_told_first(monkeypatch, tiny_config):
    monkeypatch.setattr(this_process, "batches", faults.poisoned(this_process.batches))
    monkeypatch.setattr(workers, "LEARN_S", 60)
    far = workers._Learning(tiny_config, black_pictures)
    assert [each.step for each in far.learn(1)] == [1, 2, 3, 4]
    with pytest.raises(ddpm.TrainingDiverged):
        far.learn(1)
    assert far.done() == 4


# ------------------------------------------------------------------ the page


async def kill_one(app) -> None:
    """The sampling worker under a drawing, beside a training that goes on."""
    recipe = {"train-dim": 8, "train-steps": 20_000}
    drawing = {"generate-sampler": "ddpm", "generate-steps": 1000}
    async with visit(app.url) as artist, visit(app.url) as student:
        drawn = await worker_kills.begun(artist, "sample", drawing, 2)
        training = await worker_kills.begun(student, "show_run", recipe, 1)
        (sampler,) = worker_kills.of_niceness(app, workers.SAMPLES)
        assert sampler.memory_full_info().uss < OWN_BYTES
        sampler.kill()
        with pytest.raises(Refused) as error:
            await drawn
        assert in_both_languages(str(error.value))
        await worker_kills.begun(artist, "sample", drawing, 2)
        assert not training.done()
        app.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(app.process.wait, 60) == 0


@pytest.mark.app
@pytest.mark.slow
def test_on_the_page(tiny_checkout):
    """A kill ends one run, SIGTERM saves the training at work, and no process is left. A worker
    has imported nothing by itself, wherever the page was started."""
    with running_app(tiny_checkout, DDPM_COMPUTE="workers") as app:
        below = app.process.children(recursive=True)
        asyncio.run(kill_one(app))
        (kept,) = (app.folder / "runs/page").iterdir()
        assert ddpm.load_checkpoint(kept, "cpu").info["steps"] > 0
        assert [each["why"] for each in app.logged("worker_ended")] == ["died"]
    assert not psutil.wait_procs(below, timeout=60)[1]
