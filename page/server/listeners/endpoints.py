"""Endpoints for programs: gradio_client, MCP, curl. Argument names, ranges and documentation come
from the settings that an endpoint takes."""

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.components.api_component import Api  # what gr.api uses, under no public name
from gradio.data_classes import ListFiles

from ddpm.settings import Setting
from page.server.visitors.visitors import VISITORS

FILE = gr.FileData.model_json_schema()
FILES = ListFiles.model_json_schema()
OBJECT = {"type": "object", "additionalProperties": {}}
TEXTS = {"type": "array", "items": {"type": "string"}}
LOOK_S = 0.1  # between looks whether a program has read what it was sent
REQUIRED = inspect.Parameter.empty
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string"}


@dataclass(frozen=True)
class Value:
    """An endpoint's argument or result that is not a setting."""

    about: str
    schema: dict  # JSON schema
    default: object = REQUIRED


def file(path: str | Path) -> dict:
    """A file in the form that clients download."""
    return gr.FileData(path=str(path), orig_name=Path(path).name).model_dump()


def endpoint(
    fn: Callable,
    api_name: str,
    takes: Mapping[str, Setting | Value | gr.State],
    returns: Mapping[str, Value | gr.State],
    **limits,
) -> None:
    """Let programs call the generator `fn(*values)`, or `fn(visit: gr.Request, *values)`; with
    queue=False, a coroutine function.

    Its docstring describes the endpoint; arguments and results are documented from `takes` and
    `returns`. A gr.State stays in the session, unseen by the program. `limits` are passed to gr.on.
    """

    def stream(*values):
        for update in fn(*values):
            yield update
            for _ in VISITORS.until_read(values[0].session_hash) if own else ():
                time.sleep(LOOK_S)

    async def answer(*values):
        return await fn(*values)

    own = [p for p in inspect.signature(fn).parameters.values() if p.name == "visit"]
    call = answer if inspect.iscoroutinefunction(fn) else stream
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=None if isinstance(value, gr.State) else value.default,
        )
        for name, value in takes.items()
    ]
    call.__signature__ = inspect.Signature(own + parameters)
    call.__annotations__ = {p.name: gr.Request for p in own}
    call.__name__ = api_name
    call.__doc__ = "\n".join(
        [inspect.getdoc(fn) or "", "Args:", *_explained(takes), "Returns:", *_explained(returns)]
    )
    gr.on(
        [],
        call,
        [_component(name, value) for name, value in takes.items()],
        [_component(name, value) for name, value in returns.items()],
        api_name=api_name,
        preprocess=False,  # settings are checked with our own messages
        show_progress="hidden",
        **limits,
    )


def _explained(values: Mapping[str, Setting | Value | gr.State]) -> list[str]:
    return [
        f"    {name}: {_words(name, value)}"
        for name, value in values.items()
        if not isinstance(value, gr.State)
    ]


def _words(name: str, value: Setting | Value) -> str:
    words = value.about
    # choices are in the type, unless other texts are accepted too
    if isinstance(value, Setting) and (value.low is not None or value.form or value.most):
        words += f": {value.expected}"
    if name != name.lower():  # gradio_client prints names in lower case
        words += f" (write {name})"
    return words


def _component(name: str, value: Setting | Value | gr.State) -> gr.State | Api:
    if isinstance(value, gr.State):
        return value
    words = _words(name, value)
    schema = _schema(value) if isinstance(value, Setting) else value.schema
    schema = schema | {"description": words, "additional_description": words}
    default = None if value.default is REQUIRED else value.default
    return Api(list(default) if isinstance(default, tuple) else default, schema, name)


def _schema(setting: Setting) -> dict:
    if setting.form:
        item = {"type": "string", "examples": list(setting.choices or ())}
    elif setting.choices is not None:
        item = {"enum": list(setting.choices)}
    else:
        item = {"type": KINDS[setting.kind]}
        if setting.low is not None:
            item |= {"minimum": setting.low, "maximum": setting.high}
        if setting.most is not None:
            item |= {"maxLength": setting.most}
    if not setting.many:
        return item
    size = {"minItems": 2, "maxItems": 2} if setting.pair else {}
    return {"type": "array", "items": item} | size
