"""Imagen's way, with networks that have hardly learned anything."""

import pytest
import torch
from safetensors.torch import load_file

import ddpm
from ddpm.systems.imagen import TextToImage


@pytest.fixture(scope="module")
def run(tmp_path_factory, tiny_text_configs):
    out = tmp_path_factory.mktemp("text")
    ddpm.train_text_to_image(out, tiny_text_configs, source="shipped")
    return out


@pytest.fixture(scope="module")
def model(run):
    return TextToImage.load(run, device="cpu")


def test_words_guidance_thresholding_and_augmentation_each_matter(model):
    x = model.sample(["a boot"], seed=1)
    for other in (
        model.sample(["a coat"], seed=1),
        model.sample(["a boot"], guidance=8.0, seed=1),
        model.sample(["a boot"], aug=0, seed=1),
        model.sample(["a boot"], clip=False, seed=1),
        model.sample(["a boot"], sampler="ddim", seed=1),
    ):
        assert not torch.equal(other, x)


def test_a_text_of_unknown_words_draws_as_no_text(model):
    torch.testing.assert_close(model.sample(["xqzzy 👢"]), model.sample([""]))
    assert model.unknown("a xqzzy boot") == ["xqzzy"]


def test_the_file_holds_float16_and_how_long_each_learned(model, run):
    stored = load_file(run / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}
    assert model.info["steps"] == {"base": 3, "super_resolution": 3}
