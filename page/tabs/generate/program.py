"""What Draw and Compare show, as programs over `ddpm`."""

from typing import Any

from page.models.guides import Guide
from page.models.pretrained import loaded
from page.models.registry import KINDS, Request
from page.models.request import ALL_TIMES, TAB
from page.server.listeners.validation import check_setting
from page.tabs.generate.compare.axes import SHARED, changed, comparison
from page.tabs.generate.controls.controls import START, of_start
from page.tabs.generate.controls.visibility import OF_THE_SKETCH, SHOWN
from page.widgets.links import Values
from page.widgets.programs import LINE, listed, quoted, scale

COMPARING = """{more}
models = {{{models}}}
{guides}

def draw(model, schedule, {guide}**settings):
{ways}    model = load(models[model])
    schedule = ddpm.Schedule.named(schedule, model.schedule.T)
    return ddpm.sample(
        model, {count}, schedule=schedule, {guided}**settings
    )

"""
BOARD = """
same = {{{same}}}
rows = [{rows}]
pictures = [[draw(**same, **cell) for cell in row] for row in rows]

everything = torch.cat([x for row in pictures for x in row])
ddpm.to_pil(ddpm.make_grid(everything, nrow={nrow}), scale={scale}).save("comparison.png")
"""


def drawing(shown: Values) -> str:
    """What the "Draw" button would draw now. gr.Error names a setting that is wrong."""
    check_setting(START, shown["start"], TAB)
    asked = {name: shown[name] for name in ("picture", *OF_THE_SKETCH, *SHOWN)}
    request = Request(**of_start(asked, shown["start"]))
    kind = request.kind
    system = kind.load(shown["trained"])
    return kind.program(kind.suited(request, system), system, shown["trained"])


def comparing(shown: Values) -> str:
    """What the "Compare" button would draw now. gr.Error names a setting that is wrong."""
    axis, across, schedules = (shown[name] for name in ("axis", "across", "schedules"))
    given = changed(shown.get("start", ""), shown.get("picture", ""), axis, across)
    asked = Request(picture=given, **{name: shown[name] for name in SHARED})
    plan = comparison(shown["trained"], axis, across, schedules, asked)
    first = plan.everything[0]
    own = first.kind.comparing(first) if len(plan.checkpoints) == 1 else None
    guides = {_guide(request): request.guide for request in plan.everything}
    is_within = any(request.interval != ALL_TIMES for request in plan.everything)

    def settings_of(request: Request) -> dict:
        if own:
            return request.kind.arguments(request)
        guide = {"guided_by": _guide(request)} if any(guides.values()) else {}
        system = plan.checkpoints[request.model]
        if is_within:
            guide |= {"interval": request.guided_times(system.schedule.T)}
        return _settings(request, system) | guide

    table = [[settings_of(request) for request in row] for row in plan.requests]
    settings = [each for row in table for each in row]
    changing = [name for name in settings[0] if len({str(each[name]) for each in settings}) > 1]
    same = {name: value for name, value in settings[0].items() if name not in changing}
    rows = [[{name: each[name] for name in changing} for each in row] for row in table]
    head = own or _head([*plan.checkpoints], shown["trained"], first, _guided(guides))
    return head + BOARD.format(
        same=listed(_entries(same, 4)),
        rows=listed([_row(row) for row in rows]),
        nrow=plan.count * len(rows[0]),
        scale=scale(plan.count * len(plan.everything), plan.count * len(rows[0])),
    )


def _head(names: list[str], trained: object, request: Request, parts: dict[str, str]) -> str:
    """How each picture of a comparison is drawn; `request` is any of its own."""
    files, parts = {}, parts | {"ways": "", "more": ""}
    for name in names:
        if own := KINDS[name].among_others(request):
            parts |= {part: parts[part] + code for part, code in own.items()}
        else:
            files[name] = KINDS[name].saved_as(trained)
    models = listed(_entries(files, 4))
    return loaded() + COMPARING.format(models=models, count=request.count, **parts)


def _guide(request: Request) -> str:
    """Its name in a program: each model may have a worse version of its own."""
    return request.guide.file.stem if request.guide else request.guided_by


def _guided(guides: dict[str, Guide | None]) -> dict[str, str]:
    """The parts of COMPARING that say what guides."""
    loads = [
        f"{name!r}: {{{guide.argument!r}: {guide.program}}}"
        for name, guide in guides.items()
        if guide
    ]
    if not loads:
        return {"guides": "", "guide": "", "guided": ""}
    listing = listed(["'labels': {}", *loads])
    found = f"guides = {{{listing}}}\n"
    return {"guides": found, "guide": "guided_by, ", "guided": "**guides[guided_by], "}


def _settings(request: Request, system: Any) -> dict:
    """The arguments of `draw`, in a comparison's program."""
    kind = request.kind
    return {
        **{"model": request.model, "schedule": request.schedule},
        **{"labels": request.labels(len(kind.names(system))), "sampler": request.sampler},
        **{"steps": kind.split(request.steps), "guidance": request.guidance, "seed": request.seed},
    }


def _row(cells: list[dict]) -> str:
    """A row of a comparison's program: one cell per line if there are several."""
    if len(cells) == 1:
        return f"[{_cell(cells[0], 4)}]"
    return f"[{listed([_cell(cell, 8) for cell in cells], 4)}]"


def _cell(values: dict, indent: int) -> str:
    """In one line, if it is short enough."""
    line = f"{{{', '.join(_entries(values, indent))}}}"
    return line if len(line) <= LINE else f"{{{listed(_entries(values, indent + 4), indent)}}}"


def _entries(values: dict, indent: int) -> list[str]:
    return [f"{name!r}: {quoted(value, indent)}" for name, value in values.items()]
