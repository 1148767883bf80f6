"""Which models there are, and what each must say of itself."""

import gradio as gr
import pytest

from page.models.registry import KINDS, MODELS, SETTINGS, Request
from page.tabs.generate.compare.axes import AXES
from page.tabs.generate.link import DRAWING
from page.texts import TEXTS


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if name != "shipped"])
def test_without_its_file_nothing_offers_it(offered, name):
    offered("shipped")
    with pytest.raises(gr.Error, match="must be one of: shipped"):
        Request(model=name)


def test_all_that_a_model_names_is_there():
    """Its settings, on the page and for programs, and its sentences in both languages."""
    for name, kind in KINDS.items():
        named = {*kind.ignores, *kind.fixed, *kind.usual, *kind.by_hand, *kind.places}
        named |= {*kind.of_a_picture, *kind.from_a_picture, *kind.axes, *kind.changes}
        assert named <= SETTINGS.keys() and kind.heeds <= SETTINGS.keys(), name
        keys = [f"generate_model_{name}", *kind.texts_of_a_picture]
        keys += [f"compare_{name}_axis"] if {*kind.ignores} & {*AXES} else []
        keys += [f"compare_only_{name}"] if kind.axes else []
        assert not [key for key in keys if key not in TEXTS], name
    assert list(MODELS) == list(KINDS), "every model is shipped with its file"


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.file])
def test_a_link_that_names_it_alone_asks_for_what_it_can(name):
    """Whatever was chosen before, since a link sets the others too."""
    values, wrong = DRAWING.read({"model": name})
    asked = {key: value for key, value in values.items() if key in SETTINGS}
    kind, system = KINDS[name], KINDS[name].load(None)
    kind.check(kind.suited(Request(**asked), system), system)
    assert not wrong and values["model"] == name
