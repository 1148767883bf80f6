"""The line that settings fold to names what a link names, in words."""

import random
from urllib.parse import parse_qsl

import pytest

from ddpm.data import USUAL
from devtools.random_settings import random_values
from page.widgets.settings_line.settings_line import differing
from page.workshop.links import LINKED

BY_PLACE = {linked.place: linked for linked in LINKED}
# the others stand beside the pictures
COLUMN = {
    "noise": {*BY_PLACE["noise"].settings} - {"t", "hidden", "details"},
    "generate": {*BY_PLACE["generate"].settings},
    "compare": {*BY_PLACE["generate"].settings},
    "train": {*BY_PLACE["train"].settings},
}


def said(place, values):
    among = {name: values[name] for name in values if name in COLUMN[place]}
    return differing(BY_PLACE[place], values, among, lambda _: USUAL.classes)


@pytest.mark.parametrize("place", COLUMN)
def test_fifty_random_states_are_said_as_a_link_would(place):
    linked, chance = BY_PLACE[place], random.Random(place)
    for _ in range(50):
        values = random_values(linked, chance)
        query = linked.write(values).partition("?")[2]
        named = {name for name, _ in parse_qsl(query, keep_blank_values=True)} & COLUMN[place]
        words = said(place, values)
        assert len(words) == len(named)
        assert all(english and chinese for english, chinese in words)


def test_it_is_short_and_in_the_order_of_the_settings():
    assert said("noise", {"schedules": ["cosine"], "T": 1000, "seed": 7}) == [
        ["Cosine", "余弦"],
        ["T = 1000", "T = 1000"],
        ["seed 7", "种子 7"],
    ]
    drawn = {"label": 7, "steps": 20, "sampler": "ddim", "guidance": 2, "guided_by": "worse"}
    assert [english for english, _ in said("generate", {"model": "shipped"} | drawn)] == [
        *("Sneaker", "20 calls", "DDIM", "guidance 2", "Guided by its own worse self"),
    ]
    words = {"model": "unclip", "label": 7, "count": 8, "axis": "calls", "across": "none"}
    assert [english for english, _ in said("generate", words)][1:] == ["8 pictures"]
    assert said("train", {"preset": "minute", "objective": "eps", "T": 500}) == [
        ["predicts ε", "预测 ε"],
        ["T = 500", "T = 500"],
    ]
    assert said("train", {"preset": "minute", "steps": 610}) == []  # the recipe's own
    assert [each[0] for each in said("noise", {"schedules": []})] == ["Noise schedules: none"]
    assert said("generate", {"model": "words", "words": ""})[1] == ["Words: none", "文字描述：无"]
