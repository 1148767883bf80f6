"""Settings: what a field accepts, how it says so, and how it reads text."""

from dataclasses import MISSING, dataclass, fields

import pytest

from ddpm import schedules
from ddpm.config import DiffusionConfig, TrainConfig, UnetConfig
from ddpm.settings import WrongSetting, check_settings, like, setting, settings_of


@dataclass(frozen=True)
class Dish:
    count: int = setting(3, "how many", low=1, high=9)
    weight: float = setting(0.5, "of each, in kg", low=0.1, high=2.0)
    fruit: str = setting("pear", "which fruit", choices=("pear", "plum"))
    schedule: str = setting("cosine", "when to serve", choices="schedules.SCHEDULES")
    sizes: tuple[int, ...] = setting((1, 2), "one for each plate", low=1, high=4)
    span: tuple[int, int] = setting((0, 24), "hours from and to", low=0, high=24)
    label: int | None = setting(None, "printed on it", low=0, high=5)
    ripe: bool = setting(False, "soft already")
    note: str = setting("", "for the cook")
    plain: int = 7  # not a setting


SETTINGS = settings_of(Dish)
# What each takes and refuses, and what it says that it expects
VALUES = {
    "count": ([1, 3, 9], [0, 10, 3.0, "3", None, True, (3,)], "a whole number from 1 to 9"),
    "weight": ([0.1, 2.0, 1], [0.0, 2.1, float("nan"), float("inf"), "1", None, True],
               "a number from 0.1 to 2.0"),
    "fruit": (["pear", "plum"], ["peach", "", None, 0, ("pear",)], "one of pear, plum"),
    "schedule": (["linear", "cosine"], ["exponential", None],
                 f"one of {', '.join(schedules.SCHEDULES)}"),
    "sizes": ([(), (1,), [4, 4, 1]], [3, None, "12", (0,), (1, 5), (1.0,), ({},)],
              "a list, each a whole number from 1 to 4"),
    "span": ([(0, 24), [7, 7]], [7, None, (), (7,), (9, 7), (1, 2, 3), (0, 25), (0, 1.5)],
             "(low, high), each a whole number from 0 to 24"),
    "label": ([None, 0, 5], [-1, 6, "none", 2.5, False], "a whole number from 0 to 5, or none"),
    "ripe": ([True, False], [0, 1, None, "true"], "true or false"),
    "note": (["", "salt"], [None, 1, b""], "text"),
}  # fmt: skip
pairs = [(name, value) for name, (takes, *_) in VALUES.items() for value in takes]
wrong = [(name, value) for name, (_, refuses, _) in VALUES.items() for value in refuses]


def test_settings_are_the_fields_with_a_description():
    assert list(SETTINGS) == [f.name for f in fields(Dish)][:-1]
    assert [s.about for s in SETTINGS.values()][:2] == ["how many", "of each, in kg"]
    assert all(s.default == getattr(Dish(), name) for name, s in SETTINGS.items())
    assert [s.kind for s in SETTINGS.values()] == [int, float, str, str, *[int] * 3, bool, str]
    assert [name for name, s in SETTINGS.items() if s.many] == ["sizes", "span"]
    assert [name for name, s in SETTINGS.items() if s.optional] == ["label"]


def test_a_setting_may_have_no_default():
    @dataclass
    class Needed:
        count: int = setting(about="how many", low=0, high=1)

    with pytest.raises(TypeError, match="count"):
        Needed()
    assert fields(Needed)[0].default is MISSING


@pytest.mark.parametrize("name, value", pairs, ids=str)
def test_valid_values_are_accepted(name, value):
    SETTINGS[name].check(value)
    check_settings(Dish(**{name: value}))


@pytest.mark.parametrize("name, value", wrong, ids=str)
def test_wrong_values_are_refused_with_what_is_expected(name, value):
    with pytest.raises(WrongSetting) as caught:
        check_settings(Dish(**{name: value}))
    assert str(caught.value) == f"{name} must be {VALUES[name][2]}, not {value!r}"
    assert caught.value.setting == SETTINGS[name]
    with pytest.raises(WrongSetting):
        SETTINGS[name].check(value)


def test_a_long_value_is_cut_short():
    with pytest.raises(WrongSetting) as caught:
        SETTINGS["count"].check("x" * 10_000)
    assert len(str(caught.value)) < 150 and str(caught.value).endswith("…")


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("count", "4", 4),
        ("weight", "0.25", 0.25),
        ("weight", "1e-1", 0.1),
        ("fruit", "plum", "plum"),
        ("sizes", "1,2,4", (1, 2, 4)),
        ("sizes", "3", (3,)),
        ("span", "7,7", (7, 7)),
        ("label", "none", None),
        ("label", "2", 2),
        ("ripe", "true", True),
        ("ripe", "False", False),
        ("note", "none", "none"),
    ],
)
def test_text_becomes_a_value(name, text, value):
    read = SETTINGS[name].read(text)
    assert read == value and type(read) is type(value)
    SETTINGS[name].check(read)


@pytest.mark.parametrize(
    "name, text",
    [("count", "four"), ("count", "4.0"), ("weight", ""), ("sizes", "1,,2"), ("sizes", "a"),
     ("label", "nothing"), ("ripe", "banana"), ("ripe", "1")],
)  # fmt: skip
def test_invalid_text_is_refused_as_written(name, text):
    assert SETTINGS[name].read(text) == text
    with pytest.raises(WrongSetting, match=f"not {text!r}"):
        SETTINGS[name].check(SETTINGS[name].read(text))


@pytest.mark.parametrize("cls", [UnetConfig, DiffusionConfig, TrainConfig])
def test_every_default_can_be_written_and_read_back(cls):
    """As on the command line."""
    for name, known in settings_of(cls).items():
        value = getattr(cls(), name)
        text = ",".join(map(str, value)) if known.many else str(value).replace("None", "none")
        assert known.read(text) == value, name


@pytest.mark.parametrize("cls", [UnetConfig, DiffusionConfig, TrainConfig])
def test_every_field_of_a_configuration_is_a_setting(cls):
    known = settings_of(cls)
    assert list(known) == [f.name for f in fields(cls)]
    for setting_ in known.values():
        assert setting_.about and setting_.expected
        assert setting_.choices or setting_.kind is bool or setting_.low < setting_.high


def test_a_new_table_entry_is_a_choice_at_once(monkeypatch):
    with pytest.raises(WrongSetting, match="schedule must be one of"):
        DiffusionConfig(schedule="mine")
    monkeypatch.setitem(schedules.SCHEDULES, "mine", schedules.cosine_beta_schedule)
    assert DiffusionConfig(schedule="mine").schedule == "mine"
    assert "mine" in SETTINGS["schedule"].choices


def test_like_keeps_what_is_not_changed():
    @dataclass
    class Request:
        steps: int = like(TrainConfig, "steps", 300, high=2000)
        loss: str = like(TrainConfig, "loss")

    steps, loss = settings_of(Request).values()
    known = settings_of(TrainConfig)
    assert (steps.default, steps.low, steps.high) == (300, known["steps"].low, 2000)
    assert steps.about == known["steps"].about
    assert (loss.default, loss.choices) == ("l2", known["loss"].choices)
    with pytest.raises(WrongSetting, match="steps must be a whole number from 1 to 2000, not 2001"):
        check_settings(Request(2001))
    TrainConfig(steps=2001)  # the original setting is unchanged
