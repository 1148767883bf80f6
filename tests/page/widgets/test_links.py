"""Links: readable, bounded, versioned; what is wrong in one is ignored."""

import random

import pytest

from devtools.random_settings import drawn_schedule, random_values
from page.texts import Refusal
from page.widgets.links import MAX_LENGTH, read
from page.workshop.links import LINKED

BY_PLACE = {linked.place: linked for linked in LINKED}
SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("place", BY_PLACE)
def test_fifty_random_states_come_back(place):
    linked, chance = BY_PLACE[place], random.Random(place)
    links = set()
    for _ in range(50):
        values = random_values(linked, chance)
        link = linked.write(values)
        opened = read(link, LINKED)
        assert (opened.place, opened.wrong, opened.unknown) == (place, [], False), link
        without = {*linked.unused(values)} & {*values}
        assert opened.values | {name: values[name] for name in without} == values
        assert linked.write(opened.values) == link
        assert len(link) < MAX_LENGTH
        links.add(link)
    assert len(links) > 40


def test_a_link_names_what_differs_and_can_be_read():
    draw, train = BY_PLACE["generate"], BY_PLACE["train"]
    usual = draw.defaults({})
    assert draw.write(usual) == "generate?v=1"
    assert draw.write(usual | {"label": 7, "guidance": 2.5}) == "generate?v=1&label=7&guidance=2.5"
    others = {"words": "a hat", "aug": 600, "from_one": True, "noise": 3, "amount": 0.5}
    assert draw.write(usual | others) == "generate?v=1"  # of other models, or of a sketch
    by_words = draw.defaults({"model": "unclip"}) | {"model": "unclip", "words": "a bag"}
    link = draw.write(by_words | {"label": 7, "schedule": "edm", "noise": 3, "eta": 0.5})
    assert link == "generate?v=1&model=unclip&words=a%20bag"
    of_sketch = {"start": "sketch", "noise": 3, "eta": 0.5, "amount": 0.5}
    assert draw.write(usual | of_sketch) == "generate?v=1&start=sketch&noise=3"
    notebook = train.defaults({"preset": "notebook"}) | {"preset": "notebook"}
    assert train.write(notebook) == "train?v=1&preset=notebook"
    within = usual | {"interval": [200, 200]}
    assert draw.write(within) == "generate?v=1"  # of no guidance
    link = draw.write(within | {"guidance": 1.15, "guided_by": "worse"})
    assert link == "generate?v=1&guidance=1.15&guided_by=worse&interval=200,200"
    form = drawn_schedule(random.Random(0))
    assert form in draw.write(usual | {"schedule": form})


def test_a_preset_brings_its_own_defaults():
    opened = read("train?v=1&preset=notebook&steps=50", LINKED)
    assert (opened.values["T"], opened.values["objective"]) == (200, "eps")
    assert opened.values["steps"] == 50


def test_what_no_reader_has_stays_away():
    """A visitor's own model, a value half typed, a value of a program that plays browser."""
    draw = BY_PLACE["generate"]
    for wrong in ({"model": "trained"}, {"seed": None}, {"steps": SCRIPT}, {"label": [1]}):
        assert draw.write(draw.defaults({}) | wrong) == "generate?v=1"
    assert BY_PLACE["train"].write({"preset": {}}) == "train?v=1"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {}),
        (
            "T=1000&schedules=cosine,linear&notebook=1&seed=7&t=3",
            {"T": 1000, "schedules": ("cosine", "linear"), "notebook": True, "seed": 7, "t": 3},
        ),
        ("T=700&notebook=0&zero_terminal=1&seed=7&t=345&hidden=linear",
         {"T": 700, "zero_terminal": True, "seed": 7, "t": 345, "hidden": ("linear",)}),
        ("schedules=linear,drawn~0_9~0.4_1.5~1_-9,cosine",
         {"schedules": ("linear", "drawn~0_9~0.4_1.5~1_-9", "cosine")}),
    ],
)  # fmt: skip
def test_links_of_before_there_were_versions_still_work(query, found):
    opened = read(f"noise?{query}", LINKED)
    noise = BY_PLACE["noise"]
    assert opened.values == noise.defaults(found) | found
    assert not opened.wrong and not opened.unknown


@pytest.mark.parametrize(
    ("query", "wrong", "found"),
    [
        ("T=5000&seed=-1&schedules=lin&notebook=yes", {"T", "seed", "schedules", "notebook"}, {}),
        (f"T=²&seed={'9' * 3000}&schedules=,", {"T", "seed", "schedules"}, {}),
        ("T=1e3&seed=0&schedules=cosine,<b>", {"T", "schedules"}, {"schedules": ("cosine",)}),
        ("schedules=linear,drawn~0.5_1~0.2_0", {"schedules"}, {"schedules": ("linear",)}),
        ("schedules=rectified_flow~shift_3", {"schedules"}, {}),  # has no picture here
        (f"hidden={SCRIPT}&t=1001", {"hidden", "t"}, {}),
        ("T=٣٠٠&t=+5&seed=1_0", {"T"}, {"t": 5, "seed": 10}),
    ],
)
def test_what_is_wrong_is_ignored(query, wrong, found):
    opened = read(f"noise?v=1&{query}", LINKED)
    assert set(opened.wrong) == wrong
    assert opened.values == BY_PLACE["noise"].defaults(found) | found


@pytest.mark.parametrize("own", ["model=cascade&aug=1001", f"model=words&words={'x' * 201}"])
def test_settings_of_one_model_are_bounded_too(own):
    opened = read(f"generate?v=1&{own}", LINKED)
    usual = BY_PLACE["generate"].defaults({"model": opened.values["model"]})
    assert opened.values == usual | {"model": opened.values["model"]}
    assert opened.wrong == [own.split("&")[1].partition("=")[0]]


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("noise?v=2&T=100", "link_version"),
        (f"noise?v={SCRIPT}", "link_version"),
        ("stroll?v=1", "link_unknown"),
        ("", "link_unknown"),
        (SCRIPT, "link_unknown"),
        ("noise?" + "T=100&" * 61, "link_long"),
        ("noise?seed=" + "1" * MAX_LENGTH, "link_long"),
        (None, "link_long"),
        ({"T": 100}, "link_long"),
    ],
)
def test_what_is_no_link_is_refused(link, key):
    with pytest.raises(Refusal) as refused:
        read(link, LINKED)
    assert refused.value.key == key


def test_parts_that_are_not_known_are_told_apart():
    assert read("noise?v=1&speed=3", LINKED, ["tour"]).unknown
    assert not read("noise?v=1&tour=3", LINKED, ["tour"]).unknown
