"""The end of the page's process: models are saved first, within `LIMITS.end_s`."""

import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import gradio as gr

from page.server import event_log, work
from page.server.files import picture_pool, result_files, temporary_folder
from page.server.limits import LIMITS
from page.server.patches import gradio_queue

TRAINED = Path("runs/page")  # where trained models are saved
RUNS_UNTIL, CUT_AT = 0.4, 0.75  # of the time: a loaded machine takes a second to end a process
READ_S = 1.0  # for visitors to read the last messages
FETCH_S = 1.0  # for their visitors to fetch what the report names

# SimpleQueue, because a signal may arrive while the main thread waits for one, holding its lock
_signals: queue.SimpleQueue[int] = queue.SimpleQueue()


def listen() -> None:
    """SIGTERM and Ctrl-C are seen by `asked`; the second of them ends the process at once."""

    def arrived(number: int, frame: FrameType | None) -> None:
        if work.closing.is_set() or not _signals.empty():
            os._exit(128 + number)
        _signals.put(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, arrived)


def asked(within_s: float) -> bool:
    """Wait for a signal."""
    try:
        _signals.get(timeout=within_s)
    except queue.Empty:
        return False
    return True


def end(page: gr.Blocks, end_runs: Callable[[Path], int]) -> None:
    """End the process. `end_runs` ends the runs at work and saves what they have learned.

    A run goes on only when its visitor asks for the next update, and one step may take minutes. So
    this thread saves the weights itself and waits for no run; those that can still send a last
    report.
    """
    counts = work.counts()
    begin = time.monotonic()
    cut = threading.Timer(LIMITS.end_s * CUT_AT, os._exit, [0])  # without a last line in the log
    cut.daemon = True
    cut.start()
    work.close()
    event_log.write("ending", **counts)
    _keep_models(end_runs)
    # one that is too busy would close its pages too late
    if _events_ended(page, before=begin + LIMITS.end_s * RUNS_UNTIL):
        # otherwise uvicorn logs an error for each open page
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        page.close(verbose=False)
    picture_pool.stop()
    temporary_folder.delete()
    event_log.write("ended", seconds=round(time.monotonic() - begin, 3))
    sys.stdout.flush()
    os._exit(0)  # a training step in progress would make an ordinary exit abort


def _events_ended(page: gr.Blocks, before: float) -> bool:
    """Wait for what visitors have begun, runs and settings, for them to read how it ended, and for
    those who had a run at work to fetch what its last report names."""
    runs = any(pool.counts()["at_work"] for pool in work.pools.values())
    while gradio_queue.has_events(page):
        if time.monotonic() > before:
            return False
        time.sleep(0.05)
    read_before = time.monotonic() + READ_S
    while gradio_queue.has_unread(page) and time.monotonic() < read_before:
        time.sleep(0.05)
    if runs:
        time.sleep(FETCH_S)
    return True


def _keep_models(end_runs: Callable[[Path], int]) -> None:
    """Save the models of runs at work, then those trained within the hour: visitors may not have
    downloaded them yet. The oldest of earlier shutdowns make room."""
    begin = time.monotonic()
    try:
        at_work = end_runs(TRAINED)
        finished = result_files.STORE.rescue("train", TRAINED)
        result_files.delete_oldest(TRAINED, LIMITS.kept_models, LIMITS.kept_bytes)
    except OSError as error:  # read-only or full disk
        event_log.write("kept", error=str(error))
    else:
        event_log.write(
            "kept",
            trained=at_work + finished,
            at_work=at_work,
            seconds=round(time.monotonic() - begin, 3),
            folder=str(TRAINED.resolve()),
        )
