"""Controls and checks come from the fields of the request types, also from new ones."""

import dataclasses

import gradio as gr
import pytest

import ddpm
from ddpm.settings import Setting, setting, settings_of
from ddpm.training import optimizers
from devtools.visit import VISITOR
from page import texts
from page.models.registry import KINDS, Request
from page.server.listeners.validation import check, check_setting
from page.tabs.generate.compare.axes import ACROSS, AXES, AXIS, CALLS, SCHEDULES
from page.tabs.generate.controls.controls import START, offer
from page.tabs.noise import forward
from page.tabs.noise.exact_denoiser import exact, mismatch
from page.tabs.noise.exact_denoiser.exact import STEPS
from page.tabs.noise.settings import Settings
from page.tabs.train.own_pictures import SOURCE
from page.tabs.train.recipe import Recipe
from page.widgets.controls import control, good_for

SETTINGS = [
    *(("noise", known) for known in settings_of(Settings).values()),
    *(("generate", known) for known in settings_of(Request).values() if known.name != "picture"),
    *(("train", known) for known in settings_of(Recipe).values()),
    ("noise", STEPS),
    ("generate", START),
    ("compare", AXIS),
    ("compare", ACROSS),
    ("compare", SCHEDULES),
    ("train", SOURCE),
]
every_setting = pytest.mark.parametrize(
    ("tab", "known"), SETTINGS, ids=[f"{tab}-{known.name}" for tab, known in SETTINGS]
)


@pytest.fixture(scope="module")
def controls(built):
    """Every component of the page that has an elem_id."""
    return {block.elem_id: block for block in built.blocks.values() if block.elem_id}


@every_setting
def test_a_control_offers_what_its_setting_accepts(controls, tab, known):
    shown = controls[f"{tab}-{known.name}".replace("_", "-")]
    value = shown.value
    if (tab, known.name) == ("generate", "model"):
        before = [value for _, value in shown.choices]
        assert before == [name for name in known.choices if name != "trained"]
        shown = offer("trained.safetensors")  # once the visitor has a model
    if isinstance(shown, gr.HTML):
        assert (shown.props["low"], shown.props["high"]) == (known.low, known.high)
        stops = shown.props.get("stops", [shown.value])  # two handles have none
        assert [known.check(stop) for stop in stops]
    elif isinstance(shown, gr.Slider | gr.Number):
        assert (shown.minimum, shown.maximum) == (known.low, known.high)
    elif isinstance(shown, gr.Textbox):
        assert shown.max_length == known.most
    elif isinstance(shown, gr.Checkbox):
        assert known.kind is bool
    else:
        offered = [value for _, value in shown.choices]
        if (tab, known.name) == ("generate", "sampler"):
            expected = ddpm.SAMPLERS  # the student's own comes with the student
        elif known.choices is not None:
            expected = known.choices
        else:
            expected = range(known.low, known.high + 1) if known.kind is int else (False, True)
        assert offered == list(expected)
    known.check(value)


@every_setting
def test_a_wrong_value_is_refused_with_its_name_on_the_page(controls, tab, known):
    shown = controls[f"{tab}-{known.name}".replace("_", "-")]
    label = shown.props["named"] if isinstance(shown, gr.HTML) else shown.label.key
    names = texts.TEXTS[label]
    wrong = [None, "x", [], {}, float("nan"), 10**400, -(10**400), [["linear"]], ["x"] * 99]
    if known.optional:
        wrong.remove(None)
    if known.many:
        wrong.remove([])  # choosing nothing is valid
    if known.most is not None:
        wrong[wrong.index("x")] = "x" * (known.most + 1)
    for value in wrong:
        with pytest.raises(gr.Error) as error:
            check_setting(known, value, tab)
        sentences = error.value.message.split("<br>")
        assert [sentence.startswith(name) for sentence, name in zip(sentences, names, strict=True)]
        for edge in (known.low, known.high):
            assert edge is None or all(str(edge) in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("ask", "given", "says"),
    [
        (forward.tables, (9, ["linear"], False), "from 10 to 1000"),
        (forward.tables, (200, ["linear", "drawn~0_9"], False), "2 to 32 points"),
        (forward.tables, (200, ["linear"], 1), "true or false"),
        (forward.picture, (forward.CAT, -1), "from 0 to 2147483647"),
        (forward.gif, (VISITOR, forward.CAT, 0, 200, [], False), "at least one schedule"),
        (exact.draw, (-1, 200, ["linear"], False, False, 20), "from 0 to 2147483647"),
        (exact.draw, (0, 9, ["linear"], False, False, 20), "from 10 to 1000"),
        (exact.draw, (0, 200, [], False, False, 20), "at least one schedule"),
        (exact.draw, (0, 200, ["linear"], False, False, 201), "from 1 to 200"),
        (mismatch.compare, (9, ["linear"], 0), "from 10 to 1000"),
        (mismatch.compare, (10, ["linear"], -1), "from 0 to 2147483647"),
        (mismatch.compare, (10, [], 0), "at least one schedule"),
        (Request, ("shipped", 7, 65), "from 1 to 64"),
        (Recipe, ("best",), "minute, notebook, base"),
    ],
)
def test_whoever_is_asked_refuses_them(ask, given, says):
    with pytest.raises(gr.Error, match=says):
        next(ask(*given))


