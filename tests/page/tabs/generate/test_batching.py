"""Samplings that are drawn as one batch: the same pictures, and everyone keeps their own run."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import pytest
import torch

import ddpm
from devtools.visit import ASKED, visitor
from page.compute import COMPUTE
from page.compute.interface import FIRST
from page.jobs import run_queue
from page.models import registry as models
from page.models.guides import GUIDES
from page.models.pretrained import drawn
from page.models.registry import Request
from page.models.request import ANY, EACH
from page.server import work
from page.tabs.generate import batching
from page.tabs.generate import run as generate_run
from page.widgets.sketch_pad import pad

PICTURES = [base64.b64encode(bytes([grey]) * pad.SIZE**2).decode() for grey in (0, 90)]


def asked(**changes) -> Request:
    return Request(**ASKED | changes)


@pytest.fixture(scope="module")
def shipped():
    """In float32, as on a processor without bfloat16."""
    return ddpm.load_checkpoint(FIRST, "cpu")


def last(steps) -> torch.Tensor:
    return [step.x for step in steps][-1]


def assert_same(checkpoint, requests, atol):
    """Each request's pictures are those that it gets alone. On the way guidance multiplies the
    rounding in ε, and in x̂_0 it is divided by √ᾱ."""
    joined = list(batching.drawn_together(checkpoint, requests))
    for k, request in enumerate(requests):
        alone = list(drawn(checkpoint, request)[1])
        for mine, step in zip(joined, alone, strict=True):
            assert (mine[k].i, mine[k].t) == (step.i, step.t)
            torch.testing.assert_close(mine[k].x, step.x, rtol=0, atol=10 * atol)
            torch.testing.assert_close(mine[k].x_start, step.x_start, rtol=0, atol=10 * atol)
        torch.testing.assert_close(joined[-1][k].x, alone[-1].x, rtol=0, atol=atol)


@pytest.mark.parametrize(
    "shared",
    [
        {"sampler": "ddim"},
        {"sampler": "ddpm"},  # fresh noise at each step, from each picture's own seed
        {"sampler": "dpm_solver", "guidance": 3.0},
        {"sampler": "deis", "schedule": "linear"},
        {"sampler": "ddim", "guided_by": "worse", "guidance": 1.3, "interval": (100, 800)},
        {"sampler": "ddpm", "picture": PICTURES[0], "noise": 400},
        {"label": ANY},
    ],
    ids=str,
)
def test_everyone_gets_the_pictures_that_they_get_alone(shipped, shared, monkeypatch):
    worse = ddpm.load_checkpoint(GUIDES["worse"].file, "cpu")
    monkeypatch.setattr("page.models.guides._loaded", lambda *_: worse)  # in float32, too
    requests = [
        asked(**{"count": count, "label": label, "seed": seed} | shared)
        for count, label, seed in ((3, 7, 5), (1, EACH, 900), (2, EACH, 6))
    ]
    if "picture" in shared:
        requests[1] = replace(requests[1], picture=PICTURES[1])
    assert_same(shipped, requests, atol=1e-5)


@pytest.mark.parametrize("steps", [1, 2])
def test_the_students_too(student, steps):
    shared = {"model": "student", "sampler": "consistency", "steps": steps}
    requests = [asked(**shared, count=2, label=label, seed=label) for label in (1, 8)]
    plain = replace(student, model=ddpm.load_checkpoint(models.KINDS["student"].file, "cpu").model)
    assert_same(plain, requests, atol=1e-4)


def test_on_the_page_they_differ_as_batches_of_any_size_do():
    """A processor with bfloat16 rounds otherwise in another batch."""
    model = models.chosen(None, "shipped")
    requests = [asked(count=4, seed=seed) for seed in (0, 100, 200, 300)]
    alone = last(drawn(model, requests[0])[1])
    larger = last(drawn(model, asked(count=16))[1])[:4]  # what one visitor gets who asks for more
    joined = [step[0].x for step in batching.drawn_together(model, requests)][-1]
    differ = (larger - alone).norm()
    assert (joined - alone).norm() <= 2 * differ + 1e-4 * alone.norm()
    assert differ < 0.02 * alone.norm()


# ------------------------------------------------------------------ who joins whom


def key(**changes):
    request = asked(**changes)
    part = batching.part_of(request, models.chosen(None, "shipped"))
    return part and part.key


def test_labels_seeds_counts_and_pictures_may_differ():
    assert key() == key(label=3, seed=77, count=9)
    sketch = {"noise": 400}
    assert key(picture=PICTURES[0], **sketch) == key(picture=PICTURES[1], **sketch)
    assert key(noise=400) == key(noise=500)  # not used without a picture


@pytest.mark.parametrize(
    "change",
    [
        {"sampler": "ddpm"}, {"steps": 6}, {"schedule": "linear"}, {"guidance": 2.0},
        {"label": ANY}, {"picture": PICTURES[0]}, {"picture": PICTURES[0], "noise": 999},
    ],
    ids=lambda change: " ".join(change),
)  # fmt: skip
def test_whatever_the_steps_depend_on_may_not(change):
    assert key() != key(**change)
    shipped = models.chosen(None, "shipped")
    assert batching.part_of(asked(model="trained"), shipped) is None


def test_a_batch_has_so_many_pictures_and_fewer_in_long_runs():
    def most(**changes):
        return batching.part_of(asked(**changes), models.chosen(None, "shipped")).most

    limit = COMPUTE.most_in_batch()
    assert limit >= 64  # four requests of the tab's sixteen
    assert most(steps=250) == limit and most(steps=1000) == limit // 4
    part = batching.part_of(asked(count=4, guidance=3.0), models.chosen(None, "shipped"))
    assert part.size == 8  # the network sees each twice


# ------------------------------------------------------------------ runs


@pytest.fixture
def line(monkeypatch):
    """`line(count)`: the runs of so many visitors, who have waited and begin together; `calls` are
    the pictures of each network call."""
    pool = run_queue.Pool(places=1, max_waiting=9, budget_s=60.0, typical_s=8.0)
    monkeypatch.setattr(run_queue, "SAMPLING", pool)
    monkeypatch.setattr(generate_run, "FRAME_S", 0.0)  # a frame for each step
    calls = []

    def counted(checkpoint, *requests):
        x, steps = drawn(checkpoint, *requests)
        return x, (calls.append(len(step.x)) or step for step in steps)

    monkeypatch.setattr(batching, "trajectory", counted)

    def waiting(count, **changes):
        with ExitStack() as stack:
            stack.enter_context(pool.turn("another", visitor("another")))
            runs = []
            for k in range(count):
                request = asked(seed=10 * k, label=k, **changes)
                runs.append(generate_run.run(visitor(f"visitor-{k}"), None, request))
                assert next(runs[k])[1]["calls"] == 0 and next(runs[k])[1]["ahead"] == k + 1
        assert pool.counts() == {"at_work": count, "waiting": 0}
        return runs

    waiting.pool, waiting.calls = pool, calls
    yield waiting
    assert pool.counts() == {"at_work": 0, "waiting": 0}


def test_each_visitor_has_their_own_film_and_files(line):
    """Each is read in a thread of its own, as on the page."""
    with ThreadPoolExecutor(3) as threads:
        ends = [*threads.map(lambda updates: [*updates][-1], line(3))]
    for k, (film, progress, files) in enumerate(ends):
        alone = last(drawn(models.chosen(None, "shipped"), asked(seed=10 * k, label=k))[1])
        assert (film.x - alone).norm() < 0.02 * alone.norm()  # as bfloat16 allows
        assert progress["ended"] == "done" and progress["calls"] == 5 and len(film.frames) == 6
        assert f"seed-{10 * k}.png" in files[0]
    assert line.calls == [12] * 5


@pytest.mark.parametrize("stopped", [0, 2], ids=["who began it", "another"])
def test_one_who_stops_keeps_what_is_drawn_and_the_others_go_on(line, stopped):
    runs = line(3)
    seen = [next(updates)[1]["calls"] for updates in runs]
    assert seen == [1, 1, 1] and line.calls == [12]
    generate_run.STOPS.ask(visitor(f"visitor-{stopped}"))
    for k, updates in enumerate(runs):
        *_, (_, progress, files) = updates
        ended, calls = ("stopped", 2) if k == stopped else ("done", 5)
        assert (progress["ended"], progress["calls"]) == (ended, calls) and files
    assert line.calls == [12] * 5


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("closed", [0, 1], ids=["who began it", "another"])
def test_a_closed_page_leaves_and_the_others_go_on(line, closed, after):
    runs = line(2)
    for _ in range(after):
        next(runs[closed])
    runs[closed].close()
    assert line.pool.counts()["at_work"] == 1
    *_, (_, progress, files) = runs[1 - closed]
    assert progress["ended"] == "done" and progress["calls"] == 5 and files
    assert line.calls == [8] * 5


def test_when_the_server_ends_each_is_told_after_its_step(line, monkeypatch):
    monkeypatch.setattr(work, "closing", threading.Event())
    runs = line(2)
    for updates in runs:
        next(updates)
    work.closing.set()
    for updates in runs:
        *_, (_, progress, _) = updates
        assert progress["ended"] == "out_of_time" and progress["calls"] == 2
    assert line.calls == [8, 8]


def test_one_alone_is_drawn_as_before(line):
    """By the steps that it had prepared."""
    (updates,) = line(1)
    *_, (_, progress, _) = updates
    assert progress["ended"] == "done" and line.calls == []
