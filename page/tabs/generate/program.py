"""What Draw and Compare show, as programs over `ddpm`."""

from __future__ import annotations

from pathlib import Path

import ddpm
from page.compute import models
from page.compute.interface import SHIPPED, STUDENT
from page.server.listeners.validation import check_setting
from page.tabs.generate.compare.axes import SHARED, comparison
from page.tabs.generate.controls.controls import OF_THE_SKETCH, SHOWN, START, of_start
from page.tabs.generate.drawing.drawing import check_model, suited
from page.tabs.generate.drawing.request import (
    MAX_NOISE,
    TAB,
    Request,
)
from page.tabs.generate.stages import cascade_program
from page.tabs.generate.stages.cascade import split
from page.tabs.generate.words import by_words_program, unclip_program
from page.tabs.generate.words.unclip import changed
from page.widgets import data_uri
from page.widgets.links import Values
from page.widgets.programs import listed, quoted, scale

LOADED = """
from dataclasses import replace

{imports}import ddpm
from ddpm.sampling.bf16 import in_bf16


def load(name):
    checkpoint = ddpm.load_checkpoint(name)
    # as on the page: in bfloat16, where the processor computes in it
    return replace(checkpoint, model=in_bf16(checkpoint.model))

"""
DRAWING = """
model = load({model!r})
schedule = ddpm.Schedule.named({schedule}, model.schedule.T)
{guide}{begin}steps = ddpm.trajectory(
    model, {count}, labels={labels}, sampler={sampler!r}, steps={steps}, guidance={guidance},
    seed={seed}, schedule=schedule{guided}{start},
)
film = [ddpm.make_grid(step.x, nrow={nrow}) for step in steps]

ddpm.to_pil(film[-1], scale={scale}).save("pictures.png")
ddpm.save_gif([ddpm.to_pil(frame) for frame in film], "film.gif", scale={scale})
"""
SKETCH = """sketch = {sketch}
levels = torch.frombuffer(bytearray(base64.b64decode(sketch)), dtype=torch.uint8)
picture = levels.reshape(1, 28, 28) / 127.5 - 1
t = round({noise} / {most} * (model.schedule.T - 1))
"""
COMPARING = """{more}
models = {models}
{guides}

def draw(model, schedule, {guide}**settings):
{cascade}    model = load(models[model])
    schedule = ddpm.Schedule.named(schedule, model.schedule.T)
    return ddpm.sample(model, {count}, schedule=schedule, {guided}**settings)

"""
BOARD = """
same = {{{same}}}
rows = [{rows}]
pictures = [[draw(**same, **cell) for cell in row] for row in rows]

everything = torch.cat([x for row in pictures for x in row])
ddpm.to_pil(ddpm.make_grid(everything, nrow={nrow}), scale={scale}).save("comparison.png")
"""


# Of systems of several networks
STAGED = {"words": by_words_program, "cascade": cascade_program, "unclip": unclip_program}
# The parts of COMPARING that only a comparison with a classifier has.
GUIDED = {
    "guides": "guides = {'labels': None, 'classifier': ddpm.NoisyClassifier.load()}\n",
    "guide": "guided_by, ",
    "guided": "classifier=guides[guided_by], ",
}


def drawing(shown: Values) -> str:
    """What the "Draw" button would draw now. gr.Error names a setting that is wrong."""
    check_setting(START, shown["start"], TAB)
    asked = {name: shown[name] for name in ("picture", *OF_THE_SKETCH, *SHOWN)}
    request = Request(**of_start(asked, shown["start"]))
    checkpoint = models.chosen(shown["trained"], request.model)
    request = suited(request, checkpoint)
    if own := STAGED.get(request.model):
        check_model(request, checkpoint)
        return own.drawing(request)
    from_sketch = request.picture is not None
    body = DRAWING.format(
        model=_file(request.model, shown["trained"]),
        schedule=quoted(request.schedule),
        guide="classifier = ddpm.NoisyClassifier.load()\n" if request.by_classifier else "",
        guided=", classifier=classifier" if request.by_classifier else "",
        begin=_sketch(request) if from_sketch else "",
        count=request.count,
        labels=request.labels,
        sampler=request.sampler,
        steps=request.calls(checkpoint.schedule.T),
        guidance=request.guidance,
        seed=request.seed,
        start=", start=(picture, t)" if from_sketch else "",
        nrow=data_uri.columns(request.count),
        scale=scale(request.count, data_uri.columns(request.count)),
    )
    return loaded("base64, torch" if from_sketch else "") + body


