"""Training in two processes, over gloo, as on two GPUs or two machines."""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from ddpm import checkpoint
from ddpm.__main__ import main
from ddpm.training.optimizers import OPTIMIZERS
from devtools import ROOT

SMALL = ["--image-size", "8", "--dim", "8", "--dim-mults", "1,2", "--T", "50", "--warmup", "2"]
# --standalone picks a free port
TWO = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
ENV = os.environ | {
    "ACCELERATE_USE_CPU": "true",
    "ACCELERATE_MIXED_PRECISION": "no",
    "OMP_NUM_THREADS": "1",
}

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="torch has no gloo launcher there"),
    pytest.mark.slow,
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """64 in two classes: an even number of batches, so that epochs end with a step."""
    folder = tmp_path_factory.mktemp("pictures")
    pixels = np.random.default_rng(0).integers(0, 256, (64, 8, 8), dtype=np.uint8)
    for k, picture in enumerate(pixels):
        (folder / str(k % 2)).mkdir(exist_ok=True)
        Image.fromarray(picture // (1 + k % 2)).save(folder / str(k % 2) / f"{k}.png")
    return folder


def command(pictures: Path, out: Path, *args: str) -> list[str]:
    return ["-m", "ddpm", "train", *SMALL, "--data", str(pictures), "--out", str(out), *args]


def log(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_two_processes_learn_what_one_learns(pictures, tmp_path, optimizer):
    """The same as one that accumulates two batches, up to rounding. And within the noise, the same
    as one with batches twice as large, which has the same pictures and other noise.
    """
    runs = {
        "two": ([*TWO, *command(pictures, tmp_path / "two", "--batch-size", "8")]),
        "accumulating": [sys.executable, *command(pictures, tmp_path / "accumulating"),
                         "--batch-size", "8", "--accumulate", "2"],
        "large": [sys.executable, *command(pictures, tmp_path / "large", "--batch-size", "16")],
    }  # fmt: skip
    losses, weights = {}, {}
    for name, run in runs.items():
        done = subprocess.run(
            [*run, "--steps", "40", "--optimizer", optimizer],
            cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        records = log(tmp_path / name)
        assert [record["step"] for record in records] == list(
            range(1, 41)
        )  # only one process wrote
        losses[name] = [record["loss"] for record in records]
        weights[name], *_ = checkpoint.load_tensors(tmp_path / name / "state.safetensors")
    assert losses["two"] == pytest.approx(losses["accumulating"], rel=1e-3)
    for name, tensor in weights["two"].items():
        if name.startswith("ema"):
            torch.testing.assert_close(tensor, weights["accumulating"][name], rtol=0, atol=1e-3)
    assert losses["two"] != pytest.approx(losses["large"], rel=1e-3)
    for part in (slice(0, 10), slice(30, 40)):
        two, large = (statistics.fmean(losses[name][part]) for name in ("two", "large"))
        assert two == pytest.approx(large, rel=0.1)
    assert statistics.fmean(losses["two"][30:]) < 0.8 * losses["two"][0]  # it learned


def test_no_gloo_thread_is_left_after_training(pictures, tmp_path):
    """A thread that wants the interpreter's lock while it shuts down aborts the process."""
    script = tmp_path / "threads.py"
    script.write_text(
        "import glob\n"
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from ddpm.__main__ import main\n"
        "assert main() == 0\n"
        "names = [open(path).read() for path in glob.glob('/proc/self/task/*/comm')]\n"
        "assert not [name for name in names if 'gloo' in name], names\n"
    )
    run = [*TWO, str(script), *command(pictures, tmp_path / "out")[2:], "--steps", "2"]
    done = subprocess.run(run, env=ENV, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_sigterm_to_one_stops_both_after_the_same_step(pictures, tmp_path):
    run = [*TWO, *command(pictures, tmp_path, "--batch-size", "8", "--steps", "1000000")]
    with subprocess.Popen(run, cwd=ROOT, env=ENV, stderr=subprocess.PIPE, text=True) as launcher:
        try:
            while not (tmp_path / "log.jsonl").exists() or len(log(tmp_path)) < 3:
                assert launcher.poll() is None, launcher.stderr.read()
                time.sleep(0.2)
            workers = psutil.Process(launcher.pid).children()
            assert len(workers) == 2
            workers[-1].send_signal(signal.SIGTERM)
            assert launcher.wait(60) == 0  # both exited normally
        finally:
            launcher.kill()
    tensors, *_ = checkpoint.load_tensors(tmp_path / "state.safetensors")
    assert int(tensors["step"]) == len(log(tmp_path))


@pytest.mark.parametrize("killed", [0, 1])
def test_when_one_is_killed_the_other_says_so_and_the_run_goes_on(pictures, tmp_path, killed):
    """The one that writes has saved within the last minute, not in this test's."""
    run = [*TWO, *command(pictures, tmp_path, "--batch-size", "8", "--steps", "1000000")]
    with subprocess.Popen(run, cwd=ROOT, env=ENV, stderr=subprocess.PIPE, text=True) as launcher:
        try:
            while not (tmp_path / "log.jsonl").exists() or len(log(tmp_path)) < 3:
                assert launcher.poll() is None, launcher.stderr.read()
                time.sleep(0.2)
            psutil.Process(launcher.pid).children()[killed].kill()
            said = launcher.communicate(timeout=60)[1]
        finally:
            launcher.kill()
    assert launcher.returncode == 1
    assert f"error: process {1 - killed} of 2 has lost another" in said
    if killed == 1:
        steps = len(log(tmp_path))
        tensors, *_ = checkpoint.load_tensors(tmp_path / "state.safetensors")
        assert int(tensors["step"]) == steps
        again = [
            sys.executable,
            *command(pictures, tmp_path, "--resume", "--steps", f"{steps + 2}"),
        ]
        done = subprocess.run(again, cwd=ROOT, env=ENV, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert len(log(tmp_path)) == steps + 2


def drawn(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_several_processes_draw_and_measure_what_one_does(tmp_path, monkeypatch, capsys):
    """Four batches, of which the last is smaller, in two and in four processes."""
    model = ["--checkpoint", "fashion_mnist_few", "--steps", "1"]

    def run(*command: str) -> str:
        monkeypatch.setattr(sys, "argv", ["ddpm", *command])
        assert main() == 0
        return capsys.readouterr().out

    def run_in(count: int, *command: str) -> str:
        done = subprocess.run(
            [*TWO[:-1], f"{count}", "-m", "ddpm", *command],
            cwd=ROOT, env=ENV, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("sample", *model, "--count", "760", "--out", str(tmp_path / "one"))
    run_in(4, "sample", *model, "--count", "760", "--out", str(tmp_path / "four"))
    assert len(drawn(tmp_path / "one")) == 760
    assert drawn(tmp_path / "one") == drawn(tmp_path / "four")
    evaluate = ["evaluate", *model, "--count", "260", "--source", "shipped"]
    one, two = json.loads(run(*evaluate)), json.loads(run_in(2, *evaluate))
    assert one["frechet_distance"] == pytest.approx(two["frechet_distance"], rel=1e-5)
    assert one["recall"] == two["recall"]
