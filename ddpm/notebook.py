"""What schedules, steps, models and figures look like in a notebook, and the page in one."""

from __future__ import annotations

import atexit
import html
import importlib
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch

from ddpm import figures
from ddpm.data.images import make_grid, to_pil
from ddpm.sampling.samplers import Film, Step
from ddpm.schedules import Schedule
from ddpm.training.loop import TrainStep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 50  # of figures, which are 1600 pixels wide at 100
FRAMES = 50  # of a film
# shows the image that the slider is at, and its t
SLIDES = """aria-label="step" style="width: 24em" oninput="
    const all = [...this.parentNode.querySelectorAll('img')];
    all.forEach((image, k) => (image.hidden = k !== Number(this.value)));
    this.nextElementSibling.value = all[this.value].alt;" """.strip()
LIVE_S = 1.0  # between two drawings of a live curve
START_S = 120.0  # for the page to answer


def png(figure: Figure) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=DPI)
    return data.getvalue()


def schedule_png(schedule: Schedule) -> bytes:
    return png(figures.schedules({f"T = {schedule.T}": schedule}))


def step_png(step: Step) -> bytes | None:
    """x beside x̂_0, as far as both are pictures."""
    if step.x.ndim != 4 or step.x.shape[1] not in (1, 3):
        return None
    both = [make_grid(x.float()) for x in (step.x, step.x_start)]
    scale = max(1, 224 // both[0].shape[1])
    data = io.BytesIO()
    to_pil(make_grid(torch.stack(both), 2), scale=scale).save(data, "png")
    return data.getvalue()


def film_html(film: Film) -> str | None:
    """A slider over its steps, each as `step_png` shows it, with its t; no more than `FRAMES`."""
    every = max(1, -(-len(film) // FRAMES))
    shown = film[::-every][::-1]  # the last one among them
    pictures = [(step.t, step_png(step)) for step in shown]
    if not pictures or None in dict(pictures).values():
        return None
    images = "".join(
        f'<img alt="t = {t}" src="data:image/png;base64,{b64encode(data or b"").decode()}"'
        f"{' hidden' * (k + 1 < len(pictures))}>"
        for k, (t, data) in enumerate(pictures)
    )
    slider = f'<input type="range" max="{len(shown) - 1}" value="{len(shown) - 1}" {SLIDES}>'
    return f'<div>{slider} <output>t = {shown[-1].t}</output><div class="film">{images}</div></div>'


def model_html(model: Any) -> str:
    """A table of what a model is, one row for each network."""
    rows = [
        {
            "network": config.network,
            "pictures": " × ".join(map(str, config.unet.shape[1:] + config.unet.shape[:1])),
            "parameters": f"{sum(each.numel() for each in model.networks[name].parameters()):,}",
            "schedule": f"{config.diffusion.schedule}, T = {config.diffusion.T}",
            "predicts": config.diffusion.objective,
            "steps": config.train.steps,
        }
        for name, config in model.configs.items()
    ]
    title = f"{type(model).__name__}: learned from {model.dataset.name}"
    return f"<b>{html.escape(title)}</b>{_table(rows)}"


def figures_html(found: Mapping[str, Any]) -> str:
    """A table of measured figures; those of several encoders one under the other."""
    plain = {k: v for k, v in found.items() if not isinstance(v, Mapping)}
    rows = [{"": "", **plain}] + [
        {"": name, **part} for name, part in found.items() if isinstance(part, Mapping)
    ]
    return "".join(_table([row]) for row in rows)


def _table(rows: list[dict[str, Any]]) -> str:
    def cells(values: Iterable[Any], tag: str) -> str:
        shown = (f"{v:.4g}" if isinstance(v, float) else str(v) for v in values)
        return "<tr>" + "".join(f"<{tag}>{html.escape(each)}</{tag}>" for each in shown) + "</tr>"

    body = "".join(cells(row.values(), "td") for row in rows)
    return f"<table>{cells(rows[0], 'th')}{body}</table>"


def live(steps: Iterator[TrainStep]) -> Iterator[TrainStep]:
    """The same steps, while a notebook shows the curve of their losses."""
    losses: list[float] = []
    handle, drawn = None, time.monotonic()
    try:
        for step in steps:
            losses.append(step.loss)
            yield step
            if time.monotonic() - drawn > LIVE_S:
                handle, drawn = _redrawn(losses, handle), time.monotonic()
    finally:
        steps.close()  # pyright: ignore[reportAttributeAccessIssue]
        if losses:
            _redrawn(losses, handle)


def _redrawn(losses: list[float], handle: Any) -> Any:
    """The display that shows the curve so far: a new one, or this."""
    from IPython.display import Image, display

    image = Image(png(figures.losses({f"{len(losses)} steps": figures.LossCurve.of(losses)})))
    if handle is None:
        return display(image, display_id=True)
    handle.update(image)
    return handle


class Page:
    """The page, in a process of its own, shown in a frame. `close()` ends it, as the notebook's end
    does."""

    def __init__(self, height: int = 900):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.height = height
        env = os.environ | {"DDPM_FRAMED_BY": "*"}
        command = [sys.executable, "-m", "page", "--host", "127.0.0.1", "--port", str(self.port)]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115, as long as the process
        self._process = subprocess.Popen(command, env=env, stdout=self._said, stderr=self._said)
        atexit.register(self.close)
        self._wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._process.terminate()

    def _wait(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        code = self._process.poll()
        self.close()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip()[-300:]
        if "ModuleNotFoundError" in said:
            raise OSError(f'the page needs more packages: pip install "ddpm-lab[page]" ({said})')
        how = f"within {START_S:g} s" if code is None else f"and ended with code {code}"
        raise OSError(f"the page did not start {how}: {said or 'it said nothing'}")

    def _repr_html_(self) -> str:
        if "google.colab" in sys.modules:  # the browser is not on this machine
            output = importlib.import_module("google.colab.output")
            output.serve_kernel_port_as_iframe(self.port, height=self.height)
            return ""
        return (
            f'<iframe src="{self.url}" width="100%" height="{self.height}" '
            'style="border: 0" allow="camera; clipboard-write"></iframe>'
        )


def page(height: int = 900) -> Page:
    """The interactive page inside a notebook, Jupyter's or Colab's: the last line of a cell shows
    it, `height` pixels high. It needs `pip install "ddpm-lab[page]"`; OSError says why it did not
    start. Where Jupyter runs on another machine, its port must be forwarded."""
    return Page(height)
