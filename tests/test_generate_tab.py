"""The Generate tab without a browser: what is asked, what is sampled, what comes out."""

import gradio as gr
import pytest
import torch
from PIL import Image

import ddpm
from tabs import generate, models

ASKED = dict(
    label=7, count=4, sampler="ddim", steps=5, schedule="cosine", guidance=1.0, seed=0
)  # fmt: skip


def last_pictures(**changes) -> torch.Tensor:
    _, run = generate.trajectory(models.shipped(), generate.Request(**ASKED | changes))
    return [step.x for step in run][-1]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("label", 10, "from -1 to 9"),
        ("count", 0, "from 1 to 64"),
        ("count", 65, "from 1 to 64"),
        ("count", 2.5, "from 1 to 64"),
        ("count", None, "from 1 to 64"),
        ("steps", 0, "from 1 to 1000"),
        ("steps", 1001, "from 1 to 1000"),
        ("steps", float("nan"), "from 1 to 1000"),
        ("seed", -1, "from 0 to"),
        ("guidance", 11, "from 0 to 10"),
        ("guidance", float("nan"), "from 0 to 10"),
        ("sampler", "euler", "ddpm, ddim"),
        ("schedule", "../x", "linear, quadratic, cosine, sigmoid"),
    ],
)
def test_bad_requests_are_refused_with_the_range(field, value, says):
    asked = ASKED | {field: value}
    with pytest.raises(gr.Error, match=says):
        next(generate.sample(None, False, *asked.values()))


def test_streams_frames_then_files():
    updates, sizes = [], []
    for view, gif, png, _ in generate.sample(None, False, *ASKED.values()):
        updates.append(view)
        if gif is not None:
            sizes = [Image.open(png).size, Image.open(gif).size, Image.open(gif).n_frames]
    assert sizes == [(62, 62), (124, 124), 6]  # x_T and five steps, enlarged twice
    assert len(updates) >= 2 and "5 / 5" in updates[-1]["note"]
    assert len(updates[-1]["pictures"]) == 2


def test_a_picture_depends_on_its_seed_alone():
    """Picture k of a batch is the one drawn alone with seed + k; another seed is another one."""
    four, one = last_pictures(seed=5), last_pictures(seed=7, count=1)
    assert torch.allclose(four[2], one[0], atol=1e-3)
    assert not torch.allclose(four[0], four[1], atol=0.1)


def test_every_schedule_and_sampler_draws_the_class():
    """The one checkpoint under any schedule: most of what it draws is what was asked for."""
    from ddpm.evaluation import features_and_logits, load_classifier

    classifier = load_classifier(models.SHIPPED.with_name("classifier.safetensors"))
    for schedule in ddpm.SCHEDULES:
        for sampler, steps in (("ddim", 20), ("ddpm", 50), ("dpm_solver", 12), ("deis", 12)):
            x = last_pictures(
                label=1, count=8, schedule=schedule, sampler=sampler, steps=steps, guidance=2.0
            )
            _, logits = features_and_logits(ddpm.to_uint8(x.cpu()), classifier)
            assert (logits.argmax(1) == 1).sum() >= 6, (schedule, sampler)


def test_a_bad_checkpoint_names_its_file(tmp_path, monkeypatch):
    """Missing or damaged weights are told in the page, and a mended file works at once."""
    good = models.SHIPPED
    path = tmp_path / "fashion_mnist.safetensors"
    monkeypatch.setattr(models, "SHIPPED", path)
    models.shipped.cache_clear()
    try:
        with pytest.raises(gr.Error, match=r"fashion_mnist\.safetensors: there is no such"):
            next(generate.sample(None, False, *ASKED.values()))
        path.write_bytes(good.read_bytes()[:100_000])
        with pytest.raises(gr.Error, match="not a whole safetensors file"):
            next(generate.sample(None, False, *ASKED.values()))
        path.write_bytes(good.read_bytes())
        assert next(generate.sample(None, False, *ASKED.values()))
    finally:
        models.shipped.cache_clear()


def test_trained_here_needs_a_trained_model():
    with pytest.raises(gr.Error, match="not trained a model yet"):
        next(generate.sample(None, True, *ASKED.values()))