def test_a_list_may_be_empty_but_has_no_duplicates():
    known = settings_of(Settings)["schedules"]
    check_setting(known, [], "noise")
    with pytest.raises(gr.Error, match="linear, quadratic"):
        check_setting(known, ["linear"] * (len(ddpm.SCHEDULES) + 1), "noise")


def test_every_field_of_a_request_is_checked(monkeypatch):
    """Also a new one."""
    monkeypatch.setitem(texts.TEXTS, "noise_size", ("Size", "大小"))

    @dataclasses.dataclass(frozen=True)
    class Longer(Settings):
        size: int = setting(8, "size", low=4, high=16)

    check(Longer(), "noise")
    with pytest.raises(gr.Error, match="Size must be a whole number from 4 to 16"):
        check(Longer(size=2), "noise")
    with pytest.raises(gr.Error, match="Steps T must be a whole number from 10 to 1000"):
        check(Longer(T=5), "noise")


def test_a_new_optimizer_needs_only_its_table_entry_and_its_name(monkeypatch):
    monkeypatch.setitem(optimizers.OPTIMIZERS, "mine", optimizers.OPTIMIZERS["adamw"])
    monkeypatch.setitem(texts.TEXTS, "train_optimizer_mine", ("Mine", "我的"))
    known = settings_of(Recipe)["optimizer"]
    assert [value for _, value in control("train", known).choices][-1] == "mine"
    recipe = dataclasses.replace(Recipe.of("minute"), optimizer="mine")
    assert recipe.config().train.optimizer == "mine"


def test_a_new_sampler_needs_only_its_table_entry_and_its_name(monkeypatch):
    monkeypatch.setitem(ddpm.SAMPLERS, "mine", ddpm.ddim)
    monkeypatch.setitem(texts.TEXTS, "sampler_mine", ("Mine", "我的"))
    known = settings_of(Request)["sampler"]
    offered = [value for _, value in control("generate", known).choices]
    assert offered == [*ddpm.SAMPLERS, "consistency", "flow_map"] and "mine" in offered
    assert Request(sampler="mine").sampler == "mine"


def test_a_request_accepts_the_values_of_every_axis():
    for name, values in AXES.items():
        for value in values:
            Request(**(CALLS[value] | {"steps": value} if name == "calls" else {name: value}))


def test_every_model_sampler_and_recipe_says_what_it_is_good_for():
    request = settings_of(Request)
    chosen = [("generate", request["model"]), ("generate", request["sampler"])]
    for tab, known in [*chosen, ("train", settings_of(Recipe)["preset"])]:
        assert good_for(tab, known).keys() == set(known.choices)
    few = [texts.TEXTS[f"generate_model_student{end}"] for end in ("", "_for")]
    assert KINDS["student"].few == (1, 2, 4)
    assert all("two or four" in english and "四次" in chinese for english, chinese in few)


def test_controls_of_numbers():
    assert control("train", settings_of(Recipe)["dim"]).step == 4
    assert isinstance(control("train", settings_of(Recipe)["rate"]), gr.Number)
    many = Setting("label", int, "", 0, low=0, high=9)
    options = [(str(k), k) for k in range(10)]
    assert isinstance(control("generate", many, choices=options), gr.Dropdown)
