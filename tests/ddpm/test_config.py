import json
import math
import re
from dataclasses import replace

import pytest

from ddpm.config import Config, DiffusionConfig, DistillConfig, TrainConfig, UnetConfig
from ddpm.presets import CLASSIFIER, PRESETS, STUDENT
from ddpm.settings import settings_of


def changed(kind):
    """Every field at another value than its default: a range's end, another choice."""
    values = {}
    for name, known in settings_of(kind).items():
        if known.choices is not None:
            values[name] = next(choice for choice in known.choices if choice != known.default)
        elif known.kind is bool:
            values[name] = not known.default
        elif known.optional:
            values[name] = None
        else:
            end = known.low if known.default == known.high else known.high
            values[name] = (end, end) if known.many else end
        assert values[name] != known.default, name
    return kind(**values)


PARTS = (UnetConfig, DiffusionConfig, TrainConfig, DistillConfig)
CHANGED = Config(*map(changed, PARTS))


@pytest.mark.parametrize("config", [Config(), CHANGED, STUDENT, CLASSIFIER, *PRESETS.values()])
def test_round_trip_through_json(config):
    again = Config.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config
    assert isinstance(again.unet.dim_mults, tuple)  # a list in JSON


def test_files_from_before_there_were_students_and_other_networks_are_read():
    values = Config().to_dict()
    del values["distill"], values["network"]
    assert Config.from_dict(values) == Config()


def test_students_from_before_there_was_a_judge_had_none():
    values = replace(STUDENT, distill=DistillConfig()).to_dict()
    del values["distill"]["judged"], values["distill"]["judged_rate"]
    assert Config.from_dict(values).distill.judged == 0.0


def test_trajectories_fill_a_batch():
    with pytest.raises(ValueError, match="trajectories must be at least batch_size, 64, not 63"):
        Config(distill=DistillConfig(trajectories=63))


def test_a_list_of_levels_is_the_tuple():
    """A resumed run compares its config with one that was a tuple, or came from JSON."""
    assert UnetConfig(dim_mults=[1, 2]) == UnetConfig(dim_mults=(1, 2))


def test_the_notebooks_preset_has_its_recipe():
    """Its five epochs each end with a smaller batch. Only the β range differs."""
    notebook = PRESETS["notebook"]
    assert notebook.train.steps == 5 * math.ceil(60_000 / notebook.train.batch_size)
    assert (notebook.unet.dim, notebook.unet.dim_mults, notebook.unet.block) == (
        28, (1, 2, 4), "convnext",
    )  # fmt: skip
    assert notebook.diffusion == DiffusionConfig("linear", 200, True, "eps")
    assert notebook.train.loss == "huber" and notebook.train.learning_rate == 1e-3


@pytest.mark.parametrize("kind", PARTS)
def test_what_a_setting_does_not_take_is_refused_with_what_it_takes(kind):
    """And takes an end of its range, which CHANGED has."""
    for name, known in settings_of(kind).items():
        wrong = ["unknown"] if known.low is None else [known.low - 1, known.high + 1, "1"]
        says = re.escape(f"{name} must be {known.expected}, not")
        for value in wrong:
            with pytest.raises(ValueError, match=says):
                kind(**{name: (value,) if known.many else value})
    with pytest.raises(ValueError, match="at least one level"):
        UnetConfig(dim_mults=())


@pytest.mark.parametrize(
    "break_it",
    [
        lambda d: d.pop("unet"),
        lambda d: d["unet"].pop("dim_mults"),
        lambda d: d["unet"].update(dim_mults=3),
        lambda d: d["train"].update(optimizer="unknown"),
        lambda d: d["train"].update(momentum=0.5),
        lambda d: d.update(diffusion=None),
        lambda d: d["diffusion"].update(T="many"),
    ],
)
def test_a_foreign_dictionary_is_refused(break_it):
    values = json.loads(json.dumps(Config().to_dict()))
    break_it(values)
    with pytest.raises(ValueError):
        Config.from_dict(values)


@pytest.mark.parametrize("values", [None, [], "config", 3])
def test_anything_but_a_dictionary_is_refused(values):
    with pytest.raises(ValueError, match="not a configuration"):
        Config.from_dict(values)


def test_a_schedule_may_be_its_text():
    points = "drawn~0_12~0.4_1.5~1_-9"
    assert DiffusionConfig(schedule=points).schedule == points
    with pytest.raises(ValueError, match=r"one of linear.*or its text form"):
        DiffusionConfig(schedule="drawn~0_12~0.4_15~1_-9")
