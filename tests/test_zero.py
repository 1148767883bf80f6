"""ZeroGPU, played by a module that does as `spaces` does: functions run in a forked process, and
what crosses is pickled. The real one is not in reach without a Space.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import ddpm
from tabs import lent, zero
from tabs.recipes import Recipe

ROOT = Path(__file__).parents[1]

# As spaces.zero.wrappers of 0.51: no back pressure, `stop` is seen after the next yield, and an
# exception comes back as no more than its name, unless it is a gr.Error.
SPACES = """
import multiprocessing, os, threading

assert "torch" not in __import__("sys").modules and "gradio" not in __import__("sys").modules
context = multiprocessing.get_context("fork")
calls = []

def GPU(task=None, *, duration=60):
    def decorate(task):
        def handler(*args):
            calls.append((task.__name__, duration(*args)))
            arguments, results, stop = context.SimpleQueue(), context.SimpleQueue(), context.Event()
            def child():
                import torch
                torch.set_num_threads(1)  # OpenMP does not survive a fork
                generator = task(*arguments.get())
                try:
                    for result in generator:
                        if stop.is_set():
                            generator.close()
                            break
                        results.put(("ok", result))
                except Exception as error:
                    results.put(("error", type(error).__name__))
                results.put(("end", None))
            process = context.Process(target=child, daemon=True)
            process.start()
            threading.Thread(target=arguments.put, args=(args,), daemon=True).start()
            try:
                while (got := results.get())[0] == "ok":
                    yield got[1]
                assert got[0] == "end", got
            finally:
                stop.set()
        return handler
    return decorate(task) if task else decorate
"""

PROGRAM = """
import json, os, sys
import app
import spaces, torch, ddpm
from types import SimpleNamespace
from tabs import compare, generate, models, sampling, train, zero, frames
torch.set_num_threads(1)
frames.grid_uri(torch.zeros(1, 1, 28, 28), 1)
told = {"on": zero.ON}
few = ("shipped", *ddpm.fashion_mnist("test", source="shipped"))
train._load_data = train._data = small = lambda: few
small.__name__ = small.__qualname__ = "_load_data"
small.__module__ = "tabs.train"

def final(**changes):
    settings = dict(
        label=7, count=2, sampler="dpm_solver", steps=5, schedule="linear", guidance=2.0, seed=3
    )
    return settings | changes

# the same pictures as without
request = sampling.Request(**final())
x, steps = sampling.trajectory(models.shipped(), request)
here_x, here = sampling.drawn(models.shipped(), request)
far, near = list(steps), list(here)
told["steps"] = len(far)
told["same"] = bool((x == here_x).all()) and all(
    torch.allclose(a.x, b.x, atol=1e-4) and a.t == b.t for a, b in zip(far, near, strict=True)
)

# all of the Generate tab, files too
*_, (last, png, gif) = generate.sample(None, False, *final().values())
told["files"] = [os.path.getsize(button.value["path"]) > 100 for button in (png, gif)]

# a short training run, then its model
VISITOR = SimpleNamespace(session_hash="visitor")
def run(**changes):
    settings = dict(
        preset="minute", schedule="cosine", T=100, objective="v", loss="l2", block="resnet",
        dim=8, steps=12, batch_size=8, rate=2e-3, seed=0,
    )
    return train.run(VISITOR, *(settings | changes).values())

for update in run():
    if isinstance(update[1], ddpm.Checkpoint):
        trained, file = update[1], update[2]["value"]
        loaded = ddpm.load_checkpoint(file)
told["trained"] = trained.info
told["moved"] = any((a - b).abs().max().item() > 1e-4 for a, b in zip(
    trained.model.network.parameters(), train.ckpt.build_network(trained.config).parameters()))
*_, (last, png, gif) = generate.sample(trained, True, *final(label=1).values())
told["own"] = os.path.getsize(png.value["path"]) > 100

# Stop keeps what was learned, by the weights that have come
train.SHOW_S = 0
updates = run(steps=9000)
phases = []
for k, update in enumerate(updates):
    phases.append(update[0].get("phase") if isinstance(update[0], dict) else None)
    if phases.count("training") == 3:
        train.ask_to_stop(VISITOR)
    if isinstance(update[1], ddpm.Checkpoint):
        told["stopped"] = [phases[-1], update[1].info["steps"]]

told["calls"] = spaces.calls
print("TOLD" + json.dumps(told))
"""


def config(steps):
    return replace(Recipe.of("minute"), dim=8, steps=steps, batch_size=8).config()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zero")
    (folder / "spaces.py").write_text(SPACES)
    env = os.environ | {
        "PYTHONPATH": f"{folder}:{ROOT}", "SPACES_ZERO_GPU": "true", "HF_HUB_OFFLINE": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True,
        timeout=500,
    )  # fmt: skip
    assert "TOLD" in run.stdout, run.stdout[-1500:] + run.stderr[-3000:]
    return json.loads(run.stdout.split("TOLD")[1])


def test_the_lent_process_draws_the_same_pictures(told):
    assert told["on"] and told["same"] and told["steps"] == 5


def test_files_are_made_where_they_are_served(told):
    assert told["files"] == [True, True]


def test_a_model_trained_there_comes_back(told):
    assert told["trained"]["steps"] == 12 and told["trained"]["machine"] == "ZeroGPU"
    assert told["moved"] and told["own"]


def test_stop_keeps_what_was_learned_there(told):
    phase, steps = told["stopped"]
    assert phase == "stopped" and 1 <= steps < 9000


def test_a_call_asks_for_the_time_that_it_needs(told):
    seconds = {
        name: [s for called, s in told["calls"] if called == name] for name, _ in told["calls"]
    }
    assert min(seconds["_steps"]) >= 5 and max(seconds["_steps"]) <= 10  # five steps, guided
    lengths = [lent._training_s(config(steps=steps)) for steps in (10, 600, 10_000)]
    assert lengths == sorted(lengths) and lengths[0] <= 20 and lengths[-1] == zero.LONGEST_S


def test_divergence_is_told_and_keeps_the_weights_before_it(monkeypatch):
    honest = lent.batches

    def poisoned(*args, **kwargs):
        for k, (x, labels) in enumerate(honest(*args, **kwargs)):
            yield (x * float("nan") if k == 2 else x), labels

    monkeypatch.setattr(lent, "batches", poisoned)
    few = ddpm.fashion_mnist("test", source="shipped")
    state = lent.follower(config(steps=10))
    with pytest.raises(ddpm.TrainingDiverged, match="step 3"):
        list(lent.train(state, config(steps=10), lambda: few))
    assert state.step == 2 and all(p.isfinite().all() for p in state.averaged().parameters())


def test_without_a_space_nothing_is_wrapped():
    assert not zero.ON and lent._shipped is None
    assert not hasattr(lent._steps, "__wrapped__")
