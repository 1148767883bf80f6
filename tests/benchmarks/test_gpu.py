"""benchmarks.gpu without a GPU: what it says, and a rehearsal on the CPU."""

import json

import pytest
import torch

import ddpm
from ddpm.config import Config, UnetConfig
from devtools.tiny_models import SMALL


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, and it takes an hour")
def test_without_cuda_it_says_so_and_leaves_nothing(run, tmp_path, capsys):
    assert run("gpu", "--out", tmp_path / "gpu") == 0
    assert "There is no CUDA device here" in capsys.readouterr().out
    assert not (tmp_path / "gpu").exists()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_rehearsal_fills_every_part_and_goes_on_after_one_that_failed(run, tmp_path, monkeypatch):
    monkeypatch.setitem(ddpm.PRESETS, "base", Config(UnetConfig(**SMALL)))  # what is trained
    code = run(
        *["gpu", "--device", "cpu", "--source", "shipped", "--tests", tmp_path / "nowhere.py"],
        *["--minutes", "0.005", "--student-minutes", "0.005", "--trial", "2", "--n", "20"],
        *["--trajectories", "64", "--counts", "2", "--repeats", "1"],
        *["--out", tmp_path],
    )
    assert code == 1 and "nowhere" in (tmp_path / "tests.txt").read_text()
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert "see tests.txt" in found["tests"]["failed"] and "CUDA" in found["waits"]["skipped"]
    assert {"float32", "diffusers"} <= found["sampling"]["seconds"]["2"].keys()
    assert all(far < 0.1 for far in found["sampling"]["distance to float32"]["2"].values())
    assert {"ours", "diffusers"} <= found["training"]["2"].keys()
    for way in ("here", "worker"):
        assert found["workers"][f"{way}, all"] > found["workers"][f"{way}, first step"] > 0
    for name in ("teacher", "student"):
        assert found[name]["figures"]["n"] == 20
        loaded = ddpm.load_checkpoint(tmp_path / name)
        assert loaded.info["steps"] == found[name]["steps"]
    assert loaded.config.distill.trajectories == 64
