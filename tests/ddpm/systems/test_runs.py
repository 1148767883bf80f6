"""A run of each kind: what it leaves, and how it goes on after an interruption."""

from dataclasses import replace
from pathlib import Path

import pytest

import ddpm
from ddpm.checkpoint import build_network, save_checkpoint
from ddpm.config import Config, DistillConfig
from ddpm.data.dataset import Pictures
from ddpm.training import run
from ddpm.training.distillation import trajectories
from ddpm.training.run import run_training
from devtools.configs import altered
from devtools.runs import assert_same_run, losses

# Of each kind the steps after which a run is interrupted: in each stage, and between two
STOPS = {
    "plain": [3], "classifier": [3], "student": [2, 3, 5], "matched": [4, 5], "cascade": [2, 6, 9],
    "imagen": [4], "unclip": [2, 3, 7],
}  # fmt: skip
MODELS = {
    "classifier": ddpm.NoisyClassifier, "cascade": ddpm.Cascade, "imagen": ddpm.Imagen,
    "unclip": ddpm.UnClip,
}  # fmt: skip


@pytest.fixture
def configs(tiny_config, cascade_config, tiny_text_configs, tiny_unclip_configs):
    train = replace(tiny_config.train, learning_rate=1e-3)
    distill = DistillConfig(trajectories=10, calls=3, regression=0.5, judged=0.34)
    student = replace(tiny_config, train=train, distill=distill)
    return {
        "plain": tiny_config,
        "classifier": replace(tiny_config, network="classifier"),
        "student": student,  # whose last stage a classifier judges, or its teacher
        "matched": student,
        "cascade": cascade_config,
        "imagen": tiny_text_configs,
        "unclip": tiny_unclip_configs,
    }


@pytest.fixture
def begin(configs, garments: Pictures, saved, tmp_path, monkeypatch):
    """begin(kind, out, **settings) trains in the folder."""
    monkeypatch.setattr(trajectories, "BLOCK", 4)
    judge = tmp_path / "judge.safetensors"
    save_checkpoint(judge, build_network(configs["classifier"]), configs["classifier"])

    def call(kind: str, out: Path, config=None, **settings) -> Path | None:
        if kind in ("imagen", "unclip"):
            return run_training(out, config, source="shipped", **settings)
        if kind in ("student", "matched") and not settings.get("resume"):
            settings |= {"teacher": saved}
            settings |= {"classifier": judge} if kind == "student" else {}
        return run_training(out, config, garments, **settings)

    return call


def following(most: int):
    """`run.follow` for so many steps of a whole run."""
    full, left = run.follow, [most]

    def few(steps):
        while left[0] and (step := next(steps, None)):
            left[0] -= 1
            yield step

    return lambda steps, *rest: full(few(steps), *rest)


@pytest.mark.parametrize("kind", STOPS)
def test_interrupted_and_resumed_equals_uninterrupted(
    begin, configs, saved, tmp_path, monkeypatch, kind
):
    """Bit for bit. A student's teacher may be gone by then, unless it has the last word."""
    whole = tmp_path / "whole"
    assert begin(kind, whole, configs[kind]) == whole / "model.safetensors"
    assert isinstance(ddpm.load(whole, "cpu"), MODELS.get(kind, ddpm.Checkpoint))
    for stop in STOPS[kind]:
        out = tmp_path / f"stopped-{stop}"
        with monkeypatch.context() as stopped:
            stopped.setattr(run, "follow", following(stop))
            path = begin(kind, out, configs[kind])
        assert (path is None) is (kind in ("cascade", "imagen", "unclip"))
        assert path is not None or not (out / "model.safetensors").exists()
        assert sum(map(len, losses(out).values())) == stop
    if kind != "matched":
        saved.unlink()
    for stop in STOPS[kind]:
        out = tmp_path / f"stopped-{stop}"
        assert begin(kind, out, resume=True) == out / "model.safetensors"
        assert_same_run(out, whole)


def last(parts: dict[str, Config], **changes) -> dict[str, Config]:
    """The same with another last network."""
    *_, name = parts
    return parts | {name: altered(parts[name], **changes)}


def test_what_begins_no_run(begin, configs, garments, tmp_path):
    with pytest.raises(ValueError, match="a new run needs a config"):
        begin("plain", tmp_path / "run")
    with pytest.raises(ValueError, match="only Fashion-MNIST has captions"):
        run_training(tmp_path / "run", configs["imagen"], garments)
    with pytest.raises(ValueError, match="for a student"):
        run_training(tmp_path / "run", configs["plain"], garments, classifier="fashion_mnist")
    cascade, words = vars(configs["cascade"]), configs["imagen"]
    student = altered(configs["student"], distill={"trajectories": 20})
    for kind, config, says in (
        ("student", altered(student, train={"batch_size": 17}), "do not fill one batch"),
        ("cascade", last(cascade, train={"batch_size": 17}), "16 images do not fill one batch"),
        ("cascade", last(cascade, unet={"image_size": 12}), "its image_size must be 8, not 12"),
        ("imagen", last(words, train={"batch_size": 20_000}), "do not fill one batch of 20000"),
        ("imagen", last(words, unet={"image_size": 56}), "must have image_size 28 and channels 1"),
    ):
        with pytest.raises(ValueError, match=says):
            begin(kind, tmp_path / "run", config)
    for part in configs["unclip"].values():
        with pytest.raises(ValueError, match="not trained by itself"):
            run_training(tmp_path / "run", part, garments)
    assert not (tmp_path / "run").exists()
