"""An update says to the page what Gradio would have said, with less work."""

import asyncio
from copy import copy, deepcopy

import gradio as gr
import pytest
from gradio.blocks import Blocks
from gradio.state_holder import SessionState

from page.server.patches import gradio_updates

SKIP = gr.skip()


@pytest.fixture
def page() -> Blocks:
    with gr.Blocks() as page:
        name, kept, file = gr.Textbox("a", elem_id="name"), gr.State(1), gr.DownloadButton()
        gr.Button().click(lambda: None, None, [name, kept, file])
        gr.Button().click(lambda: None, None, name)
    return page


@pytest.mark.parametrize(
    ("outputs", "update"),
    [
        (3, (SKIP, SKIP, SKIP)),
        (3, ("b", SKIP, SKIP)),
        (3, (SKIP, 2, SKIP)),
        (3, (gr.update(value="b", visible=False), SKIP, gr.update(interactive=False))),
        (3, [SKIP, 3, gr.update(label="c")]),
        (3, SKIP),
        (3, (gr.update(lines=2), 4, None)),
        (1, SKIP),
        (1, ["b"]),
    ],
)
def test_the_page_is_told_the_same(page, outputs, update):
    (listener,) = (each for each in page.fns.values() if len(each.outputs) == outputs)

    def said(by):
        state = SessionState(page)
        told = asyncio.run(by(page, listener, deepcopy(update), state))
        return told, state.state_data

    assert said(Blocks.postprocess_data) == said(gradio_updates._postprocess)


@pytest.mark.parametrize(
    "update",
    [
        "<b>b</b>",
        None,
        {"frames": [1, 2]},
        gr.update(value="b", frames=[0.5], visible="hidden"),
        gr.update(value=None, frames=None),
        gr.update(frames={"path": "a.png"}),
        gr.HTML(frames=None, plan={"cells": 3}),
        gr.HTML("b", label="c", elem_classes=["d"]),
    ],
)
def test_an_instrument_is_told_the_same_and_no_other_is_made_for_it(update):
    with gr.Blocks() as page:
        instrument = gr.HTML("a", frames=[], plan=None, js_on_load="watch('value', draw)")
        gr.Button().click(lambda: None, None, [instrument, gr.State(0)])

    def told(by):
        given = (copy(update), 1)
        said, state = asyncio.run(by(page, page.fns[0], given, SessionState(page)))
        if isinstance(said, dict) and "props" in said:
            said["props"].pop("__type__", None)  # that it is an update, Gradio says in it too
            said = {name: value for name, value in said.items() if name != "props" or value}
        return said, state

    assert told(Blocks.postprocess_data) == told(gradio_updates._postprocess)
    state = SessionState(page)
    asyncio.run(page.postprocess_data(page.fns[0], (update, 1), state))
    assert state[instrument._id] is instrument


def test_too_few_values_are_an_error_as_before(page):
    with pytest.raises(ValueError, match="enough output values"):
        asyncio.run(page.postprocess_data(page.fns[0], (SKIP, SKIP), SessionState(page)))


def test_a_component_is_made_only_for_what_is_said(page):
    state = SessionState(page)
    before = dict(state.blocks_config.blocks)
    name, _, file = page.fns[0].outputs
    update = (gr.update(lines=2), SKIP, SKIP)
    asyncio.run(page.postprocess_data(page.fns[0], update, state))
    after = state.blocks_config.blocks
    assert after[name._id].lines == 2 and after[name._id] is not before[name._id]
    assert after[file._id] is before[file._id] and not state.config_values


def test_annotations_are_evaluated_once():
    evaluated = []

    def listener(visit: gr.Request) -> None: ...

    listener.__annotations__["visit"] = "evaluated.append(1) or gr.Request"
    listener.__globals__["evaluated"] = evaluated
    try:
        for _ in range(3):
            hints = gr.utils.get_type_hints(listener)
    finally:
        del listener.__globals__["evaluated"]
    assert hints["visit"] is gr.Request and evaluated == [1]
