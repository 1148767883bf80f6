"""Kill a training run at random moments: is anything corrupted or lost?

The run saves after every step; it is killed while it starts, while it trains and while a file is
half written. After each kill every checkpoint must load, and state and log must equal, bit for
bit, those of an uninterrupted run of as many steps.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from ddpm import checkpoint
from ddpm.config import Config
from ddpm.data import fashion_mnist as data
from ddpm.data.batches import batches
from ddpm.presets import PRESETS
from ddpm.training.loop import train
from ddpm.training.run import run_training
from ddpm.training.state import TrainState
from devtools.configs import altered

TRAIN = {"batch_size": 8, "steps": 100_000}
CONFIG = altered(PRESETS["minute"], unet={"dim": 8}, diffusion={"T": 50}, train=TRAIN)
TRAINS_S = 4.0  # at most, from the first step to the kill
STARTS_S = 120.0  # at most, to the first step


# each process is forked from one that has imported everything, but has never trained
fresh = multiprocessing.get_context("forkserver")
fresh.set_forkserver_preload(["accelerate", "torch._dynamo", "ddpm.training.run"])


def work(out: str, resume: bool) -> None:
    """The run of `python -m ddpm train`, with a save after each step."""
    sys.stdout = sys.stderr = open(Path(out) / "output.txt", "w")  # noqa: SIM115
    # tqdm's own lock is shared by processes and would outlive the kill
    tqdm.set_lock(threading.RLock())
    torch.set_num_threads(1)
    run_training(out, CONFIG, resume=resume, source="shipped", save_every=0)


def kills(out: Path, count: int, seed: int = 0) -> Iterator[Found]:
    """Start the run in `out`, kill it and check its files, `count` times."""
    draw = random.Random(seed)
    uninterrupted = None
    for _ in range(count):
        saved = _kill_once(out, draw)
        if saved is None:  # killed before the first state was saved
            continue
        if uninterrupted is None:
            uninterrupted = Uninterrupted(saved.config)
        uninterrupted.check(saved)
        yield saved


@dataclass(frozen=True)
class Found:
    """What a killed run left behind."""

    tensors: dict
    config: Config
    losses: list[float]
    saved: int  # the step of the state on disk
    logged: int  # the last step that the killed process logged
    unfinished: int  # files that were being written


def _kill_once(out: Path, draw: random.Random) -> Found | None:
    state, log = out / "state.safetensors", out / "log.jsonl"
    before = int(checkpoint.load_tensors(state)[0]["step"]) if state.exists() else 0
    job = fresh.Process(target=work, args=(str(out), before > 0))
    job.start()
    moment = draw.choice(["starting", "training", "writing", "writing"])
    try:
        if moment != "starting":
            # the step before the last that was logged is saved: each such kill gets further
            _wait(lambda: _last_step(log) > before + 1, job, out)
        if moment == "writing":
            time.sleep(draw.uniform(0, 0.5))
            _wait(lambda: any(out.glob(f"*{checkpoint.UNFINISHED}")), job, out)
        else:
            time.sleep(draw.uniform(0, TRAINS_S))
    finally:
        job.kill()
        job.join()
    if not state.exists():
        return None
    for file in out.glob("*.safetensors"):  # model.safetensors too
        checkpoint.load_tensors(file)
    tensors, config, _ = checkpoint.load_tensors(state)
    saved = int(tensors["step"])
    losses = [json.loads(line)["loss"] for line in log.read_text().splitlines()[:saved]]
    parts = len(list(out.glob(f"*{checkpoint.UNFINISHED}")))
    return Found(tensors, config, losses, saved, _last_step(log), parts)


def _wait(condition: Callable[[], bool], job, out: Path) -> None:
    deadline = time.monotonic() + STARTS_S
    while not condition():
        if not job.is_alive() or time.monotonic() > deadline:
            raise RuntimeError((out / "output.txt").read_text())
        time.sleep(0.0005)


def _last_step(log: Path) -> int:
    lines = log.read_text().splitlines(True) if log.exists() else []
    whole = [line for line in lines if line.endswith("}\n")]
    return json.loads(whole[-1])["step"] if whole else 0


class Uninterrupted:
    """The same run in this process, never killed."""

    def __init__(self, config: Config):
        self.state = TrainState(checkpoint.build_network(config), config.train)
        pictures = data.fashion_mnist("train", source="shipped")
        feed = batches(*pictures, config.train.batch_size, seed=config.train.seed)
        self.steps = train(self.state, checkpoint.build_schedule(config), feed, config)
        self.losses: list[float] = []

    def check(self, found: Found) -> None:
        while self.state.step < found.saved:
            self.losses.append(next(self.steps).loss)
        assert found.losses == self.losses, "the log differs"
        expected = self.state.tensors()
        assert expected.keys() == found.tensors.keys()
        for name, tensor in expected.items():
            assert torch.equal(tensor, found.tensors[name]), f"{name} differs"
