"""The U-Net that is asked for something: what it looks at, and what it can't see."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from ddpm.config import UnetConfig
from ddpm.networks.conditional import ConditionalUnet, CrossAttention, pooled
from ddpm.networks.network import Condition
from ddpm.networks.text import WIDTH, EncodedText

close = torch.testing.assert_close
CONFIG = UnetConfig(image_size=8, dim=8, dim_mults=(1, 2), dim_head=4, num_classes=None)


def text_of(batch: int, length: int, shown: int) -> EncodedText:
    tokens = torch.randn(batch, length, WIDTH)
    weights = torch.zeros(batch, length)
    weights[:, :shown] = torch.rand(batch, shown) + 0.1
    return EncodedText(tokens, weights)


def test_cross_attention_is_softmax_attention_over_the_words_that_are_there():
    layer = CrossAttention(6, 10, heads=2, dim_head=3)
    torch.nn.init.normal_(layer.nothing)
    x, tokens = torch.randn(2, 6, 3, 3), torch.randn(2, 4, 10)
    seen = torch.tensor([[True, True, False, False], [False] * 4])
    got = layer(x, tokens, seen) - x
    for k in range(2):
        words = torch.cat([layer.nothing[0], tokens[k][seen[k]]])  # the hidden ones cut away
        q = layer.to_q(layer.norm(x))[k].flatten(1).T
        key, value = layer.to_kv(words).chunk(2, dim=1)
        heads = zip(*(each.split(3, dim=1) for each in (q, key, value)), strict=True)
        heads = [F.scaled_dot_product_attention(*head) for head in heads]
        out = layer.to_out(torch.cat(heads, 1).T.reshape(1, 6, 3, 3))
        close(got[k : k + 1], out)


def test_pooled_is_the_weighted_mean_normalised():
    text = text_of(3, 5, 3)
    mean = torch.stack(
        [sum(text.weights[k, i] * text.tokens[k, i] for i in range(3)) for k in range(3)]
    )
    want = (mean - mean.mean(1, keepdim=True)) / mean.std(1, keepdim=True, unbiased=False)
    close(pooled(text), want, atol=1e-4, rtol=1e-3)
    assert pooled(text_of(2, 4, 0)).eq(0).all()


def test_words_matter_and_hidden_ones_do_not():
    network = ConditionalUnet(CONFIG)
    x, t, text = torch.randn(2, 1, 8, 8), torch.tensor([3.0, 7.0]), text_of(2, 5, 3)
    before = network(x, t, Condition(text))
    changed = text.tokens.clone()
    changed[:, 3:] += 5  # beyond the end of both texts
    close(network(x, t, Condition(EncodedText(changed, text.weights))), before)
    changed[:, 0] += 5
    after = network(x, t, Condition(EncodedText(changed, text.weights)))
    assert not torch.allclose(after, before, atol=1e-4)


def test_each_word_is_seen_by_itself():
    """Two texts with the same pooled vector differ by cross-attention alone."""
    network = ConditionalUnet(CONFIG)
    torch.nn.init.normal_(network.cross_attn.to_q.weight)
    text = text_of(1, 2, 2)
    text = EncodedText(text.tokens, torch.ones(1, 2))
    shift = torch.randn(WIDTH)
    apart = EncodedText(text.tokens + torch.stack([shift, -shift]), text.weights)
    close(pooled(text), pooled(apart), atol=1e-4, rtol=1e-3)
    x, t = torch.randn(1, 1, 8, 8), torch.tensor([3.0])
    change = network(x, t, Condition(text)) - network(x, t, Condition(apart))
    assert change.abs().max() > 1e-4


def test_an_embedding_of_zeros_is_none():
    network = ConditionalUnet(CONFIG, embedding=6)
    x, t = torch.randn(2, 1, 8, 8), torch.tensor([3.0, 7.0])
    condition = Condition(text_of(2, 3, 2), embedding=torch.randn(2, 6))
    hidden = condition.unconditional()
    assert hidden.embedding.eq(0).all() and hidden.text.weights.eq(0).all()
    assert not torch.allclose(network(x, t, condition), network(x, t, hidden), atol=1e-4)
    # without words and embedding there is only the learned "nothing" to look at
    other = Condition(text_of(2, 3, 0), embedding=torch.zeros(2, 6))
    close(network(x, t, hidden), network(x, t, other))


def test_the_small_picture_and_its_noise_level_matter():
    network = ConditionalUnet(CONFIG, enlarges=True)
    x, t = torch.randn(2, 1, 8, 8), torch.tensor([3.0, 7.0])
    given = Condition(text_of(2, 3, 2), low=torch.randn(2, 1, 4, 4), aug=torch.tensor([0, 9]))
    before = network(x, t, given)
    for change in ({"low": given.low + 1}, {"aug": given.aug + 20}):
        assert not torch.allclose(network(x, t, replace(given, **change)), before, atol=1e-4)
    hidden = given.unconditional()  # guidance leads away from no words, not from no picture
    assert hidden.low.equal(given.low) and hidden.aug.equal(given.aug)


def test_two_batches_as_one():
    network = ConditionalUnet(CONFIG, embedding=6).eval()
    a = Condition(text_of(2, 3, 2), embedding=torch.randn(2, 6))
    b = Condition(text_of(1, 3, 1), embedding=torch.randn(1, 6))
    x, t = torch.randn(3, 1, 8, 8), torch.tensor([3.0, 7.0, 1.0])
    both = network(x, t, a.cat(b))
    close(both, torch.cat([network(x[:2], t[:2], a), network(x[2:], t[2:], b)]))


def test_without_a_condition_it_says_so():
    with pytest.raises(ValueError, match="needs a Condition"):
        ConditionalUnet(CONFIG)(torch.randn(1, 1, 8, 8), torch.tensor([1.0]))
