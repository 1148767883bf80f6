"""A U-Net that draws what it is asked for: by words, by an image embedding, from a small picture.

Shapes: B images, L words in a text, n = H·W places of the lowest resolution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.text import WIDTH, EncodedText
from ddpm.networks.time_embedding import time_mlp
from ddpm.networks.unet import Unet

EXTRA_TOKENS = 4  # into which an image embedding is projected: Ramesh et al. 2022, section 2.1


@dataclass(frozen=True)
class Condition:
    """What B pictures are to be like. It takes the place of labels: `Denoiser` hands it on."""

    text: EncodedText | None = None
    embedding: Tensor | None = None  # (B, D) of a picture with this meaning; zeros for none
    low: Tensor | None = None  # (B, C, h, w), the small picture to enlarge
    aug: Tensor | None = None  # (B,), the steps of noise that it has had: see `augment`

    def moved(self, device: torch.device | str) -> Condition:
        """The same on this device."""
        rest = {k: v.to(device) for k, v in vars(self).items() if v is not None}
        return replace(self, **rest)

    def hidden(self) -> Condition:
        """The same without the words and the embedding: what guidance leads away from."""
        text, embedding = self.text, self.embedding
        if text is not None:
            text = text.hidden(torch.ones_like(text.weights[:, 0], dtype=torch.bool))
        embedding = None if embedding is None else torch.zeros_like(embedding)
        return replace(self, text=text, embedding=embedding)

    def followed_by(self, other: Condition) -> Condition:
        """Of both batches; their texts must have the same L."""
        both = {}
        for name, ours in vars(self).items():
            theirs = getattr(other, name)
            if isinstance(ours, EncodedText):
                both[name] = ours.followed_by(theirs)
            elif ours is not None:
                both[name] = torch.cat([ours, theirs])
        return Condition(**both)


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
        tokens = torch.cat([self.nothing.expand(len(x), 1, -1).to(tokens), tokens], dim=1)
        seen = F.pad(seen, (1, 0), value=True)
        q = rearrange(self.to_q(self.norm(x)), "b (h d) x y -> b h (x y) d", h=self.heads)
        k, v = rearrange(self.to_kv(tokens), "b l (s h d) -> s b h l d", s=2, h=self.heads)
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5  # (B, h, n, L + 1)
        attn = scores.masked_fill(~seen[:, None, None], -torch.inf).softmax(dim=-1)
        out = rearrange(attn @ v, "b h (x y) d -> b (h d) x y", x=x.shape[2])
        return x + self.to_out(out)


class ConditionalUnet(Unet):
    """forward(x, t, condition): (B, C, H, W), (B,), a `Condition` -> (B, C, H, W).

    Words are met twice, as in Imagen (Saharia et al. 2022, sections 2.1 and D.1): pooled, with the
    time embedding; and one by one, by cross-attention at the lowest resolution.

    With `embedding`, an image embedding of so many numbers joins them in both ways (Ramesh et al.
    2022, section 2.1). With `enlarges`, the small picture is upsampled and joins x as further
    channels, and its augmentation level joins the time embedding (Ho et al. 2021, section 4).
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
            channels = 2 * config.channels * config.patch**2
            self.init_conv = nn.Conv2d(channels, config.dim, 7, padding=3)
            self.aug_mlp = time_mlp(config.dim, time_dim)

        # last again: the file of a run numbers what optimizers know by this order
        self.final_conv = self._modules.pop("final_conv")

    def forward(self, x: Tensor, t: Tensor, labels: Condition | None = None) -> Tensor:
        condition = labels  # the name that every network's third argument has
        if condition is None or condition.text is None:
            raise ValueError("this network needs a Condition with words")
        self._check(x, t, None)
        text = condition.text
        time_emb = self.embed(t) + self.text_emb(pooled(text))
        tokens, seen = text.tokens, text.weights > 0
        if self.embedding is not None:
            picture = condition.embedding
            if picture is None:
                raise ValueError("this network needs an image embedding, or zeros for none")
            time_emb = time_emb + self.picture_emb(picture)
            more = rearrange(self.picture_tokens(picture), "b (l d) -> b l d", l=EXTRA_TOKENS)
            given = (picture != 0).any(1, keepdim=True).expand(-1, EXTRA_TOKENS)
            tokens, seen = torch.cat([tokens, more.to(tokens)], 1), torch.cat([seen, given], 1)
        if self.enlarges:
            if condition.low is None or condition.aug is None:
                raise ValueError("this network needs a small picture to enlarge, and its aug")
            time_emb = time_emb + self.aug_mlp(condition.aug)
            large = F.interpolate(condition.low, x.shape[2:], mode="bilinear", antialias=False)
            x = torch.cat([x, large], dim=1)
        return self.denoise(x, time_emb, lambda h: self.cross_attn(h, tokens, seen))
