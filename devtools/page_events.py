"""The page's events and endpoints, as its own configuration lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    number: int
    inputs: dict[str, object]  # what each holds on a page just opened, by elem_id or argument

    def data(self, changes: Mapping[str, object]) -> list:
        """What the page would send with these inputs changed."""
        if strange := changes.keys() - self.inputs.keys():
            raise KeyError(f"no input {', '.join(strange)} among {', '.join(self.inputs)}")
        return list((self.inputs | changes).values())


def events(config: dict) -> dict[str, Event]:
    """By name, all that Python answers."""
    parts = {part["id"]: part for part in config["components"]}
    return {
        fn["api_name"]: Event(
            fn["id"],
            {_name(parts[part]): parts[part]["props"].get("value") for part in fn["inputs"]},
        )
        for fn in config["dependencies"]
        if fn["backend_fn"]
    }


def _name(part: dict) -> str:
    """The elem_id of a component, the argument of an endpoint; a number for a gr.State."""
    argument = part["props"].get("label") if part["type"] == "api" else None
    return argument or part["props"].get("elem_id") or str(part["id"])
