"""DALL·E 2's two small networks: a contrastive pair of encoders, and the prior between them.

Radford et al. 2021 (CLIP) and Ramesh et al. 2022. Embeddings have EMBEDDING numbers and the length
√EMBEDDING, so that each number has variance 1, as a diffusion wants it.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.network import Given, Network, as_condition
from ddpm.networks.text import WIDTH, EncodedText
from ddpm.networks.time_embedding import time_mlp

EMBEDDING = 64


def scaled(z: Tensor) -> Tensor:
    """Embeddings (B, EMBEDDING) at the length √EMBEDDING."""
    return F.normalize(z, dim=1) * EMBEDDING**0.5


class ContrastivePair(nn.Module):
    """forward(x, text) -> z_i, z_t and the logit scale: pictures (B, C, H, W) in [-1, 1], words.
    No noise is involved, so that it is no `Network`. H and W must be divisible by 4. Of `config` it
    takes the shape and the width, `dim`."""

    of_pixels = ("of_image.0",)

    def __init__(self, config: UnetConfig):
        super().__init__()
        self.shape, self.num_classes = config.shape, None
        dim, places, inner = config.dim, (config.image_size // 4) ** 2, 4 * config.dim

        def layer(dim: int, dim_out: int, stride: int) -> list[nn.Module]:
            conv = nn.Conv2d(dim, dim_out, 3, stride, 1)
            return [conv, nn.GroupNorm(1, dim_out), nn.SiLU()]

        self.of_image = nn.Sequential(
            *layer(config.channels, dim, 2), *layer(dim, 2 * dim, 1),
            *layer(2 * dim, 3 * dim, 2), *layer(3 * dim, 4 * dim, 1),
            nn.Flatten(), nn.Linear(4 * dim * places, EMBEDDING),
        )  # fmt: skip
        self.of_word = nn.Sequential(
            nn.Linear(WIDTH, inner), nn.SiLU(), nn.Linear(inner, inner), nn.SiLU()
        )
        self.of_text = nn.Sequential(
            nn.Linear(inner, inner), nn.SiLU(), nn.Linear(inner, EMBEDDING)
        )
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))  # CLIP, section 2.5

    def image(self, x: Tensor) -> Tensor:
        """z_i (B, EMBEDDING) of pictures (B, C, H, W)."""
        return scaled(self.of_image(x))

    def text(self, text: EncodedText) -> Tensor:
        """z_t (B, EMBEDDING) of words; zeros without any, as for a hidden text."""
        total = text.weights.sum(1, keepdim=True)
        seen = text.weights / total.clamp(min=1e-6)
        z_t = scaled(self.of_text((seen[..., None] * self.of_word(text.tokens)).sum(1)))
        return z_t * (total > 0)

    def forward(self, x: Tensor, text: EncodedText) -> tuple[Tensor, Tensor, Tensor]:
        return self.image(x), self.text(text), self.log_scale.clamp(max=math.log(100)).exp()


def contrastive_loss(z_i: Tensor, z_t: Tensor, scale: Tensor) -> Tensor:
    """CLIP, figure 3: each picture picks its caption in the batch, and each caption its picture."""
    logits = scale * z_i @ z_t.T / EMBEDDING
    own = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


class Prior(Network):
    """forward(x, t, condition): a noisy z_i (B, EMBEDDING), (B,), a `Condition` of words and z_t
    -> z_i itself.

    Ramesh et al. 2022, section 2.2: a Transformer with a causal mask over z_t, the time, the words,
    the noisy z_i and a last token, whose output is the prediction. The paper puts the words first;
    here z_t is, which is there whatever words are hidden. Of `config` it takes the width, `dim`.
    """

    def __init__(self, config: UnetConfig, depth: int = 3, heads: int = 4):
        super().__init__()
        dim = config.dim
        self.shape, self.num_classes = (EMBEDDING, 1, 1), None
        self.text_in, self.word_in = nn.Linear(EMBEDDING, dim), nn.Linear(WIDTH, dim)
        self.time_in, self.noisy_in = time_mlp(dim, dim), nn.Linear(EMBEDDING, dim)
        self.places = nn.Parameter(0.02 * torch.randn(5, dim))  # of z_t, t, any word, z_i, the last
        block = nn.TransformerEncoderLayer(
            dim, heads, 4 * dim, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, depth, enable_nested_tensor=False)
        self.out = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, EMBEDDING))

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        given, n = as_condition(condition), x.shape[0]
        if given.text is None or given.embedding is None:
            raise ValueError("the prior needs a Condition with words and a text embedding")
        text = given.text
        entries = (self.text_in(given.embedding), self.time_in(t), self.noisy_in(x))
        z_t, time, noisy = (row[:, None] for row in entries)
        rows = (z_t, time, self.word_in(text.tokens), noisy, torch.zeros_like(noisy))
        places = self.places.split(1)
        sequence = torch.cat([row + at for row, at in zip(rows, places, strict=True)], dim=1)
        length = sequence.shape[1]
        later = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        shown = torch.zeros(n, 1, dtype=torch.bool, device=x.device)
        unseen = torch.cat([shown, shown, text.weights <= 0, shown, shown], dim=1)
        # without is_causal, torch compares the mask's values, which no export can follow
        hidden = {"mask": later, "src_key_padding_mask": unseen, "is_causal": False}
        return self.out(self.blocks(sequence, **hidden)[:, -1])
