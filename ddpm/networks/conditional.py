"""A U-Net that draws what it is asked for: by words, by an image embedding, from a small picture.

Shapes: B images, L words in a text, n = H·W places of the lowest resolution.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.network import Given, as_condition
from ddpm.networks.super_resolution import Enlarges
from ddpm.networks.text import WIDTH, EncodedText

EXTRA_TOKENS = 4  # into which an image embedding is projected: Ramesh et al. 2022, section 2.1


def pooled(text: EncodedText) -> Tensor:
    """The weighted mean of a text's words, normalised: (B, WIDTH); zeros for no words."""
    return F.layer_norm((text.weights[..., None] * text.tokens).sum(1), (WIDTH,))


class CrossAttention(nn.Module):
    """Places look at words: queries (B, C, H, W), keys and values (B, L, width), seen (B, L)."""

    def __init__(self, dim: int, width: int, heads: int = 4, dim_head: int = 32):
        super().__init__()
        self.heads = heads
        inner = heads * dim_head
        self.norm = nn.GroupNorm(1, dim)
        self.to_q = nn.Conv2d(dim, inner, 1, bias=False)
        self.to_kv = nn.Linear(width, inner * 2, bias=False)
        self.nothing = nn.Parameter(torch.zeros(1, 1, width))  # to look at where no word is
        self.to_out = nn.Conv2d(inner, dim, 1)

    def forward(self, x: Tensor, tokens: Tensor, seen: Tensor) -> Tensor:
        tokens = torch.cat([self.nothing.expand(x.shape[0], 1, -1).to(tokens), tokens], dim=1)
        seen = F.pad(seen, (1, 0), value=True)
        q = rearrange(self.to_q(self.norm(x)), "b (h d) x y -> b h (x y) d", h=self.heads)
        k, v = rearrange(self.to_kv(tokens), "b l (s h d) -> s b h l d", s=2, h=self.heads)
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5  # (B, h, n, L + 1)
        attn = scores.masked_fill(~seen[:, None, None], -torch.inf).softmax(dim=-1)
        out = rearrange(attn @ v, "b h (x y) d -> b (h d) x y", x=x.shape[2])
        return x + self.to_out(out)


class ConditionalUnet(Enlarges):
    """forward(x, t, condition): (B, C, H, W), (B,), a `Condition` -> (B, C, H, W).

    Words are met twice, as in Imagen (Saharia et al. 2022, sections 2.5 and D.3.1): pooled, with
    the time embedding; and one by one, by cross-attention at the lowest resolution.

    With `embedding`, an image embedding of so many numbers joins them in both ways (Ramesh et al.
    2022, section 2.1). With `enlarges`, so does a small picture: see `Enlarges`.
    """

    def __init__(self, config: UnetConfig, *, embedding: int | None = None, enlarges: bool = False):
        super().__init__(config)
        time_dim = config.dim * 4
        self.embedding, self.enlarges = embedding, enlarges
        self.text_emb = nn.Linear(WIDTH, time_dim)
        self.cross_attn = CrossAttention(
            config.dim * config.dim_mults[-1], WIDTH, dim_head=config.dim_head
        )
        if embedding is not None:
            self.picture_emb = nn.Linear(embedding, time_dim)
            self.picture_tokens = nn.Linear(embedding, EXTRA_TOKENS * WIDTH)
        if enlarges:
            self.take_small()

        # last again: the file of a run numbers what optimizers know by this order
        self.final_conv = self._modules.pop("final_conv")

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        given = as_condition(condition)
        if given.text is None:
            raise ValueError("this network needs a Condition with words")
        self._check(x, t, None)
        text = given.text
        time_emb = self.embed(t) + self.text_emb(pooled(text))
        tokens, seen = text.tokens, text.weights > 0
        if self.embedding is not None:
            picture = given.embedding
            if picture is None:
                raise ValueError("this network needs an image embedding, or zeros for none")
            time_emb = time_emb + self.picture_emb(picture)
            more = rearrange(self.picture_tokens(picture), "b (l d) -> b l d", l=EXTRA_TOKENS)
            is_one = (picture != 0).any(1, keepdim=True).expand(-1, EXTRA_TOKENS)
            tokens, seen = torch.cat([tokens, more.to(tokens)], 1), torch.cat([seen, is_one], 1)
        if self.enlarges:
            x, aug = self.with_small(x, given)
            time_emb = time_emb + aug
        return self.denoise(x, time_emb, lambda h: self.cross_attn(h, tokens, seen))
