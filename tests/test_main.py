"""`python -m ddpm train | sample | evaluate`, run as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import ddpm

ROOT = Path(__file__).parents[1]
TINY = ["--source", "shipped", "--dim", "8", "--dim-mults", "1,2", "--T", "50"]
TINY += ["--batch-size", "8", "--warmup", "2"]


def run(*args: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "ddpm", *map(str, args)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run")
    done = run("train", *TINY, "--steps", "6", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def test_train_writes_model_state_and_log(trained):
    loaded = ddpm.load_checkpoint(trained / "model.safetensors")
    assert loaded.config.unet.dim == 8 and loaded.config.unet.dim_mults == (1, 2)
    assert loaded.schedule.T == 50 and loaded.info["steps"] == 6
    log = [json.loads(line) for line in (trained / "log.jsonl").read_text().splitlines()]
    assert [record["step"] for record in log] == list(range(1, 7))


def test_train_resumes_and_never_overwrites(trained):
    again = run("train", *TINY, "--steps", "6", "--out", trained)
    assert again.returncode == 1 and "--resume" in again.stderr
    more = run("train", *TINY, "--steps", "8", "--out", trained, "--resume")
    assert more.returncode == 0, more.stderr
    assert ddpm.load_checkpoint(trained / "model.safetensors").info["steps"] == 8
    other = run("train", *TINY, "--dim", "16", "--steps", "9", "--out", trained, "--resume")
    assert other.returncode == 1 and "another model" in other.stderr


def test_sample_writes_png_and_gif(trained, tmp_path):
    model = ["--checkpoint", trained / "model.safetensors", "--count", "4", "--steps", "5"]
    png, gif = tmp_path / "a.png", tmp_path / "a.gif"
    assert run("sample", *model, "--out", png).returncode == 0
    assert run("sample", *model, "--out", gif).returncode == 0
    assert Image.open(png).size == (62, 62)  # 2 x 2 of 28 pixels with borders of 2
    assert Image.open(gif).n_frames == 6  # x_T and five steps


def test_evaluate_prints_every_figure(trained):
    done = run(
        *["evaluate", "--checkpoint", trained / "model.safetensors", "--source", "shipped"],
        *["--n", "50", "--steps", "3"],
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["n"] == 50 and figures["frechet_distance"] > figures["floor"] > 0
    assert len(figures["class_shares"]) == 10


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["train", "--T", "1", "--out", "/nonexistent"], "from 2 to 10000"),
        (["sample", "--checkpoint", "missing.safetensors"], "no such checkpoint"),
        (["sample", "--steps", "1001"], "from 1 to 1000"),
        (["sample", "--label", "10"], "between 0 and 9"),
        (["sample", "--count", "0"], "between 1 and 4096"),
    ],
)
def test_bad_input_is_one_line(args, says):
    done = run(*args)
    assert done.returncode == 1 and says in done.stderr and "Traceback" not in done.stderr
