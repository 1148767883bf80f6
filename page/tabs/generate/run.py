"""A visitor's sampling run: its place in line, its film, its files."""

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import gradio as gr
from PIL import Image

import ddpm
from page.compute import COMPUTE
from page.jobs import run_queue
from page.models import registry
from page.models.registry import FROM_PICTURES, OF_ONE_MODEL, OF_PICTURES, SETTINGS, Request
from page.models.request import ALL_TIMES, COMMON
from page.server.files import result_files
from page.server.listeners.endpoints import FILE, OBJECT, TEXTS, Value, endpoint, file
from page.server.listeners.validation import worded
from page.tabs.generate import figure, link
from page.tabs.generate.batching import part_of
from page.tabs.generate.controls.stops import Stops
from page.widgets import data_uri
from page.widgets.film import scrubber
from page.widgets.film.scrubber import FRAME_S
from page.widgets.saved_pictures import full_link, save_gif, save_png

Update = tuple[scrubber.Film, dict, tuple[str, ...]]  # film, progress, and files once they exist
RETURNS = {
    "pictures": Value("PNG data URIs, one per picture: x_t while the run lasts, then x_0", TEXTS),
    "png": Value("file of the pictures in a grid, enlarged by whole pixels", FILE),
    "gif": Value("file of the run as a film, enlarged in the same way", FILE),
    "progress": Value(
        "calls so far, of steps; seconds; device; the newest frame of the film (x_t and x̂_0 of its "
        "step, as PNG data URIs); ahead and expected (seconds) while waiting; ended: done, "
        "stopped, out_of_time or left (the line); cut: out of time; made: what is drawn and how, "
        "with the link that draws it again, if one can; "
        + "; ".join(kind.film_about for kind in registry.KINDS.values() if kind.film_about),
        OBJECT,
    ),
}
# What the endpoints take. The newest are last: programs may pass the others by position.
_LAST = {name: SETTINGS[name] for name in ("model", "guided_by", *OF_ONE_MODEL, "interval")}
_FIRST = {name: SETTINGS[name] for name in COMMON if name not in _LAST}
FROM_NOISE = {k: v for k, v in _FIRST.items() if k not in ("picture", *OF_PICTURES)} | _LAST
EMPTY_PAD = replace(SETTINGS["picture"], default="")
_NEXT = {name: SETTINGS[name] for name in ("model", "guided_by", *FROM_PICTURES, "interval")}
FROM_PICTURE = _FIRST | {"picture": EMPTY_PAD} | _NEXT
STOPS = Stops()


def run(visit: gr.Request, trained: str | None, request: Request) -> Iterator[Update]:
    """The film of a run as it grows, and at the end its files.

    Ends after the last step, when the visitor presses Stop, or at the time limit. A page that stays
    away ends it too (GeneratorExit).
    """
    with worded():
        kind, system = request.kind, registry.chosen(trained, request.model)
        request = kind.suited(request, system)
        x, steps = registry.trajectory(system, request)
    film = kind.film(request, system, x)
    facts = {
        "began": time.monotonic(),
        "device": COMPUTE.device_name(system),
        "doubled": request.passes > 1,
        "by_classifier": request.by_classifier,
        "by_worse": request.by_worse,
        "schedule": kind.other_schedule(request, system),
        "made": link.made(request, system),
    }
    if request.interval != ALL_TIMES:
        facts["interval"] = request.interval

    def update(calls: int, seconds: float = 0.0, **more) -> Update:
        return film, facts | {"calls": calls, "seconds": f"{seconds:.1f}"} | more, ()

    asked = asdict(request) | {"picture": request.picture is not None}
    asked |= {name: len(asked[name]) for name in ("words", "words_before")}
    with STOPS.run(visit) as stop:
        yield update(0)  # before joining the line: a run that ends here leaves nothing behind
        part = part_of(request, system)
        with run_queue.SAMPLING.turn("sample", visit, part=part, **asked) as turn:
            for line in turn.waiting(stop):
                yield update(0, **line)
                if stop.is_set():
                    turn.ended = "left"
                    yield update(0, ended="left")
                    return
            shown = 0.0
            for step in registry.finite(turn.steps or steps, request, system):
                ended = "stopped" if stop.is_set() else "out_of_time" if turn.is_over else None
                ended = "done" if step.i + 1 == film.steps else ended
                turn.report((step.i + 1) / film.steps)
                film.add(step, cut=ended is not None)
                if ended or time.monotonic() - shown > FRAME_S:
                    cut = ended == "out_of_time"
                    left = round(turn.seconds / (step.i + 1) * (film.steps - step.i - 1))
                    now = update(step.i + 1, turn.seconds, left=left, ended=ended, cut=cut)
                    yield now
                    shown = time.monotonic()
                if ended:
                    turn.ended = ended
                    break
    with result_files.STORE.folder("generate", visit) as folder:
        subject = kind.subject(request, system)
        url = full_link(visit, facts["made"]["link"])
        files = COMPUTE.run(_files, film.pictures, request, subject, folder, url)
        figure.save_strip(film.strip, folder)
    yield *now[:2], files


def _files(
    film: list[Image.Image], request: Request, subject: str, folder: Path, url: str | None
) -> tuple[str, str]:
    """Save the last frame as a PNG and the film as a GIF, named after the subject and the way."""
    is_from = request.picture is not None and "noise" in request.kind.heeds
    start = f"-from-picture-t{request.noise}" if is_from else ""
    name = f"{subject}-{request.sampler}-{request.steps}-steps-seed-{request.seed}{start}"
    stem = folder / name.lower().replace("/", "-").replace(" ", "-")
    png, gif = f"{stem}.png", f"{stem}.gif"
    save_png(film[-1], png, url)
    save_gif(film, gif, url)
    return png, gif


def generate(visit: gr.Request, trained: str | None, use_trained: bool, *values) -> Iterator[tuple]:
    """Draw pictures from noise, step by step."""
    yield from _answers(visit, trained, use_trained, dict(zip(FROM_NOISE, values, strict=True)))


def finish_picture(visit: gr.Request, trained: str | None, use_trained: bool, *values):
    """Add noise to a picture, and let the network finish it, step by step."""
    yield from _answers(visit, trained, use_trained, dict(zip(FROM_PICTURE, values, strict=True)))


def _answers(visit: gr.Request, trained: str | None, use_trained: bool, given: dict):
    request = Request(**given | {"model": registry.with_model(use_trained, given["model"])})
    for film, progress, files in run(visit, trained, request):
        pictures = [data_uri.picture_uri(ddpm.to_pil(x)) for x in film.x]
        progress |= {"steps": film.steps, "frame": film.frames[-1]} | film.more()
        yield pictures, *([file(path) for path in files] or [None, None]), progress


def add_endpoints(trained: gr.State) -> None:
    """/generate and /finish_picture."""
    own = {"trained": trained, "use_trained": registry.USE_TRAINED}
    endpoint(generate, "generate", own | FROM_NOISE, RETURNS, concurrency_limit=None)
    endpoint(finish_picture, "finish_picture", own | FROM_PICTURE, RETURNS, concurrency_limit=None)
