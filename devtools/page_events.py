"""The page's events and endpoints, as its own configuration lists them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

CONFIG = "window.gradio_config ="  # assigned in a script of the page, as JSON


@dataclass(frozen=True)
class Event:
    number: int
    inputs: dict[str, object]  # initial values by elem_id, or by an endpoint's argument

    def data(self, changes: Mapping[str, object]) -> list:
        """The values that the page would send with these inputs changed."""
        if unknown := changes.keys() - self.inputs.keys():
            raise KeyError(f"no input {', '.join(unknown)} among {', '.join(self.inputs)}")
        return list((self.inputs | changes).values())


def events(config: dict) -> dict[str, Event]:
    """All events with a Python function, by name."""
    parts = {part["id"]: part for part in config["components"]}
    return {
        fn["api_name"]: Event(
            fn["id"],
            {_name(parts[part]): parts[part]["props"].get("value") for part in fn["inputs"]},
        )
        for fn in config["dependencies"]
        if fn["backend_fn"]
    }


def events_of(page: str) -> dict[str, Event]:
    """The same of the page's HTML."""
    config, _ = json.JSONDecoder().raw_decode(page, page.index("{", page.index(CONFIG)))
    return events(config)


def _name(part: dict) -> str:
    """The elem_id of a component, the argument of an endpoint; a number for a gr.State."""
    argument = part["props"].get("label") if part["type"] == "api" else None
    return argument or part["props"].get("elem_id") or str(part["id"])
