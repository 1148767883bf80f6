"""Patches of what Gradio does for each update that it sends, on the event loop, which has hundreds
of them to send.

The rest of what reaches into Gradio is in gradio_patches.py, which says for which version.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import lru_cache

import gradio as gr
from gradio import utils
from gradio.block_function import BlockFunction
from gradio.blocks import Block, Blocks
from gradio.state_holder import SessionState

from ddpm.patching import patch

NOTHING = gr.skip()
FUNCTIONS = 2_000  # whose annotations are remembered: more than the page has

_postprocess, _set, _hints = (
    Blocks.postprocess_data,
    SessionState.__setitem__,
    lru_cache(FUNCTIONS)(utils.get_type_hints),
)


async def _without_skips(
    self: Blocks, block_fn: BlockFunction, predictions: list | dict, state: SessionState | None
) -> list:
    """Gradio makes a new component for each output of an update, also where it says nothing."""
    outputs = block_fn.outputs
    if not isinstance(predictions, list | tuple) or len(predictions) != len(outputs):
        return await _postprocess(self, block_fn, predictions, state)
    said = [k for k, value in enumerate(predictions) if not _is_nothing(value)]
    if len(outputs) == 1 or len(said) == len(outputs):
        return await _postprocess(self, block_fn, predictions, state)  # pyright: ignore
    data: list = [None if block.stateful else dict(NOTHING) for block in outputs]
    if said:
        of_these = copy(block_fn)
        of_these.outputs = [outputs[k] for k in said]
        values = [predictions[k] for k in said]
        sent = values if len(values) > 1 else values[0]
        for k, value in zip(said, await _postprocess(self, of_these, sent, state), strict=True):
            data[k] = value
    return data


def _is_nothing(value: object) -> bool:
    return isinstance(value, dict) and value == NOTHING


def _under_its_own_id(self: SessionState, key: int, value: object) -> None:
    """Gradio creates a component with a new id whenever an event updates one, keeps them all as
    long as the session, and writes down the configuration of each, for deep links, which the page
    has none of."""
    if isinstance(value, Block):
        value._id = key
        self.blocks_config.blocks[key] = value
    else:
        _set(self, key, value)
        self.config_values.clear()
    if keep := getattr(self, "keep", None):  # see gradio_sessions.py
        keep()


def _hints_once(fn: Callable) -> dict:
    """Gradio evaluates the annotations of a listener for each of its events."""
    return _hints(fn)


def apply() -> None:
    """Apply all patches. Raises PatchError if a target is not as expected."""
    patch(Blocks, "postprocess_data", _without_skips, "(self, block_fn, predictions, state)")
    patch(SessionState, "__setitem__", _under_its_own_id, "(self, key, value)")
    patch(utils, "get_type_hints", _hints_once, "(fn)")
