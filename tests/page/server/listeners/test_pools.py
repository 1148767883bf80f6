"""No listener can take the threads of Stop and of the settings."""

import asyncio
import inspect
import threading

import anyio
import pytest

from page.jobs import job
from page.jobs.run_queue import READING, SAMPLING, TRAINING
from page.server.listeners.pools import quick
from page.server.serve import THREADS

RUNS = {"sample", "compare", "generate", "finish_picture", "show_run", "train", "show_own"}
RUNS |= {"show_rest", "draw_1", "draw_2", "draw_3", "compare_rows", "train_pictures"}


def test_listeners_outside_the_queue_have_threads_of_their_own(built):
    outside = [fn for fn in built.fns.values() if not fn.queue and fn.fn]
    assert len(outside) >= 7
    for fn in outside:
        is_ours = fn.name != "load_example"  # Gradio's own, for gr.Examples
        assert inspect.iscoroutinefunction(fn.fn) == is_ours, fn.name


def test_all_that_can_be_at_work_at_once_has_a_thread(built):
    lines = {}
    for fn in built.fns.values():
        takes_none = inspect.isasyncgenfunction(fn.fn) or inspect.iscoroutinefunction(fn.fn)
        if fn.queue and fn.fn and not takes_none:
            limit = 1 if fn.concurrency_limit == "default" else fn.concurrency_limit
            if limit is None:
                assert fn.api_name in RUNS  # limited by run_queue
            else:
                lines[fn.concurrency_id] = limit
    runs = sum(pool.line.most for pool in (SAMPLING, TRAINING, READING))
    assert runs + sum(lines.values()) < THREADS
    assert SAMPLING.line.most + TRAINING.line.most < job.THREADS


@pytest.mark.anyio
async def test_a_quick_listener_is_answered_while_all_other_threads_wait():
    done, few = threading.Event(), anyio.CapacityLimiter(1)
    waiting = [
        asyncio.create_task(anyio.to_thread.run_sync(done.wait, limiter=few)) for _ in range(105)
    ]
    loop = asyncio.get_running_loop()
    waiting += [loop.run_in_executor(None, done.wait) for _ in range(105)]
    try:
        assert await asyncio.wait_for(quick(lambda a, b: a + b)(1, 2), 60) == 3
    finally:
        done.set()
        await asyncio.gather(*waiting)
