"""benchmarks.gpu without a GPU: what it says, and a rehearsal on the CPU."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

import ddpm
from devtools import ROOT


def run(*args: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "benchmarks.gpu", *map(str, args)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, and it takes an hour")
def test_without_cuda_it_says_so_and_leaves_nothing(tmp_path):
    done = run("--out", tmp_path / "gpu")
    assert done.returncode == 0 and "There is no CUDA device here" in done.stdout
    assert not (tmp_path / "gpu").exists()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_rehearsal_fills_every_part_and_goes_on_after_one_that_failed(tmp_path):
    done = run(
        *["--device", "cpu", "--source", "shipped", "--tests", "tests/nowhere.py"],
        *["--minutes", "0.01", "--student-minutes", "0.01", "--trial", "4", "--n", "20"],
        *["--trajectories", "96", "--counts", "2", "--repeats", "1", "--out", tmp_path],
    )
    assert done.returncode == 1 and "nowhere" in (tmp_path / "tests.txt").read_text()
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert "see tests.txt" in found["tests"]["failed"] and "CUDA" in found["waits"]["skipped"]
    assert found["sampling"]["seconds"]["2"].keys() == {"ours", "ours, bf16", "diffusers"}
    assert found["sampling"]["distance to ours"]["2"]["ours, bf16"] < 0.1
    assert found["training"]["2"].keys() == {"ours", "diffusers"}
    for name in ("teacher", "student"):
        assert found[name]["figures"]["n"] == 20
        loaded = ddpm.load_checkpoint(tmp_path / name)
        assert loaded.info["steps"] == found[name]["steps"]
    assert loaded.config.distill.trajectories == 96
