"""The model that draws by words, on the page: what is its own."""

import random

import torch

import ddpm
from ddpm.data.captions import caption
from ddpm.data.properties import OF_CLASS
from page.models import words as by_words
from page.models.imagen import Threshold
from page.tabs.generate.controls import words_field
from page.texts import TEXTS as SENTENCES


def test_words_that_no_caption_has_are_named():
    assert by_words.untaught("The red HAT, a red boot, my trainers (zqx)") == ["red", "hat", "zqx"]
    assert by_words.untaught("红色的毛衣") == ["红色"] and by_words.untaught("一双球鞋") == []
    assert by_words.untaught("boots " * 40) == [] == by_words.untaught("x" * 2000)
    draw = random.Random(0)
    for name, known in OF_CLASS.items():  # every word of every caption is taught
        values = {each.name: draw.choice(each.values) for each in known}
        for language in ("en", "zh") * 50:
            text = caption(name, values, draw, language=language, mentioned=1.0)
            assert by_words.untaught(text) == [], text


def test_the_note_has_all_that_its_script_reads():
    """If it comes before the field is shown, Gradio begins with this update's properties alone."""
    note = words_field.note("a red hat")
    assert note["untaught"] == ["red", "hat"]
    assert note["named"] in SENTENCES and note["label"].key == "language"


def test_what_thresholding_clips_is_said():
    threshold = Threshold("static")
    x = torch.tensor([0.0, 0.5, -1.2, 3.0]).reshape(1, 1, 2, 2)
    assert threshold(x).flatten().tolist() == [0.0, 0.5, -1.0, 1.0] and threshold.beyond == 0.5
    dynamic = Threshold("dynamic")
    assert torch.equal(dynamic(x), ddpm.dynamic_threshold()(x)) and dynamic.beyond == 0.5
    dynamic(x / 4)
    assert dynamic.beyond == 0


def test_many_unknown_words_stay_a_line():
    words = [f"word{'x' * k}" for k in range(100)]
    found = by_words.listed(words)
    assert found[: by_words.MOST_WORDS] == words[: by_words.MOST_WORDS] and found[-1] == "…"
    assert len(", ".join(found)) < 200
