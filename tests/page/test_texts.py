"""The Chinese texts, as a Chinese teacher of the field would write them."""

import re

import pytest

from page.texts import TEXTS
from page.workshop import tour
from page.workshop.links import LINKED

FORMULA, NAME = re.compile(r"\$[^$]*\$"), re.compile(r"\{[^}]*\}")
CHINESE = {
    key: NAME.sub("{}", FORMULA.sub("∎", chinese)) for key, (_, chinese) in TEXTS.items()
}  # without the names of what is filled in
CHINESE |= {
    f"tour_{k}_{part}": words[1]
    for k, step in enumerate(tour.load(tour.OWN, LINKED), 1)
    for part, words in step.items()
    if part in ("question", "look", "answer", "paper")
}

NOT_SAID = {
    "the length of a step, not their number": "步长",
    "a laptop": "笔记本",
    "a fair line": "公平",
    "what remains, without saying of what": "图片还剩",
    "a space after a name": r"\s必须",
    "an English unit or word": r"[\d}] ?(s|min|sec)\b|\b(seconds|threads?|Error|Warning)\b",
    "Latin punctuation after Chinese": r"[一-鿿][,;:?!]",
    "the schedule's second name alone": "(?<!（)方差表",
    "a space beside a full-width mark": r"[、-】！-～][ \n](?!\n)|(?<!\n)[ \n][、-】！-～]",
    "a hyphen for a minus": r"1-[αᾱβ]|\) - ",
    "a digit or a letter that touches Chinese": r"[一-鿿][0-9a-zA-Z]|[0-9a-zA-Z][一-鿿]",
}


@pytest.mark.parametrize("pattern", NOT_SAID.values(), ids=NOT_SAID)
def test_what_is_not(pattern):
    found = {key for key, text in CHINESE.items() if re.search(pattern, text)}
    assert found == set()


def test_values_are_filled_into_both_languages():
    for key, (english, chinese) in TEXTS.items():
        plain = [FORMULA.sub("", each) for each in (english, chinese)]
        names, others = [set(re.findall(r"\{(\w+)", each)) for each in plain]
        assert names == others, key
