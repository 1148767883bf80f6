"""A model of another data set on the page: trained, named, drawn, compared, written down."""

import gradio as gr
import pytest

import ddpm
from ddpm.data import DATASETS, USUAL
from devtools.shapes import CLASSES, SHAPES
from devtools.visit import ASKED, RECIPE, VISITOR
from page.models.registry import KINDS, Request
from page.models.request import EACH
from page.tabs.generate import run as drawing
from page.tabs.generate.compare import compare_view
from page.tabs.generate.compare.axes import comparison
from page.tabs.generate.controls import visibility
from page.tabs.generate.tab import with_trained
from page.tabs.train import own_pictures, program
from page.tabs.train import run as training
from page.tabs.train.recipe import Recipe
from page.texts import TEXTS, class_text
from page.widgets.figure_menu.figure_menu import Choice
from page.widgets.names import value_name
from page.widgets.training_monitor import progress


@pytest.fixture
def shapes(monkeypatch):
    monkeypatch.setitem(DATASETS, "shapes", SHAPES)
    monkeypatch.setitem(own_pictures.CHOICES, "shapes", SHAPES)


def offered(labels: gr.Dropdown) -> list:
    return [str(name) for name, _ in labels.choices[2:]]  # after each in turn, and any


def test_a_model_of_another_data_set_has_its_classes(shapes):
    source, images, labels = training.data("shapes")
    shown = progress.data(source, images, labels)
    assert (shown["source"], shown["count"]) == ("shapes", 60)
    *_, (report, trained) = training.run(VISITOR, Recipe(**RECIPE), "shapes", None)
    assert report["phase"] == "done" and report["recognised"] is None  # nobody judges
    assert ddpm.load(trained).dataset == SHAPES

    place = len(visibility.COLUMNS)
    labels = visibility.for_model("trained", "ddim", 10, 2, trained)[place]
    assert offered(labels) == list(CLASSES) and "value" not in labels.constructor_args
    labels = with_trained(trained, "ddim", 10, 7)[1 + place]
    assert offered(labels) == list(CLASSES) and labels.value == EACH  # it has no sneakers
    labels = visibility.for_model("shipped", "ddim", 10, 7, trained)[place]
    assert offered(labels) == [str(class_text(name)) for name in USUAL.classes]

    request = Request(model="trained", **ASKED | {"label": 2})
    *_, (_, _, files) = drawing.run(VISITOR, trained, request)
    assert "/cross-ddim" in files[0]
    plan = comparison(trained, "label", "none", [], request)
    assert [row[0].label for row in plan.requests] == [-1, 0, 1, 2]
    said = [value_name("label", k, Choice("", "png", "zh"), plan.classes) for k in (-1, 2)]
    assert said == [TEXTS["generate_any"][1], "cross"]
    assert KINDS["shipped"].classes(trained) == USUAL.classes

    assert compare_view.needed_class("guidance", "none", -1, "trained", trained) == 2

    names: dict = {}
    exec(program.program(RECIPE | {"data": "shapes"}).partition("\nddpm.to_pil")[0], names)
    drawn = progress.preview(names["step"].model)
    assert drawn["picture"] == report["picture"]


def test_own_pictures_are_no_data_set():
    config = own_pictures.config(Recipe(**RECIPE).config(), "own", SHAPES.load("train").images)
    assert (config.data, config.unet.num_classes) == ("own", None)
    assert own_pictures.config(config, "fashion").unet == Recipe(**RECIPE).config().unet
