"""/train, for programs."""

from collections.abc import Iterator
from dataclasses import asdict, replace

import gradio as gr

from page.server.listeners.endpoints import FILE, OBJECT, Value, endpoint, file
from page.tabs.train import own_pictures
from page.tabs.train.recipe import DEFAULT, SETTINGS, Recipe
from page.tabs.train.run import run


def train(visit: gr.Request, *values) -> Iterator[tuple]:
    """Train a small network: reports stream, and the last result is a checkpoint.

    Ends after the last step or at the time limit; what was learned by then is kept. Afterwards,
    use_trained=True draws with this model.
    """
    *fields, source, pictures = values
    newest = {}
    for report, model in run(visit, Recipe(*fields), source, pictures):
        newest = report or newest
        yield newest, file(model) if isinstance(model, str) else None, model or gr.skip()


def add_endpoint(trained: gr.State, pictures: gr.State) -> None:
    defaults = asdict(Recipe.of(DEFAULT))
    takes = {name: replace(each, default=defaults[name]) for name, each in SETTINGS.items()}
    takes |= {"source": own_pictures.SOURCE, "pictures": pictures}
    report = "phase, step, loss and its curve, seconds, and the network's pictures (PNG data URIs)"
    returns = {
        "report": Value(report, OBJECT),
        "checkpoint": Value("file of the trained network, safetensors", FILE),
        "trained": trained,
    }
    endpoint(train, "train", takes, returns, concurrency_limit=None)
