"""Captions: every word is known, every value can be read back, and nothing held out is shown."""

import itertools
import random

import pytest
import torch

from ddpm.data.captions import (
    CLASSES,
    HELD_OUT,
    LANGUAGES,
    WORDS,
    Captioned,
    caption,
    caption_batches,
    captioned,
)
from ddpm.data.fashion_mnist import CLASS_NAMES, fashion_mnist
from ddpm.data.properties import MOST, OF_CLASS, UNCLEAR, properties
from ddpm.networks.text import text_encoder


@pytest.fixture(scope="module")
def shipped() -> Captioned:
    return captioned("test", source="shipped")


def every_request():
    for name, known in OF_CLASS.items():
        for values in itertools.product(*(rule.values for rule in known)):
            yield name, {rule.name: value for rule, value in zip(known, values, strict=True)}


def test_tables_are_of_the_same_classes_and_values():
    assert CLASSES == CLASS_NAMES == tuple(OF_CLASS)
    assert {(r.name, v) for known in OF_CLASS.values() for r in known for v in r.values} == {*WORDS}
    assert max(map(len, OF_CLASS.values())) == MOST


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_encoder_knows_every_word_of_every_caption(language):
    encoder, draw = text_encoder(), random.Random(0)
    for (name, values), _ in itertools.product(every_request(), range(10)):
        text = caption(name, values, draw, language=language, mentioned=1.0)
        assert encoder.unknown(text) == [], text
        assert len(encoder.split(text)[0]) > len(values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_caption_says_all_that_it_is_to_say_and_nothing_else(language):
    draw = random.Random(1)

    def said(values: dict, text: str) -> bool:
        """Whether each value's words are there."""
        forms = [WORDS[item] for item in values.items()]
        if language == "zh":
            return all(any(w in text for w in form.chinese) for form in forms)
        spelt = f"{text} {text.replace(' and ', ' and with ')}"  # "with long sleeves and a pattern"
        return all(any(w in spelt for w in form.before + form.after) for form in forms)

    for name, values in every_request():
        text = caption(name, values, draw, language=language, mentioned=1.0)
        assert said(values, text), (text, values)
        silent = caption(name, values, draw, language=language, mentioned=0.0)
        assert not any(said({key: value}, silent) for key, value in values.items()), silent


def test_chinese_captions_have_no_latin_words_but_one():
    draw = random.Random(2)
    for name, values in every_request():
        text = caption(name, values, draw, language="zh", mentioned=1.0).replace("T恤", "")
        assert text and all("\u3400" <= letter <= "\u9fff" for letter in text)


def test_batches_depend_on_their_number_alone(shipped):
    whole = list(itertools.islice(caption_batches(shipped, 8, seed=3), 6))
    later = list(itertools.islice(caption_batches(shipped, 8, seed=3, start=1, stride=2), 3))
    for (x, texts), (again, same) in zip(whole[1::2], later, strict=True):
        assert x.equal(again) and texts == same
    other = next(caption_batches(shipped, 8, seed=4))
    assert other[1] != whole[0][1]


def test_nothing_held_out_is_learned_from():
    images, _ = fashion_mnist("train", source="shipped")
    shown = captioned("train", source="shipped")
    hidden = captioned("train", source="shipped", held_out=True)
    assert len(shown.images) + len(hidden.images) == len(images)
    assert len(hidden.images) > 100

    def matches(data: Captioned, k: int) -> list[bool]:
        name, values = data.described(k)
        return [name == n and wanted.items() <= values.items() for n, wanted in HELD_OUT]

    assert not any(any(matches(shown, k)) for k in range(len(shown.images)))
    counts = torch.tensor([matches(hidden, k) for k in range(len(hidden.images))])
    assert counts.any(1).all() and (counts.sum(0) > 10).all()


def test_held_out_values_are_each_seen_apart():
    """What is new is the combination: each of its two values occurs with the class."""
    shown = captioned("train", source="shipped")
    seen = {(shown.described(k)[0], item) for k in range(len(shown.images))
            for item in shown.described(k)[1].items()}  # fmt: skip
    for name, wanted in HELD_OUT:
        assert all((name, item) in seen for item in wanted.items())


def test_values_are_clear_or_not():
    images, labels = fashion_mnist("train", source="shipped")
    values = properties(images, labels)
    for label, known in enumerate(OF_CLASS.values()):
        rows = values[labels == label]
        assert rows[:, len(known) :].eq(UNCLEAR).all()
        for column, rule in enumerate(known):
            shares = [(rows[:, column] == v).double().mean().item() for v in (0, 1, UNCLEAR)]
            assert min(shares[:2]) > 0.04 and shares[2] > 0.02, (rule, shares)
