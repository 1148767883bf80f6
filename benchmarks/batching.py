"""What a crowd gains by being drawn as one batch: pictures a second, of visitors who wait together.

    python -m benchmarks.batching
    python -m benchmarks.batching --visitors 16 --counts 16 4 1 --repeats 9

All of them wait for the page's two places, which then come free; each sees their own film and gets
their own files. Joined and each alone, in turns: medians, and beside them the network calls without
the page. Where others use the processor, processor time says more than the clock does.
"""

import argparse
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from unittest import mock

import ddpm
from devtools import tables
from devtools.timing import in_turns
from devtools.visit import visitor
from page.compute import COMPUTE
from page.jobs.run_queue import SAMPLING
from page.models import registry as models
from page.models.registry import Request
from page.server.files import temporary_folder
from page.tabs.generate.batching import drawn_together
from page.tabs.generate.run import run

MEASURES = ("page", "page, processor", "network", "network, processor")
WAYS = {
    "shipped": {"sampler": "dpm_solver", "steps": 10},
    "student": {"sampler": "consistency", "steps": 2},
}


Took = tuple[float, float]  # seconds, and those of the processor


def now() -> Took:
    return time.perf_counter(), time.process_time()


def since(begin: Took) -> Took:
    seconds, of_processor = now()
    return seconds - begin[0], of_processor - begin[1]


def on_the_page(requests: list[Request]) -> Took:
    """Wait in line together, then draw; timed from the moment when the places come free."""
    runs = [run(visitor(f"{k}"), None, request) for k, request in enumerate(requests)]
    threads = [threading.Thread(target=deque, args=[each, 0]) for each in runs]
    with ExitStack() as before:
        for k in range(SAMPLING.line.places):
            before.enter_context(SAMPLING.turn("before", visitor(f"before {k}")))
        for thread in threads:
            thread.start()
        while SAMPLING.counts()["waiting"] < len(requests):
            time.sleep(0.01)
        begin = now()
    for thread in threads:
        thread.join()
    return since(begin)


def alone(measure: Callable[[list[Request]], Took], requests: list[Request]) -> Took:
    with mock.patch.object(COMPUTE, "most_in_batch", return_value=0):
        return measure(requests)


def of_network(checkpoint: ddpm.Checkpoint, requests: list[Request]) -> Took:
    """One after another, in batches of as many as the page joins."""
    most = COMPUTE.most_in_batch() // requests[0].count or 1
    begin = now()
    for first in range(0, len(requests), most):
        for step in drawn_together(checkpoint, requests[first : first + most]):
            step[-1].x.cpu()  # waits for a GPU
    return since(begin)


def row(model: str, count: int, visitors: int, repeats: int) -> list[str]:
    """Of a table: what is drawn, and for each measure both rates and their ratio."""
    checkpoint = models.chosen(None, model)
    requests = [
        Request(model, k % 10, count, seed=100 * k, **WAYS[model])  # pyright: ignore[reportArgumentType]
        for k in range(visitors)
    ]
    ways = {}
    for name, measure in (("page", on_the_page), ("network", partial(of_network, checkpoint))):
        ways[name, "alone"] = partial(alone, measure, requests)
        ways[name, "joined"] = partial(measure, requests)
    taken = in_turns(ways, repeats)
    cells = [f"{model}, {WAYS[model]['steps']} calls", str(count)]
    for name in ("page", "network"):
        for unit in (0, 1):
            slow, fast = (
                visitors * count / statistics.median(each[unit] for each in taken[name, way])
                for way in ("alone", "joined")
            )
            cells.append(f"{slow:.1f} → {fast:.1f} ({fast / slow:.2f})")
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=8)
    parser.add_argument(
        "--counts", type=int, nargs="+", default=[16, 4, 1], help="pictures of each"
    )
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    device = COMPUTE.device_name(models.chosen(None, "shipped"))
    print(f"{args.visitors} visitors, {device}: pictures a second, alone → joined (ratio)\n")
    tables.head("", "pictures each", *MEASURES)
    temporary_folder.claim()
    try:
        for model in WAYS:
            for count in args.counts:
                tables.row(*row(model, count, args.visitors, args.repeats))
    finally:
        temporary_folder.delete()


if __name__ == "__main__":
    main()
