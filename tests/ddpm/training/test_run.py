"""A run in a folder, as a function: what it saves, how it stops early and resumes."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

import ddpm
from ddpm import checkpoint
from ddpm.training.run import run_training
from devtools.configs import altered
from devtools.runs import assert_same_run, log

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def state(out: Path) -> dict[str, torch.Tensor]:
    return checkpoint.load_tensors(out / "state.safetensors")[0]


def test_a_run_begins_with_the_weights_of_another(tiny_config, garments, tmp_path):
    """The same again after no time at all; and a resumed run has its own."""
    first = run_training(tmp_path / "first", tiny_config, garments)
    still = altered(tiny_config, train={"steps": 1, "learning_rate": 1e-8})
    second = run_training(tmp_path / "second", still, garments, start=first)
    learned, begun = (ddpm.load_checkpoint(path, "cpu").network for path in (first, second))
    for old, new in zip(learned.parameters(), begun.parameters(), strict=True):
        torch.testing.assert_close(new, old, rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="leave out start"):
        run_training(tmp_path / "second", None, garments, resume=True, start=first)
    other = altered(tiny_config, unet={"block": "convnext"})
    with pytest.raises(ValueError, match="as a narrower one"):
        run_training(tmp_path / "third", other, garments, start=first)
    judge = replace(tiny_config, network="classifier")
    with pytest.raises(ValueError, match="only one network that draws"):
        run_training(tmp_path / "third", judge, garments, start=first)
    assert not (tmp_path / "third").exists()


def test_a_run_saves_its_model_its_state_and_its_log(tiny_config, garments, tmp_path):
    out = tmp_path / "deep" / "run"
    path = run_training(out, tiny_config, garments)
    assert path == out / "model.safetensors"
    loaded = ddpm.load_checkpoint(path, "cpu")
    assert loaded.config == tiny_config
    assert loaded.info["steps"] == 6 and loaded.info["images"] == 16
    assert loaded.info["classes"] == ["shirt", "bag", "boot"] and loaded.info["data"] == "memory"
    lines = log(out)
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[0].keys() == {"step", "loss", "learning_rate", "grad_norm", "seconds"}
    assert {file.name for file in out.iterdir()} == {
        "model.safetensors", "state.safetensors", "log.jsonl",
    }  # fmt: skip


def test_a_folder_of_pictures_brings_its_classes(tiny_config, tmp_path):
    for k in range(8):
        (tmp_path / "data" / "ab"[k % 2]).mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), 30 * k).save(tmp_path / "data" / "ab"[k % 2] / f"{k}.png")
    path = run_training(tmp_path / "run", tiny_config, tmp_path / "data")
    loaded = ddpm.load_checkpoint(path, "cpu")
    assert loaded.config.unet.num_classes == 2 and loaded.info["classes"] == ["a", "b"]
    # resumed by the same call
    assert run_training(tmp_path / "run", tiny_config, tmp_path / "data", resume=True) == path


def test_what_a_resumed_run_refuses(tiny_config, garments, tmp_path):
    says = r"there is no run to resume \(.*state\.safetensors: there is no such"
    with pytest.raises(checkpoint.CheckpointError, match=says):
        run_training(tmp_path / "nothing", tiny_config, garments, resume=True)
    run_training(tmp_path, tiny_config, garments)
    before = state(tmp_path)
    fewer = replace(garments, images=garments.images[:12], labels=garments.labels[:12])
    renamed = replace(garments, classes=("shirt", "bag", "sandal"))
    for config, pictures, resume, says in (
        (tiny_config, garments, False, "exists"),
        (replace(tiny_config, network="classifier"), garments, True, "it with train --resume"),
        (altered(tiny_config, train={"batch_size": 8}), garments, True, "keeps the settings"),
        (tiny_config, fewer, True, "there were 16 pictures, now 12"),
        (tiny_config, renamed, True, "classes were"),
    ):
        with pytest.raises((ValueError, OSError), match=says):
            run_training(tmp_path, config, pictures, resume=resume)
    assert all(torch.equal(before[name], tensor) for name, tensor in state(tmp_path).items())


# ------------------------------------------------------------------ signals and threads


@pytest.mark.skipif(os.name != "posix", reason="Windows can't send itself a signal")
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_stops_a_run_between_two_steps_and_saves(tiny_config, garments, tmp_path, number):
    """It returns as usual and restores the caller's signal handlers."""
    mine = [signal.signal(each, lambda *_: pytest.fail("not for the caller")) for each in SIGNALS]

    def interrupt():
        while not (tmp_path / "log.jsonl").exists() or len(log(tmp_path)) < 3:
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    try:
        before = [signal.getsignal(each) for each in SIGNALS]
        threading.Thread(target=interrupt, daemon=True).start()
        run_training(tmp_path, altered(tiny_config, train={"steps": 100_000}), garments)
        assert [signal.getsignal(each) for each in SIGNALS] == before
    finally:
        for each, handler in zip(SIGNALS, mine, strict=True):
            signal.signal(each, handler)
    steps = len(log(tmp_path))
    assert 3 <= steps < 100_000 and int(state(tmp_path)["step"]) == steps
    loaded = ddpm.load_checkpoint(tmp_path / "model.safetensors", "cpu")
    assert loaded.info["steps"] == steps


def test_an_error_leaves_the_signal_handlers_as_they_were(tiny_config, garments, tmp_path):
    before = [signal.getsignal(each) for each in SIGNALS]
    (tmp_path / "log.jsonl").mkdir()  # can't be written
    with pytest.raises(OSError):
        run_training(tmp_path, tiny_config, garments)
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_a_run_in_a_thread_is_the_same(tiny_config, garments, tmp_path):
    """Threads can't set signal handlers. Two run at a time."""
    run_training(tmp_path / "main", tiny_config, garments)
    before = [signal.getsignal(each) for each in SIGNALS]
    with ThreadPoolExecutor(2) as threads:
        outs = [tmp_path / "one", tmp_path / "two"]
        list(threads.map(lambda out: run_training(out, tiny_config, garments), outs))
    assert [signal.getsignal(each) for each in SIGNALS] == before
    for out in outs:
        assert_same_run(out, tmp_path / "main")
