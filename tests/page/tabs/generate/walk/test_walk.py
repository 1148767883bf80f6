"""Walk without a browser: what is drawn at a place between the corners."""

from dataclasses import replace

import gradio as gr
import pytest
import torch

import ddpm
from devtools.visit import VISITOR
from page.tabs.generate.link import WALKING
from page.tabs.generate.walk import walk
from page.tabs.generate.walk.walk import Place, picture
from page.widgets import links

close = torch.testing.assert_close
CORNERS = [(0, 0), (1, 0), (0, 1), (1, 1)]


@pytest.mark.parametrize("label", [-1, 4])
def test_the_first_corner_is_what_draw_draws(student, label):
    labels = None if label < 0 else label
    close(picture(Place(0, 0, label=label, seed=5)), ddpm.sample(student, 1, labels=labels, seed=5))


def test_each_corner_begins_with_the_noise_of_its_seed(student):
    """The second call's noise is the same in all: that which follows the first seed's."""
    for k, (x, y) in enumerate(CORNERS):
        first = torch.Generator().manual_seed(5)
        begin = torch.randn(1, 28, 28, generator=torch.Generator().manual_seed(5 + k))
        torch.randn(1, 28, 28, generator=first)
        eps_fn = ddpm.classifier_free_guided(student.model, torch.tensor([2]))
        times = student.info["sampling"]["times"]["2"]
        *_, step = ddpm.consistency(eps_fn, student.schedule, begin[None], times, generator=[first])
        close(picture(Place(x, y, label=2, seed=5)), step.x)


def test_a_corner_may_have_a_noise_of_its_own(student):
    """Those of the others stay; a link names what differs, and the place is the same without."""
    own = Place(1, 0, label=2, seed=5, seeds=(5, 11, 7, 8))
    noise = torch.randn(1, 1, 28, 28, generator=torch.Generator().manual_seed(11))
    close(picture(own), ddpm.sample(student, 1, labels=2, noise=noise, seed=5))
    close(picture(replace(own, x=0)), picture(Place(0, 0, label=2, seed=5)))
    shown = {"x": 1.0, "seed": 5, "seed_0": 5, "seed_1": 11, "seed_2": 7, "seed_3": 8}
    assert WALKING.write(shown) == "walk?v=1&x=1&seed=5&seed_1=11"
    values = links.read(WALKING.write(shown), [WALKING]).values
    assert walk.place_of(values).seeds == own.seeds
    plain = links.read("walk?v=1&seed=5", [WALKING]).values
    assert walk.place_of(plain) == Place(seed=5)


def test_between_noises_it_is_noise_again():
    noises = torch.randn(4, 1, 200, 200, generator=torch.Generator().manual_seed(0))
    for x, y in [(0.5, 0.5), (0.1, 0.7), (1, 0)]:
        mixed = walk.mixed_noise(Place(x, y).weights, noises)
        assert mixed.std().item() == pytest.approx(1, abs=0.02)
    close(walk.mixed_noise(Place(1, 0).weights, noises), noises[1:2])


def test_corners_may_be_classes(student):
    classes = (0, 3, 7, 9)
    for label, (x, y) in zip(classes, CORNERS, strict=True):
        place = Place(x, y, corners="classes", classes=classes, seed=3)
        close(picture(place), ddpm.sample(student, 1, labels=label, seed=3))
    middle = picture(Place(corners="classes", classes=classes, seed=3))
    halves = torch.zeros(1, 10).index_fill(1, torch.tensor(classes), 0.25)
    close(middle, ddpm.sample(student, 1, labels=halves, seed=3))


def test_a_class_in_two_corners_counts_twice():
    weights = Place(0.25, 0.5, corners="classes", classes=(1, 4, 1, 8)).weights
    mixed = walk.mixed_classes(weights, (1, 4, 1, 8), 10)[0]
    assert mixed[1] == 0.75 and mixed.sum() == 1 and mixed[8] == 0.125


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"x": 1.5}, "Place from left to right must be a number from 0 to 1.<br>横向位置"),
        ({"classes": (0, 1, 2)}, "must be four numbers.*<br>.*四个数"),
        ({"classes": (0, 1, 2, 10)}, "Classes of the corners"),
        ({"classes": 7}, "Classes of the corners"),
        ({"seeds": (1, 2)}, "must be four whole numbers.*<br>.*四个整数"),
        ({"seeds": (1, 2, 3, 2**31)}, "Seeds of the corners"),
    ],
)
def test_bad_places_are_refused_by_name(changes, says):
    with pytest.raises(gr.Error, match=says):
        Place(**changes)


@pytest.mark.anyio
async def test_the_endpoint_answers_with_a_picture(student):
    answer = await walk.walk(VISITOR, 0.2, 0.3)
    assert answer["picture"].startswith("data:image/png;base64,") and answer["seconds"] > 0
