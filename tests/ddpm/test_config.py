from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import replace

import pytest

from ddpm.config import (
    Config,
    DiffusionConfig,
    DistillConfig,
    TrainConfig,
    UnetConfig,
)
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
    return kind(**values)


CHANGED = Config(
    changed(UnetConfig), changed(DiffusionConfig), changed(TrainConfig), changed(DistillConfig)
)


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


def test_no_field_of_the_changed_config_is_the_default():
    """Otherwise the round trip wouldn't show that the field is saved."""
    for part in (CHANGED.unet, CHANGED.diffusion, CHANGED.train, CHANGED.distill):
        default = type(part)()
        for field in dataclasses.fields(part):
            assert getattr(part, field.name) != getattr(default, field.name), field.name


@pytest.mark.parametrize("part", [Config(), UnetConfig(), DiffusionConfig(), TrainConfig()])
def test_configs_are_frozen(part):
    name = dataclasses.fields(part)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(part, name, 1)


@pytest.mark.parametrize(
    "kind, name, bad, expected",
    [
        (UnetConfig, "image_size", [0, 1, 1025, 28.0, "28", None, True], "from 2 to 1024"),
        (UnetConfig, "channels", [0, 17, 1.5], "from 1 to 16"),
        (UnetConfig, "dim", [0, 3, 1025, -8], "from 4 to 1024"),
        (UnetConfig, "dim_mults", [()], "at least one level"),
        (UnetConfig, "dim_mults", [3], "a list, each"),
        (
            UnetConfig,
            "dim_mults",
            [(0,), (1, -2), (1.5,), ("a",), (65,)],
            "from 1 to 64",
        ),
        (UnetConfig, "dim_head", [0, 257], "from 1 to 256"),
        (UnetConfig, "norm_groups", [0, 257, 1.0], "from 1 to 256"),
        (UnetConfig, "attention", ["none", "", None, False], "one of"),
        (UnetConfig, "learned_variance", [None, 1, "no"], "true or false"),
        (UnetConfig, "num_classes", [0, -1, 100_001, 2.0], "from 1 to 100000"),
        (UnetConfig, "block", ["vgg", "", None], "resnet, convnext"),
        (DiffusionConfig, "T", [0, 1, -1, 10_001, 200.0, "200", True], "from 2 to 10000"),
        (DiffusionConfig, "objective", ["noise", None], "one of .*eps.*v.*x0"),
        (TrainConfig, "steps", [0, -1, 10_000_001, 1.5], "from 1 to 10000000"),
        (TrainConfig, "batch_size", [0, 65_537], "from 1 to 65536"),
        (TrainConfig, "accumulate", [0, 1025, 1.0], "from 1 to 1024"),
        (TrainConfig, "optimizer", ["unknown", None], "adamw, muon"),
        (TrainConfig, "cooldown", [-0.1, 1.1], "from 0.0 to 1.0"),
        (TrainConfig, "learning_rate", [0, -1e-3, 1.1, float("nan"), "fast"], "from 1e-08 to 1.0"),
        (TrainConfig, "warmup", [-1, 0.5], "from 0 to"),
        (TrainConfig, "weight_decay", [-0.1, 2.0], "from 0.0 to 1.0"),
        (TrainConfig, "loss", ["l3", None], "l1, l2, huber"),
        (TrainConfig, "label_dropout", [-0.1, 1.1, float("nan")], "from 0.0 to 1.0"),
        (TrainConfig, "ema_decay", [-0.1, 1.0], "from 0.0 to 0.99999"),
        (TrainConfig, "grad_clip", [0.0, -1.0, float("inf")], "from 1e-06 to"),
        (TrainConfig, "seed", [-1, 2**31, 0.5], "from 0 to"),
        (DistillConfig, "trajectories", [0, 1.5], "from 1 to 10000000"),
        (DistillConfig, "calls", [0, 1001], "from 1 to 1000"),
        (DistillConfig, "regression", [-0.1, 1.1], "from 0.0 to 1.0"),
        (DistillConfig, "tuning_rate", [0, 1.1], "from 1e-08 to 1.0"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_range(kind, name, bad, expected):
    for value in bad:
        with pytest.raises(ValueError, match=f"(?s){name} must be .*{expected}"):
            kind(**{name: value})


@pytest.mark.parametrize(
    "kind, name, values",
    [
        (UnetConfig, "image_size", [4, 1024]),
        (UnetConfig, "num_classes", [None, 1, 100_000]),
        (DiffusionConfig, "T", [2, 10_000]),
        (TrainConfig, "label_dropout", [0, 1]),
        (TrainConfig, "warmup", [0]),
        (TrainConfig, "seed", [0, 2**31 - 1]),
    ],
)
def test_the_ends_of_a_range_are_allowed(kind, name, values):
    for value in values:
        assert getattr(kind(**{name: value}), name) == value


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
