"""ZeroGPU with its own package, `spaces`: functions run in a forked process, and what they exchange
is pickled. The two parts that need a Space are simulated: the server that grants a GPU, and the
GPU.
"""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

import ddpm
from devtools import ROOT, faults
from page.compute import COMPUTE, lent_gpu, this_process
from page.compute.this_process import ThisProcess
from page.tabs.train.recipe import Recipe

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROGRAM = """
import json, os, sys
from types import SimpleNamespace

class Order:
    early = set()

    def find_spec(name, *_):
        if name == "spaces":
            Order.early |= {"torch", "gradio"} & set(sys.modules)
        if name == "spaces.zero.torch.patching":  # a Space has a build for CUDA
            torch = sys.modules["torch"]
            torch.version.cuda, torch._C._cuda_init = "12.8", None
            torch.cuda._is_in_bad_fork = bool  # false, and may be pickled

sys.meta_path.insert(0, Order)
from page.__main__ import main
sys.modules["page.server.serve"] = SimpleNamespace(serve=lambda *_, **__: None)
main()  # imports and builds the page, and is done
import spaces.zero.torch, torch, ddpm
from spaces.zero.torch.patching import cuda_aliases
from devtools.visit import RECIPE, VISITOR
from page.tabs.generate import tab as generate_tab
from page.models.pretrained import drawn
from page.models.registry import Request, trajectory
from page.compute import COMPUTE
from page.models import registry as models
from page.tabs.train import run as training
from page.tabs.train.recipe import Recipe
from page.widgets import data_uri
torch.set_num_threads(1)

def move(callback):
    "Tensors that the emulation would move to a GPU stay where they are."
    for emulated, here in cuda_aliases.items():
        emulated.data = here

spaces.zero.torch.init = lambda uuid: None
spaces.zero.torch.move = move
data_uri.grid_uri(torch.zeros(1, 1, 28, 28), 1)
results = {"on": type(COMPUTE.chosen).__name__ == "LentGPU", "early": sorted(Order.early)}
few = ("shipped", *ddpm.fashion_mnist("test", source="shipped"))
training._load_data = training.data = small = lambda *_: few
small.__name__ = small.__qualname__ = "_load_data"
small.__module__ = "page.tabs.train.run"

def final(**changes):
    settings = dict(
        label=7, count=2, sampler="dpm_solver", steps=5, schedule="linear", guidance=2.0, seed=3
    )
    return settings | changes

# the same pictures as without a lent GPU
request = Request(**final())
x, steps = trajectory(models.chosen(None, "shipped"), request)
here_x, here = drawn(models.chosen(None, "shipped"), request)
far, near = list(steps), list(here)
results["steps"] = len(far)
results["same"] = bool((x == here_x).all()) and all(
    torch.allclose(a.x, b.x, atol=1e-4) and a.t == b.t for a, b in zip(far, near, strict=True)
)

# the whole Generate tab, files included
*_, (last, png, gif) = generate_tab.sample(VISITOR, None, "shipped", *final().values())
results["files"] = [os.path.getsize(button.value["path"]) > 100 for button in (png, gif)]

# a short training run, then its model
def run(**changes):
    return training.run(VISITOR, Recipe(**RECIPE | changes), "fashion", None)

*_, (_, file) = run(steps=12)
trained = models.chosen(file, "trained")
results["trained"] = trained.info
results["moved"] = any((a - b).abs().max().item() > 1e-4 for a, b in zip(
    trained.model.network.parameters(), ddpm.checkpoint.build_network(trained.config).parameters()))
*_, (last, png, gif) = generate_tab.sample(VISITOR, file, "trained", *final(label=1).values())
results["own"] = os.path.getsize(png.value["path"]) > 100

# Stop keeps what was learned, from the weights that have arrived
training.SHOW_S = 0
updates = run(steps=9000)
phases = []
for report, file in updates:
    phases.append(report and report["phase"])
    if phases.count("training") == 3:
        training.ask_to_stop(VISITOR)
    if file:
        results["stopped"] = [phases[-1], models.chosen(file, "trained").info["steps"]]

print("RESULTS" + json.dumps(results), file=sys.__stdout__)  # main() logs what is printed
"""


