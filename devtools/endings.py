"""End the page with SIGTERM while both its lines are full: is a training lost?

Two trainings are at work, and two samplings with thirty in line behind them. The signal comes at a
random moment, in steps of a few milliseconds or of several seconds. The page must end in time with
code 0, and what both trainings have learned must be in its folder, once each.
"""

import asyncio
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import ddpm
from devtools import ROOT
from devtools.honest_visitor import HonestVisitor
from devtools.server import App, running_app
from devtools.visitors import Refused
from page.jobs.run_queue import SAMPLING, TRAINING
from page.server.limits import LIMITS

BUSY_S = 300.0  # at most, until both lines are full and both trainings have learned
MOMENT_S = 5.0  # at most, from then to the signal
WIDTHS = (8, 16, 32)  # of a network: short and long steps
FULL = {"sampling": {"at_work": 2, "waiting": 30}, "training": {"at_work": 2, "waiting": 0}}


@dataclass(frozen=True)
class Ending:
    seconds: float  # from the signal to the end
    saving_s: float  # of them
    steps: tuple[int, ...]  # that each kept model has learned


def endings(count: int, root: Path = ROOT) -> Iterator[Ending]:
    """Start a page, make it busy, end it and check what it kept, `count` times."""
    draw = random.Random(0)
    for _ in range(count):
        # all come from one address
        with running_app(root, DDPM_RUNS_AT_ADDRESS="64") as app:
            yield asyncio.run(_end_once(app, draw))


async def _end_once(app: App, draw: random.Random) -> Ending:
    first = HonestVisitor(app.url)
    await first.open()

    def visitor() -> HonestVisitor:
        return HonestVisitor(app.url, first.events)

    learned = [asyncio.Event() for _ in range(TRAINING.line.places)]
    visits = [
        asyncio.create_task(_train(visitor(), draw.choice(WIDTHS), event)) for event in learned
    ]
    for event in learned:
        await asyncio.wait_for(event.wait(), BUSY_S)
    visits += [
        asyncio.create_task(_sample(visitor(), seed))
        for seed in range(SAMPLING.line.places + SAMPLING.line.max_waiting)
    ]
    await asyncio.wait_for(_full(app, first), BUSY_S)
    await asyncio.sleep(draw.uniform(0, MOMENT_S))
    begin = time.monotonic()
    app.process.send_signal(signal.SIGTERM)
    code = await asyncio.to_thread(app.process.wait, 60)
    seconds = time.monotonic() - begin
    for visit in visits:
        visit.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    await first.close()
    return _checked(app, code, seconds)


async def _full(app: App, visitor: HonestVisitor) -> None:
    """Return once both lines are full."""
    while app.process.poll() is None:
        with suppress(OSError, EOFError):  # it is busy
            health = await visitor.http.json("/health")
            if {name: health[name] for name in FULL} == FULL:
                return
        await asyncio.sleep(0.2)
    raise RuntimeError(f"the page has ended by itself:\n{app.log.read_text()}")


async def _train(visitor: HonestVisitor, dim: int, learned: asyncio.Event) -> None:
    recipe = {"train-dim": dim, "train-batch-size": 32, "train-steps": 20_000}
    with suppress(OSError, EOFError, Refused):  # cut off at the end
        async for _, message in visitor.run("show_run", recipe):
            if b"image/png" in message:  # drawn after the first step
                learned.set()


async def _sample(visitor: HonestVisitor, seed: int) -> None:
    """Again and again, so that the line stays full."""
    settings = {"generate-seed": seed, "generate-steps": 200 + seed}  # no two can be joined
    with suppress(OSError, EOFError):
        while True:
            with suppress(Refused):
                async for _ in visitor.run("sample", settings):
                    pass


def _checked(app: App, code: int, seconds: float) -> Ending:
    log = app.log.read_text()
    assert code == 0, f"ended with code {code}:\n{log}"
    assert seconds < LIMITS.end_s, f"took {seconds:.1f} s:\n{log}"
    models = [ddpm.load_checkpoint(path, "cpu") for path in (app.folder / "runs/page").iterdir()]
    assert len(models) == TRAINING.line.places, f"{len(models)} models were kept:\n{log}"
    steps = tuple(model.info["steps"] for model in models)
    assert all(steps), f"nothing was learned in {steps} steps"
    for model in models:
        weights = model.model.network.parameters()
        assert all(bool(weight.isfinite().all()) for weight in weights)
    (kept,) = app.logged("kept")
    return Ending(seconds, kept["seconds"], steps)
