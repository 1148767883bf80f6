"""The contrastive pair and the prior."""

import math

import torch

from ddpm.config import UnetConfig
from ddpm.networks.clip import EMBEDDING, ContrastivePair, Prior, contrastive_loss, scaled
from ddpm.networks.network import Condition
from ddpm.networks.text import WIDTH, EncodedText

close = torch.testing.assert_close
CONFIG = UnetConfig(image_size=8, dim=8, num_classes=None)


def text_of(batch: int, length: int, shown: int) -> EncodedText:
    weights = torch.zeros(batch, length)
    weights[:, :shown] = 1.0
    return EncodedText(torch.randn(batch, length, WIDTH), weights)


def test_embeddings_have_variance_one():
    pair = ContrastivePair(CONFIG)
    z_i, z_t, scale = pair(torch.randn(5, 1, 8, 8), text_of(5, 4, 2))
    for z in (z_i, z_t):
        assert z.shape == (5, EMBEDDING)
        close(z.square().mean(1), torch.ones(5))
    close(scale, torch.tensor(1 / 0.07))


def test_the_text_encoder_skips_what_is_hidden_and_bears_no_words():
    pair = ContrastivePair(CONFIG)
    text = text_of(2, 4, 2)
    moved = text.tokens.clone()
    moved[:, 2:] += 9
    close(pair.text(text), pair.text(EncodedText(moved, text.weights)))
    assert not pair.text(text_of(2, 4, 0)).any()  # what prior and decoder learned a hidden text is


def test_contrastive_loss_by_hand():
    """Two pairs: own similarity 1, other similarity c, at scale s: log(1 + e^(s (c - 1)))."""
    a, b = torch.zeros(EMBEDDING), torch.zeros(EMBEDDING)
    a[0], b[0], b[1] = 1.0, 0.6, 0.8
    z = scaled(torch.stack([a, b]))
    close(contrastive_loss(z, z, torch.tensor(5.0)), torch.tensor(math.log1p(math.exp(-2.0))))


def test_the_prior_sees_noise_time_words_and_the_text_embedding():
    prior = Prior(CONFIG).eval()
    x, t = torch.randn(2, EMBEDDING), torch.tensor([3, 900])
    given = Condition(text_of(2, 4, 2), embedding=torch.randn(2, EMBEDDING))
    before = prior(x, t, given)
    assert before.shape == (2, EMBEDDING)
    moved = given.text.tokens.clone()
    moved[:, 2:] += 9  # hidden words
    close(prior(x, t, Condition(EncodedText(moved, given.text.weights), given.embedding)), before)
    moved[:, :2] += 9
    others = (
        prior(x + 1, t, given),
        prior(x, t + 50, given),
        prior(x, t, Condition(EncodedText(moved, given.text.weights), given.embedding)),
        prior(x, t, Condition(given.text, embedding=given.embedding + 1)),
    )
    for other in others:
        assert not torch.allclose(other, before, atol=1e-3)
