"""The Compare view: what changes, what it will cost, and the pictures."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from ddpm.schedules.text_form import DRAWN, name_of
from page.models.base import Refused
from page.models.registry import MODELS, Request, model_of
from page.models.request import ANY
from page.server.files import result_files
from page.server.listeners.pools import FOLLOWS, LIVE, TABLES, quick
from page.tabs.generate.compare import figure
from page.tabs.generate.compare.axes import (
    ACROSS,
    AXES,
    AXIS,
    COUNTS,
    NONE,
    SCHEDULES,
    SECOND,
    SHARED,
    TAB,
    changed,
    comparison,
)
from page.tabs.generate.compare.compare import STOPS, TAKES, boards
from page.tabs.generate.compare.time_estimate import PACE
from page.tabs.generate.controls import in_browser
from page.tabs.generate.controls.controls import Controls
from page.tabs.generate.controls.visibility import OWN, usual
from page.texts import key_of, text
from page.widgets.comparison import compare as instrument
from page.widgets.controls import control, named_choices
from page.widgets.drawn_schedule import offered
from page.widgets.figure_menu import figure_menu
from page.widgets.kept import came_back, find_again, run_on

PRESS_GO = "() => document.querySelector('#compare-go').click()"
UNPLANNED = ("seed", "schedule", "words", "words_before")  # what they are changes no plan
EXAMPLE = 7  # the class for an axis that needs one: sneakers have few shapes
STRONG = 2  # the guidance at which every guide does something


def planned(
    trained: str | None, start: str, picture: str, axis: str, across: str, schedules: list[str],
    *settings,
) -> gr.HTML:  # fmt: skip
    """What a click would do: how many calls, and about how long; or why it would be refused."""
    try:
        given = dict(zip(SHARED, settings, strict=True))
        asked = Request(count=COUNTS[1], picture=changed(start, picture, axis, across), **given)
        plan = comparison(trained, axis, across, schedules, asked)
    except Refused as refused:
        return gr.HTML(plan={"refused": refused.key} | refused.values)
    except gr.Error as error:  # a setting out of its range
        return gr.HTML(plan={"said": error.message.split("<br>")})
    except ValueError:  # a value half typed
        return gr.HTML(plan=None)
    seconds = round(sum(map(PACE.seconds, plan.everything))) or 1
    return gr.HTML(plan={"count": plan.count, "cells": len(plan.everything), "calls": plan.calls,
                         "seconds": seconds})  # fmt: skip


def needed_model(axis: str, across: str, model: str, *own: Any) -> list:
    """An axis that only one model has may choose it, with the settings usual for it."""
    for name, kind in MODELS.items():
        if kind.comes_with_axes and name != model and {axis, across} & {*kind.axes}:
            return [name, *usual(name, "labels", *own)]
    return [gr.skip()] * (1 + len(own))


def needed_class(axis: str, across: str, label: int, model: str, trained: str | None = None):
    """Guidance needs a class, or words: choose one, where the visitor sees it."""
    axes, kind = {axis, across}, model_of(model)
    pulls = {"guidance", "guided_by"} & axes and "label" not in axes
    if pulls and label == ANY and "label" in kind.heeds:
        return min(EXAMPLE, len(kind.classes(trained)) - 1)
    return gr.skip()


def needed_guidance(axis: str, across: str, guidance: float | None):
    """At 1 some guides do nothing: choose more, where the visitor sees it."""
    is_idle = guidance == 1 and "guidance" not in (axis, across)
    return STRONG if is_idle and "guided_by" in (axis, across) else gr.skip()


def show(
    visit: gr.Request,
    trained: str | None,
    start: str,
    picture: str,
    axis: str,
    across: str,
    schedules: list[str],
    *settings,
) -> Iterator[tuple]:
    """`compare`, for the page, whose list of models says what use_trained says to programs; and at
    the end where its figure can be drawn from."""
    kept = None  # what it had is no longer shown
    given = dict(zip(SHARED, settings, strict=True)) | {"across": across, "schedules": schedules}
    given["picture"] = changed(start, picture, axis, across)
    for view, board in boards(visit, trained, False, axis, *(given[name] for name in TAKES)):
        yield view, kept
        kept, pictures = gr.skip(), board.pictures
    if pictures:
        with result_files.STORE.folder("compare", visit) as folder:
            path = figure.save_grid(pictures, view, folder)
        yield gr.skip(), path


def offered_schedules(axis: str, across: str, schedule: str) -> dict:
    """What an axis of schedules offers, and whether it is shown. The choice stays as it is."""
    is_shown = "schedule" in (axis, across)
    return gr.update(choices=offered(TAB, SCHEDULES, schedule), visible=is_shown)


def with_drawn(schedule: str, schedules: list[str]):
    """The choice, once a hand has chosen the axis or the schedule: one that was drawn joins it.

    Not on a link, which says what is chosen: this would arrive after what the link sets.
    """
    is_new = name_of(schedule) == DRAWN and schedule not in schedules
    return [*schedules, schedule] if is_new else gr.skip()


def build(
    tab: gr.Tab, trained: gr.State, of_the_tab: Controls, again: gr.Button
) -> tuple[tuple[gr.Dropdown, gr.Dropdown], gr.Dropdown]:
    """The view's components and events, in its tab, beside those of the page's. `again` has a page
    follow its run again. Returns the two axes, and the schedules of an axis.
    """
    gr.Markdown(text("compare_intro"), elem_classes="intro")
    names = {name: (text(key_of("generate", name)), name) for name in AXES}
    second = [(text("compare_across_none"), NONE), *(names[name] for name in SECOND)]
    with gr.Row():
        axis, across = (
            control(TAB, each, grows=True, choices=choices, min_width=140)
            for each, choices in ((AXIS, list(names.values())), (ACROSS, second))
        )
        with gr.Column(min_width=140):
            with gr.Row():
                go = gr.Button(text("compare_go"), variant="primary", elem_id="compare-go")
                here = in_browser.button("compare")
                stop = gr.Button(text("stop"), interactive=False, elem_id="compare-stop")
            if "calls" in AXES:
                ready = gr.Button(text("compare_ready"), size="sm", elem_id="compare-ready")
                ready.click(
                    None, None, [axis, across], js=f"() => ['calls', '{NONE}']",
                    api_visibility="private",
                ).then(None, js=PRESS_GO, api_visibility="private")  # fmt: skip
    schedules = gr.Dropdown(
        named_choices(TAB, SCHEDULES), value=list(SCHEDULES.default), multiselect=True,
        allow_custom_value=True, label=text("compare_schedules"),
        info=text("compare_schedules_info"), visible=False, elem_id="compare-schedules",
    )  # fmt: skip
    view = instrument.view("compare-view")
    kept = gr.State(None)
    menu = figure_menu.figure_menu(figure.GRID, elem_id="compare-figure")
    figure_menu.connect(menu, figure.draw_grid, [kept])
    controls = of_the_tab.values
    start, picture = of_the_tab.start, of_the_tab.picture
    settings = [controls[name] for name in SHARED]
    inputs = [trained, start, picture, axis, across, schedules, *settings]
    # the rows of the last comparison say nothing about this one
    go.click(None, None, view, js="() => ({ rows: [] })", api_visibility="private")
    shown, buttons = [view, kept], [go, here, stop]
    in_browser.connect_comparison(here, stop, buttons, (axis, across), controls, menu)
    asked = [*inputs, came_back()]
    run_on("comparison", go.click, show, asked, shown, buttons, api_name="compare_rows")
    find_again("comparison", again, shown, buttons)
    STOPS.on(stop, view)
    axes, by_hand = [axis, across], [axis.input, across.input]
    names = ("label", "model", "guidance", "schedule")
    label, model, guidance, schedule = (controls[name] for name in names)
    gr.on(by_hand, quick(needed_class), [*axes, label, model, trained], label, **FOLLOWS)
    gr.on(by_hand, quick(needed_guidance), [*axes, guidance], guidance, **FOLLOWS)
    chosen = [model, *(controls[name] for name in OWN)]
    gr.on(by_hand, quick(needed_model), [*axes, *chosen], chosen, **FOLLOWS)
    changes = [each.change for each in (*axes, schedule)]
    gr.on(changes, quick(offered_schedules), [*axes, schedule], schedules, **FOLLOWS)
    drawn, by_hand = [schedule, schedules], [*by_hand, schedule.input]
    gr.on(by_hand, quick(with_drawn), drawn, schedules, **FOLLOWS)
    matter = [*axes, schedules, start, picture]
    matter += [controls[name] for name in SHARED if name not in UNPLANNED]
    changes = [each.change for each in matter]
    gr.on([tab.select, *changes], planned, inputs, view, **LIVE, **TABLES)
    return (axis, across), schedules
