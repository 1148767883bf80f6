"""The text encoder: which words it finds, and what it makes of texts that are none."""

import pytest
import torch

from ddpm.networks.text import MAX_WORDS, WIDTH, WORDS, text_encoder


@pytest.fixture(scope="module")
def encoder():
    return text_encoder()


def words(encoder, text: str) -> list[str]:
    names = list(encoder.ids)
    return [names[number] for number in encoder.split(text)[0]]


def near(encoder, a: str, b: str) -> float:
    rows = encoder.vectors[[encoder.ids[a], encoder.ids[b]]]
    return float(torch.cosine_similarity(*rows, dim=0))


def test_the_file_is_small_and_has_its_notice():
    assert (WORDS / "glove_10k.safetensors").stat().st_size < 1_000_000
    assert "Public Domain" in (WORDS / "NOTICE").read_text()


def test_ten_thousand_vectors_of_unit_variance(encoder):
    assert encoder.vectors.shape == (10_000, WIDTH) and len(encoder.ids) == 10_000
    torch.testing.assert_close(encoder.vectors.square().mean(1), torch.ones(10_000))


def test_words_of_like_meaning_lie_near(encoder):
    for a, b, far in (("gown", "dress", "boot"), ("slacks", "trousers", "bag")):
        assert near(encoder, a, b) > near(encoder, a, far) + 0.2


def test_a_rare_word_weighs_more_than_a_common_one(encoder):
    weight = {word: float(encoder.weights[encoder.ids[word]]) for word in ("the", "a", "boot")}
    assert weight["the"] < weight["a"] < 0.1 < 0.5 < weight["boot"] <= 1


def test_punctuation_case_plurals_and_hyphens(encoder):
    assert words(encoder, "A Dark T-SHIRT, please!") == ["a", "dark", "t-shirt", "please"]
    assert words(encoder, "dark-sleeved") == ["dark", "sleeved"]
    assert words(encoder, "anoraks") == words(encoder, "anorak") != []


def test_letters_of_any_width_and_composition(encoder):
    """As people and their keyboards write them: none of it is unknown."""
    plain = words(encoder, "a dark t-shirt, cafe size")
    assert plain == ["a", "dark", "t-shirt", "cafe", "size"]
    for text in (
        "ａ　ｄａｒｋ　Ｔ-ｓｈｉｒｔ，ｃａｆｅ　ｓｉｚｅ",
        "a dark t-shirt, café size",
        "à dark t-shirt, cafe\u0301 size",
    ):
        assert words(encoder, text) == plain and encoder.unknown(text) == []
    assert words(encoder, "黑色Ｔ恤") == ["black", "t-shirt"]
    assert encoder.unknown("ﬁne żółty が") == ["żółty", "が"]  # as they were written


def test_chinese_takes_the_longest_match(encoder):
    assert words(encoder, "一条条纹连衣裙") == ["striped", "dress"]
    assert words(encoder, "无袖上衣") == ["sleeveless", "top"]
    assert words(encoder, "一只高帮短靴") == ["high", "shaft", "ankle", "boots"]


def test_languages_mix(encoder):
    assert words(encoder, "a 黑色 handbag") == ["a", "black", "handbag"]
    assert words(encoder, "长袖T恤,带条纹") == ["long", "sleeves", "t-shirt", "with", "striped"]


def test_unknown_words_are_named_once_and_passed_over(encoder):
    text = "a dark xqzzy 魑魅 coat 👢 xqzzy 👢"
    assert encoder.unknown(text) == ["xqzzy", "魑魅", "👢"]
    assert words(encoder, text) == ["a", "dark", "coat"]
    assert encoder.unknown("a dark coat with long sleeves") == []


HOSTILE = [
    "", " \n\t", "x" * 1000, "xqzzy " * 160, "👗" * 1000, "<script>alert(1)</script>",
    "'; DROP TABLE words; --", "\x00\ud800", "۞" * 100, "a" + "\u0301" * 999,
    "../../etc/passwd", "%s%n{}", "1e309 NaN -0", "\ufdfa" * 1000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_becomes_vectors(encoder, text):
    encoded = encoder([text, "a boot"])
    assert encoded.tokens.shape[0] == 2 and encoded.tokens.shape[1] <= MAX_WORDS
    assert encoded.tokens.isfinite().all() and encoded.weights.isfinite().all()
    assert encoded.weights[1].count_nonzero() == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x" * 1001, "at most 1000 letters, not 1001"),
        ("a " * 10_000, "at most 1000 letters"),
        ("a boot " * 17, "at most 32 words that the encoder knows, not 34"),
        ("靴" * 33, "at most 32 words"),
    ],
    ids=["letters", "many", "words", "chinese"],
)
def test_nothing_of_a_text_is_cut_without_a_word(encoder, text, says):
    for read in (encoder.split, encoder.unknown, lambda text: encoder(["a boot", text])):
        with pytest.raises(ValueError, match=says):
            read(text)
    whole = "a boot " * 16
    assert encoder([whole]).weights.count_nonzero() == len(words(encoder, whole)) == 32


def test_what_is_no_list_of_texts_is_refused(encoder):
    for wrong in ("a boot", [b"boot"], [None], ["a", 3]):
        with pytest.raises(ValueError, match="list of str"):
            encoder(wrong)


def test_hidden_and_blurred(encoder):
    encoded = encoder(["a boot", "a coat"])
    hidden = encoded.hidden(torch.tensor([True, False]))
    assert hidden.weights[0].eq(0).all() and hidden.weights[1].equal(encoded.weights[1])
    noise = encoded.blurred(0.5, torch.Generator().manual_seed(0)).tokens - encoded.tokens
    again = encoded.blurred(0.5, torch.Generator().manual_seed(0)).tokens - encoded.tokens
    assert noise.equal(again) and 0.4 < float(noise.std()) < 0.6