def config(steps):
    return replace(Recipe.of("minute"), dim=8, steps=steps, batch_size=8).config()


class Lender(BaseHTTPRequestHandler):
    """Grants a GPU on every request, and records the requests."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        asked = urlsplit(self.path)
        self.server.asked.append((asked.path, dict(parse_qsl(asked.query))))
        gpu = {"idle": False, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "yes"}
        data = json.dumps(gpu).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The program's results, and under "asked" the requests to its lender."""
    lender = ThreadingHTTPServer(("127.0.0.1", 0), Lender)
    lender.asked = []
    threading.Thread(target=lender.serve_forever, args=(0.02,), daemon=True).start()
    group = tmp_path_factory.mktemp("zero") / "cgroup"
    group.write_text("0::/a/container")
    env = os.environ | {
        "PYTHONPATH": str(ROOT), "SPACES_ZERO_GPU": "true", "HF_HUB_OFFLINE": "1",
        "SPACES_ZERO_DEVICE_API_URL": f"http://127.0.0.1:{lender.server_port}",
        "ZEROGPU_PROC_SELF_CGROUP_PATH": str(group), "CUDA_VISIBLE_DEVICES": "",
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True,
        timeout=500,
    )  # fmt: skip
    lender.shutdown()
    lender.server_close()
    assert "RESULTS" in run.stdout, run.stdout[-1500:] + run.stderr[-3000:]
    return json.loads(run.stdout.split("RESULTS")[1]) | {"asked": lender.asked}


def test_spaces_is_imported_first(results):
    assert results["on"] and not results["early"]


def test_the_lent_process_draws_the_same_pictures(results):
    assert results["same"] and results["steps"] == 5


def test_files_are_written_where_they_are_served(results):
    assert results["files"] == [True, True]


def test_a_model_trained_there_comes_back(results):
    assert results["trained"]["steps"] == 12 and results["trained"]["machine"] == "ZeroGPU"
    assert results["moved"] and results["own"]


def test_stop_keeps_what_was_learned_there(results):
    phase, steps = results["stopped"]
    assert phase == "stopped" and 1 <= steps < 9000


def test_a_call_requests_the_time_that_it_needs(results):
    seconds = [int(how["durationSeconds"]) for path, how in results["asked"] if path == "/schedule"]
    sampling, training = [seconds[k] for k in (0, 1, 3)], [seconds[k] for k in (2, 4)]
    assert min(sampling) >= 5 and max(sampling) <= 10  # five steps, guided
    assert training == [lent_gpu._training_s(config(steps=n)) for n in (12, 9000)]
    lengths = [lent_gpu._training_s(config(steps=steps)) for steps in (10, 600, 10_000)]
    assert lengths == sorted(lengths) and lengths[0] <= 20 and lengths[-1] == lent_gpu.MAX_CALL_S


def test_each_gpu_is_released(results):
    counts = Counter(path for path, _ in results["asked"])
    assert counts["/schedule"] == counts["/allow"] == counts["/release"] == 5


def test_divergence_raises_and_keeps_the_last_good_weights(monkeypatch):
    monkeypatch.setattr(this_process, "batches", faults.poisoned(this_process.batches))
    few = ddpm.fashion_mnist("test", source="shipped")
    training = lent_gpu.LentGPU().train(config(steps=10), lambda: few)
    with pytest.raises(ddpm.TrainingDiverged, match="step 5"):
        list(training.steps)
    weights = training._state.averaged().parameters()
    assert training.done() == 4 and all(p.isfinite().all() for p in weights)


def test_outside_a_space_everything_runs_in_this_process():
    assert type(COMPUTE.chosen) is ThisProcess
    assert not hasattr(lent_gpu._sample, "__wrapped__")
