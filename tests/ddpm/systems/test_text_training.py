"""The runs that train the text models: their files, and how they go on."""

import sys
from dataclasses import replace

import pytest

import ddpm
from ddpm.__main__ import main
from ddpm.checkpoint import load_tensors
from ddpm.systems import unclip
from ddpm.systems.imagen import CONFIGS
from devtools.runs import log


@pytest.mark.parametrize(
    "command, stages", [("train-text", CONFIGS), ("train-unclip", unclip.CONFIGS)]
)
def test_the_command_line_sets_each_stage(tmp_path, monkeypatch, capsys, command, stages):
    argv = ["ddpm", command, "--source", "shipped", "--out", str(tmp_path)]
    for stage in stages:
        stage = stage.replace("_", "-")
        argv += [f"--{stage}-steps", "2", f"--{stage}-batch-size", "4", f"--{stage}-dim", "8"]
    monkeypatch.setattr(sys, "argv", argv)
    assert main() == 0, capsys.readouterr().err
    assert (tmp_path / "model.safetensors").exists()
    for stage in stages:
        config = load_tensors(tmp_path / stage / "state.safetensors")[1]
        assert (config.train.steps, config.train.batch_size, config.unet.dim) == (2, 4, 8)
    assert main() == 1 and "--resume" in capsys.readouterr().err
    first = next(iter(stages)).replace("_", "-")
    more = ["ddpm", command, "--source", "shipped", "--out", str(tmp_path), "--resume"]
    monkeypatch.setattr(sys, "argv", [*more, f"--{first}-steps", "3"])
    assert main() == 0
    assert [log(tmp_path / stage)[-1]["step"] for stage in stages] == [3, *[2] * (len(stages) - 1)]
    monkeypatch.setattr(sys, "argv", [*more, f"--{first}-dim", "12"])
    assert main() == 1 and "steps alone" in capsys.readouterr().err


def test_each_stage_of_unclip_learns(tmp_path, tiny_unclip_configs):
    configs = {
        name: replace(config, train=replace(config.train, steps=16))
        for name, config in tiny_unclip_configs.items()
    }
    ddpm.train_unclip(tmp_path, configs, source="shipped")
    for stage in unclip.CONFIGS:
        losses = [line["loss"] for line in log(tmp_path / stage)]
        assert len(losses) == 16 and sum(losses[-4:]) < sum(losses[:4]), stage


def test_the_shipped_settings_are_small_enough():
    for configs in (CONFIGS, unclip.CONFIGS):
        networks = [ddpm.checkpoint.build_network(config) for config in configs.values()]
        count = sum(p.numel() for network in networks for p in network.parameters())
        assert 2 * count < 10_000_000  # bytes in float16