def comparing(shown: Values) -> str:
    """What the "Compare" button would draw now. gr.Error names a setting that is wrong."""
    axis, across, schedules = (shown[name] for name in ("axis", "across", "schedules"))
    given = changed(shown.get("start", ""), shown.get("picture", ""), axis, across)
    asked = Request(picture=given, **{name: shown[name] for name in SHARED})
    plan = comparison(shown["trained"], axis, across, schedules, asked)
    first = plan.everything[0]
    own = STAGED.get(first.model) if len(plan.checkpoints) == 1 else None
    by_classifier = any(request.by_classifier for request in plan.everything)

    def settings_of(request: Request) -> dict:
        if own:
            return own.settings(request)
        guide = {"guided_by": request.guided_by} if by_classifier else {}
        return _settings(request) | guide

    settings = [settings_of(request) for request in plan.everything]
    changing = [name for name in settings[0] if len({str(each[name]) for each in settings}) > 1]
    same = {name: value for name, value in settings[0].items() if name not in changing}
    rows = [
        [{name: settings_of(request)[name] for name in changing} for request in row]
        for row in plan.requests
    ]
    if own:
        head = own.comparing(first)
    else:
        head = _head([*plan.checkpoints], shown["trained"], first, by_classifier)
    return head + BOARD.format(
        same=listed(_entries(same, 4)),
        rows=listed([_row(row) for row in rows]),
        nrow=plan.count * len(rows[0]),
        scale=scale(plan.count * len(plan.everything), plan.count * len(rows[0])),
    )


def _head(names: list[str], trained: str | None, request: Request, by_classifier: bool) -> str:
    """How each picture of a comparison is drawn; `request` is any of its own."""
    files = {name: _file(name, trained) for name in names if name not in STAGED}
    parts = {"guides": "", "guide": "", "guided": "", "cascade": "", "more": ""}
    parts |= GUIDED if by_classifier else {}
    for name in names:
        if name in STAGED:
            parts |= {k: parts[k] + v for k, v in STAGED[name].among_others(request).items()}
    return loaded("torch") + COMPARING.format(models=files, count=request.count, **parts)


def loaded(modules: str) -> str:
    """The head of a program that also imports these."""
    standard = "".join(f"import {name}\n" for name in modules.split(", ") if name == "base64")
    others = "import torch\n\n" if "torch" in modules else ""
    head = LOADED.format(imports=others)
    return standard + head.lstrip()


def _settings(request: Request) -> dict:
    """The arguments of `draw`, in a comparison's program."""
    return {
        "model": request.model,
        "schedule": request.schedule,
        "labels": request.labels,
        "sampler": request.sampler,
        "steps": split(request.steps) if request.model == "cascade" else request.steps,
        "guidance": request.guidance,
        "seed": request.seed,
    }


def _sketch(request: Request) -> str:
    assert request.picture is not None
    return SKETCH.format(sketch=quoted(request.picture), noise=request.noise, most=MAX_NOISE)


def _file(model: str, trained: str | ddpm.Checkpoint | None) -> str:
    """What `ddpm.load_checkpoint` takes for a model of the page."""
    if model == "trained":  # downloaded from the Train tab
        return Path(trained).name if isinstance(trained, str) else "model.safetensors"
    return {"shipped": SHIPPED, "student": STUDENT}[model].stem


def _row(cells: list[dict]) -> str:
    """A row of a comparison's program: one cell per line if there are several."""
    texts = [f"{{{', '.join(_entries(cell, 8))}}}" for cell in cells]
    return f"[{texts[0]}]" if len(texts) == 1 else f"[{listed(texts, 4)}]"


def _entries(values: dict, indent: int) -> list[str]:
    return [f"{name!r}: {quoted(value, indent)}" for name, value in values.items()]
