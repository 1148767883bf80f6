"""A run that learns what another network predicts: its loss, how it resumes, what it refuses."""

from dataclasses import replace

import pytest

import ddpm
from ddpm.training.run import run_training
from devtools.configs import altered
from devtools.runs import assert_same_run, log
from devtools.tiny_models import save_network


@pytest.fixture
def teacher(tmp_path, tiny_config):
    return save_network(tmp_path / "teacher.safetensors", altered(tiny_config, unet={"dim": 16}))


def test_who_predicts_the_same_has_nothing_to_learn(tiny_config, garments, tmp_path):
    """A plain run with these weights has a loss of about 1, that of the noise."""
    own = save_network(tmp_path / "own.safetensors", tiny_config)
    run_training(tmp_path / "plain", tiny_config, garments, start=own)
    run_training(tmp_path / "taught", tiny_config, garments, start=own, teacher=own)
    plain, taught = (log(tmp_path / name)[0] for name in ("plain", "taught"))
    assert plain["loss"] > 0.3 and taught["loss"] < 1e-3 * plain["loss"]


def test_it_comes_nearer_to_what_a_wider_network_predicts(tiny_config, garments, teacher, tmp_path):
    config = altered(tiny_config, train={"steps": 60, "learning_rate": 3e-3})
    run_training(tmp_path / "run", config, garments, teacher=teacher)
    losses = [line["loss"] for line in log(tmp_path / "run")]
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])
    assert ddpm.load_checkpoint(tmp_path / "run", "cpu").info["teacher"] == str(teacher)


def test_it_resumes_with_its_teacher_and_no_other(tiny_config, garments, teacher, tmp_path):
    """And with more steps: the same as one run of as many."""
    short, long = (altered(tiny_config, train={"cooldown": 0.0, "steps": n}) for n in (4, 9))
    run_training(tmp_path / "whole", long, garments, teacher=teacher)
    run_training(tmp_path / "parts", short, garments, teacher=teacher)
    run_training(tmp_path / "parts", long, garments, resume=True)
    assert_same_run(tmp_path / "parts", tmp_path / "whole")
    other = save_network(tmp_path / "other.safetensors", tiny_config)
    run_training(tmp_path / "plain", short, garments)
    for out in ("parts", "plain"):
        with pytest.raises(ValueError, match="is another network"):
            run_training(tmp_path / out, long, garments, resume=True, teacher=other)


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"unet": {"num_classes": 4}}, "classes must be 4, not 3"),
        ({"diffusion": {"objective": "eps"}}, "schedule and objective must be"),
    ],
)
def test_a_teacher_of_something_else_is_refused(tiny_config, garments, tmp_path, changes, says):
    other = save_network(tmp_path / "other.safetensors", altered(tiny_config, **changes))
    with pytest.raises(ValueError, match=says):
        run_training(tmp_path / "run", tiny_config, garments, teacher=other)
    assert not (tmp_path / "run").exists()


def test_only_one_network_that_draws_has_a_teacher(tiny_config, garments, teacher, tmp_path):
    judge = replace(tiny_config, network="classifier")
    with pytest.raises(ValueError, match="a teacher is for one network that draws"):
        run_training(tmp_path / "run", judge, garments, teacher=teacher)
