"""DALL·E 2's way, with networks that have hardly learned anything."""

import pytest
import torch

import ddpm
from ddpm.networks.clip import EMBEDDING
from ddpm.systems.unclip import UnClip, rerank

TEXTS = ["a dark ankle boot with a high shaft", "浅色长袖衬衫", "a bag"]
close = torch.testing.assert_close


@pytest.fixture(scope="module")
def model(tmp_path_factory, tiny_unclip_configs):
    out = tmp_path_factory.mktemp("unclip")
    ddpm.train_unclip(out, tiny_unclip_configs, source="shipped")
    return UnClip.load(out, device="cpu")


@pytest.fixture
def pictures():
    return torch.rand(2, 1, 28, 28) * 2 - 1


def test_prior_and_decoder_can_be_watched(model):
    found = list(model.stages(TEXTS))
    assert [step.stage for step in found] == ["prior"] * 10 + ["decoder"] * 10
    assert found[0].step.x.shape == (6, EMBEDDING)  # two draws for each text
    without = list(model.stages(TEXTS, use_prior=False))
    assert {step.stage for step in without} == {"decoder"}
    assert not torch.equal(without[-1].step.x, found[-1].step.x)


@pytest.mark.parametrize("use_prior", [True, False])
def test_the_decoder_is_given_what_imagine_returns(model, use_prior):
    z, x_T = model.imagine(TEXTS, use_prior=use_prior, seed=3)
    run = model.begin(TEXTS, use_prior=use_prior, seed=3)
    decoder = [*run.steps][-1]
    close(run.stages["decoder"].x, x_T)
    close(decoder.given.embedding, z)


def test_sampler_and_steps_of_the_decoder(model):
    steps = [each.step.i for each in model.stages(TEXTS, sampler="ddim", steps=4)]
    assert steps[-4:] == [0, 1, 2, 3] and len(steps) == 14


def test_the_better_of_two_draws():
    z_t = torch.eye(3)
    near, far = z_t + 0.1, -z_t
    draws = torch.cat([torch.stack([near[0], far[1], near[2]]),
                       torch.stack([far[0], near[1], far[2]])])  # fmt: skip
    close(rerank(draws, z_t), near)


def test_a_picture_comes_back_from_its_noise(model, pictures):
    z, x_T = model.invert(pictures)
    assert z.shape == (2, EMBEDDING) and x_T.shape == pictures.shape
    close(z, model.pair.image(pictures))
    assert (model.draw(z, x_T) - pictures).abs().mean() < 0.05


def test_variations(model, pictures):
    found = model.variations(pictures[0], 3, seed=5)
    assert found.shape == (3, 1, 28, 28)
    assert not torch.allclose(found[0], found[1], atol=1e-2)
    close(model.variations(pictures[0], 1, seed=6), found[1:2], atol=2e-3, rtol=0)
    still = model.variations(pictures[0], 2, eta=0.0)
    close(still[0], still[1])
    with pytest.raises(ValueError, match=r"or \(1, 1, 28, 28\)"):
        model.variations(pictures, 2)


def test_between_begins_and_ends_at_the_pictures(model, pictures):
    path = model.between(pictures[0], pictures[1], 5)
    assert path.shape == (5, 1, 28, 28)
    again = model.draw(*model.invert(pictures))
    close(path[[0, -1]], again, atol=1e-3, rtol=0)


def test_edit_by_nothing_is_the_picture(model, pictures):
    again = model.draw(*model.invert(pictures[:1]))
    for same in (
        model.edit(pictures[0], "a boot", "a dark boot", 0.0),
        model.edit(pictures[0], "a boot", "a boot", 0.9),
        model.edit(pictures[0], "xqzzy", "", 0.9),  # no word known in either
    ):
        assert same.shape == (1, 28, 28)
        close(same[None], again, atol=1e-3, rtol=0)


def test_edit_turns_the_embedding(model, pictures):
    changed = model.edit(pictures, "a light boot", "a dark coat", 0.8)
    again = model.draw(*model.invert(pictures))
    assert changed.shape == pictures.shape and (changed - again).abs().max() > 1e-4
