"""Patches of what Gradio does for each update that it sends, on the event loop, which has hundreds
of them to send.

The rest of what reaches into Gradio is in gradio_patches.py, which says for which version.
"""

import inspect
from collections.abc import Callable
from copy import copy
from functools import lru_cache

import gradio as gr
from gradio import queueing, utils
from gradio.block_function import BlockFunction
from gradio.blocks import Block, Blocks
from gradio.state_holder import SessionState

from ddpm.patching import patch

NOTHING, LEFT = gr.skip(), object()
OF_EVERY_HTML = inspect.signature(gr.HTML.__init__).parameters
FUNCTIONS = 2_000  # whose annotations are remembered: more than the page has

_postprocess, _set = Blocks.postprocess_data, SessionState.__setitem__
# Gradio evaluates the annotations of a listener for each of its events.
patch(utils, "get_type_hints")(lru_cache(FUNCTIONS)(utils.get_type_hints))


@patch(Blocks, "postprocess_data")
async def _said(
    self: Blocks, block_fn: BlockFunction, predictions: list | dict, state: SessionState | None
) -> list:
    """Gradio makes a new component for each output of an update, also where it says nothing, and
    asks a thread for each value; what it has to do is done for those that are left."""
    outputs = block_fn.outputs
    values = [predictions] if len(outputs) == 1 else predictions
    if not isinstance(values, list | tuple) or len(values) != len(outputs):
        return await _postprocess(self, block_fn, predictions, state)
    data: list = [_at_once(block, value) for block, value in zip(outputs, values, strict=True)]
    if left := [k for k, value in enumerate(data) if value is LEFT]:
        of_these = copy(block_fn)
        of_these.outputs = [outputs[k] for k in left]
        sent = [values[k] for k in left]
        rest = await _postprocess(self, of_these, sent if len(left) > 1 else sent[0], state)  # pyright: ignore
        for k, value in zip(left, rest, strict=True):
            data[k] = value
    return data


def _at_once(block: Block, value: object) -> object:
    """What is sent to the page for this output, or `LEFT` if that takes Gradio."""
    if isinstance(value, dict) and value == NOTHING:
        return None if block.stateful else dict(NOTHING)
    return _of_instrument(value) if type(block) is gr.HTML else LEFT


def _of_instrument(value: object) -> object:
    """The server keeps nothing of a gr.HTML and changes none of its values. Gradio looks for every
    name in an update through the instrument's whole script, and through all it holds for files."""
    if isinstance(value, gr.HTML):
        said = dict(value.constructor_args)
    elif utils.is_prop_update(value):
        said = utils.delete_none(dict(value), skip_value=True)  # pyright: ignore
    else:
        return value
    said.pop("__type__", None)
    props = {name: said.pop(name) for name in list(said) if name not in OF_EVERY_HTML}
    return said | ({"props": props} if props else {}) | {"__type__": "update"}


@patch(SessionState, "__setitem__")
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


@patch(queueing, "run_sync")
async def _no_summary(
    func: Callable, *args: object, abandon_on_cancel=False, cancellable=None, limiter=None
) -> None:
    """On another thread, and after each event, Gradio counts what a view shows that the gate keeps
    closed."""
