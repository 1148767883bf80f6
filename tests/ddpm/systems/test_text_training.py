"""The runs that train models of several networks: their files, and how they go on."""

import pytest

import ddpm
from ddpm.checkpoint import as_dict, load_tensors
from ddpm.systems import imagen, unclip
from ddpm.systems.cascade import CASCADE
from devtools.command import refused, run
from devtools.configs import altered
from devtools.runs import log


@pytest.mark.parametrize(
    "command, stages",
    [
        ("train-cascade", as_dict(CASCADE)),
        ("train-text", imagen.CONFIGS),
        ("train-unclip", unclip.CONFIGS),
    ],
)
def test_the_command_line_sets_each_stage(tmp_path, command, stages):
    args, small = [command, "--source", "shipped", "--out", tmp_path], []
    options = [f"--{stage.replace('_', '-')}" for stage in stages]
    for option in options:
        small += [f"{option}-steps", 2, f"{option}-batch-size", 4, f"{option}-dim", 8]
    assert str(tmp_path / "model.safetensors") in run(*args, *small, f"{options[-1]}-seed", 7)
    for stage in stages:
        config = load_tensors(tmp_path / stage / "state.safetensors")[1]
        assert (config.train.steps, config.train.batch_size, config.unet.dim) == (2, 4, 8)
        assert config.train.seed == (7 if stage == [*stages][-1] else 0)
    assert "--resume" in refused(*args, *small)
    run(*args, "--resume", f"{options[0]}-steps", 3)
    assert [log(tmp_path / stage)[-1]["step"] for stage in stages] == [3, *[2] * (len(stages) - 1)]
    assert "steps alone" in refused(*args, "--resume", f"{options[0]}-dim", 12)


def test_each_stage_of_unclip_learns(tmp_path, tiny_unclip_configs):
    longer = {"steps": 16}
    configs = {k: altered(config, train=longer) for k, config in tiny_unclip_configs.items()}
    ddpm.train_unclip(tmp_path, configs, source="shipped")
    for stage in unclip.CONFIGS:
        losses = [line["loss"] for line in log(tmp_path / stage)]
        assert len(losses) == 16 and sum(losses[-4:]) < sum(losses[:4]), stage


def test_the_shipped_settings_are_small_enough():
    for configs in (imagen.CONFIGS, unclip.CONFIGS):
        networks = [ddpm.checkpoint.build_network(config) for config in configs.values()]
        count = sum(p.numel() for network in networks for p in network.parameters())
        assert 2 * count < 10_000_000  # bytes in float16
