"""Training in two processes, over gloo, as on two GPUs or two machines."""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from ddpm import checkpoint
from devtools import ROOT

if sys.platform == "win32":
    pytest.skip("torch has no gloo there", allow_module_level=True)

from devtools.processes import ENV, run, start
from devtools.runs import log
from devtools.tiny_models import save_student

SMALL = ["--image-size", "8", "--dim", "8", "--dim-mults", "1,2", "--T", "50", "--warmup", "2"]
ENDLESS = ["--batch-size", "8", "--steps", "1000000"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.usefixtures("own_forkserver")]


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
    return ["train", *SMALL, "--data", str(pictures), "--out", str(out), *args]


def until_it_trains(out: Path, still_running: Callable[[], bool]) -> None:
    while not (out / "log.jsonl").exists() or len(log(out)) < 3:
        assert still_running()
        time.sleep(0.2)


def test_two_processes_learn_what_one_learns(pictures, tmp_path):
    """The same as one that accumulates two batches, up to rounding; by Muon, which leaves all but
    the hidden kernels to AdamW."""
    runs = {"two": 2, "accumulating": 1}
    losses, weights = {}, {}
    for name, count in runs.items():
        asked = ["--batch-size", "8", "--accumulate", str(2 // count), "--steps", "40"]
        options = [*asked, "--optimizer", "muon"]
        run(count, tmp_path, *command(pictures, tmp_path / name, *options))
        records = log(tmp_path / name)
        steps = [record["step"] for record in records]
        assert steps == list(range(1, 41))  # only one process wrote
        losses[name] = [record["loss"] for record in records]
        weights[name], *_ = checkpoint.load_tensors(tmp_path / name / "state.safetensors")
    assert losses["two"] == pytest.approx(losses["accumulating"], rel=1e-3)
    for name, tensor in weights["two"].items():
        if name.startswith("ema"):
            torch.testing.assert_close(tensor, weights["accumulating"][name], rtol=0, atol=1e-3)
    assert statistics.fmean(losses["two"][30:]) < 0.8 * losses["two"][0]  # it learned


def whole_after(out: Path) -> int:
    """The steps of the state that was saved, which are those of the log."""
    tensors, *_ = checkpoint.load_tensors(out / "state.safetensors")
    assert int(tensors["step"]) == len(log(out))
    return len(log(out))


def test_sigterm_to_one_stops_both_after_the_same_step(pictures, tmp_path):
    out = tmp_path / "run"
    both = start(2, tmp_path, *command(pictures, out, *ENDLESS))
    until_it_trains(out, lambda: all(process.is_alive() for process in both))
    os.kill(both[1].pid, signal.SIGTERM)
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    whole_after(out)


def test_when_the_first_is_killed_the_other_says_so(pictures, tmp_path):
    """Within 30 s. The one that writes has saved within the last minute, not in this test's."""
    out = tmp_path / "run"
    both = start(2, tmp_path, *command(pictures, out, *ENDLESS))
    until_it_trains(out, lambda: all(process.is_alive() for process in both))
    both[0].kill()
    both[1].join(30)
    assert both[1].exitcode == 1
    assert "error: process 1 of 2 has lost another" in (tmp_path / "1.err").read_text()


def test_launched_and_one_is_killed_the_other_says_so_and_the_run_goes_on(pictures, tmp_path):
    """As `accelerate launch` does: by torch's launcher, which picks a free port if --standalone."""
    out = tmp_path / "run"
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    with subprocess.Popen(
        [*launch, "-m", "ddpm", *command(pictures, out, *ENDLESS)],
        cwd=ROOT, env=os.environ | ENV, stderr=subprocess.PIPE, text=True,
    ) as launcher:  # fmt: skip
        try:
            until_it_trains(out, lambda: launcher.poll() is None)
            psutil.Process(launcher.pid).children()[1].kill()
            said = launcher.communicate(timeout=30)[1]
        finally:
            launcher.kill()
    assert launcher.returncode == 1
    assert "error: process 0 of 2 has lost another" in said
    steps = whole_after(out)
    run(1, tmp_path, *command(pictures, out, "--resume", "--steps", f"{steps + 2}"))
    assert len(log(out)) == steps + 2


def drawn(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_several_processes_draw_and_measure_what_one_does(tmp_path):
    """Four batches, of which the last is smaller, in two and in four processes."""
    model = ["--checkpoint", save_student(tmp_path / "few.safetensors"), "--steps", "1"]
    for count in (1, 4):
        out = tmp_path / f"{count}"
        run(count, tmp_path, "sample", *model, "--count", "760", "--out", out)
    assert len(drawn(tmp_path / "1")) == 760
    assert drawn(tmp_path / "1") == drawn(tmp_path / "4")
    evaluate = ["evaluate", *model, "--count", "260", "--source", "shipped"]
    one, two = (json.loads(run(count, tmp_path, *evaluate)) for count in (1, 2))
    assert one["frechet_distance"] == pytest.approx(two["frechet_distance"], rel=1e-5)
    assert one["recall"] == two["recall"]
