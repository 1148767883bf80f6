"""Phrases that no template has, and how right pictures are counted."""

from ddpm.data.captions import CLASSES, NOUNS, captioned
from ddpm.evaluation.captions import requests_like, shares, texts_for
from ddpm.evaluation.frechet import load_classifier
from ddpm.networks.text import text_encoder
from devtools import ROOT
from devtools.phrases import PHRASES


def test_thirty_phrases_of_each_language_that_no_template_has():
    said = {noun for nouns in NOUNS.values() for noun in (*nouns[0][0], *nouns[0][1])}
    chinese = {noun for nouns in NOUNS.values() for noun in nouns[1][1]}
    for language, known in (("en", said), ("zh", chinese)):
        phrases = PHRASES[language]
        assert len(phrases) == 30 and {*phrases.values()} == {*CLASSES}
        for phrase in phrases:
            words = phrase.split() if language == "en" else [phrase.lstrip("一件条双个")]
            assert not known & {phrase, *words}, phrase


def test_the_encoder_knows_something_in_every_phrase():
    for phrases in PHRASES.values():
        assert all(text_encoder().split(phrase)[0] for phrase in phrases)


def test_real_pictures_are_right_by_their_own_rules():
    data = captioned("test", source="shipped")
    requests = [data.described(k) for k in range(200)]
    classifier = load_classifier(ROOT / "checkpoints/classifier.safetensors")
    found = shares(data.images[:200], requests, classifier)
    assert found.pop("class") > 0.85
    assert found and set(found.values()) == {1.0}
    swapped = shares(data.images[:200], requests[1:] + requests[:1], classifier)
    assert swapped["class"] < 0.3


def test_requests_are_possible_and_reproducible():
    data = captioned("test", source="shipped")
    requests = requests_like(data, 50, seed=1)
    assert requests == requests_like(data, 50, seed=1)
    texts = texts_for(requests, seed=2)
    assert texts == texts_for(requests, seed=2) and len(texts) == 50
    chinese = [any(letter >= "\u3400" for letter in text) for text in texts]
    assert chinese == [k % 2 == 1 for k in range(50)]
