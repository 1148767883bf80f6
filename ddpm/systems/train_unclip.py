"""Training of `UnClip`: `python -m ddpm train-unclip`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from ddpm.config import Config
from ddpm.diffusion.process import Denoiser
from ddpm.networks.clip import ContrastivePair, contrastive_loss
from ddpm.networks.conditional import Condition
from ddpm.systems.train_text import described_loss, encoded, run_captioned
from ddpm.systems.unclip_configs import CONFIGS
from ddpm.training.losses import Loss
from ddpm.training.run import SAVE_EVERY_S

PICTURES_HIDDEN = 0.1  # share of z_i that the decoder learns without: Ramesh et al. 2022, sec. 2.1


def train_unclip(
    out: str | Path,
    configs: Mapping[str, Config] | None = None,
    *,
    resume: bool = False,
    source: str = "auto",
    save_every: float = SAVE_EVERY_S,
) -> Path | None:
    """Train the three networks of `UnClip`, pair, prior and decoder; see `train_text_to_image`."""
    losses = {
        "pair": lambda _: pair_loss,
        "prior": lambda earlier: prior_loss(earlier["pair"]),
        "decoder": lambda earlier: decoder_loss(earlier["pair"]),
    }
    return run_captioned(out, configs, CONFIGS, losses, resume, source, save_every)


def pair_loss(denoiser: Denoiser, batch: tuple, config: Config, draw: torch.Generator) -> Tensor:
    """The contrastive loss of pictures and captions. The network in the denoiser's place is the
    pair: no noise is involved."""
    x_start, texts = batch
    device = denoiser.schedule.device
    text = encoded(texts, config.train.label_dropout, draw).to(device)
    return contrastive_loss(*denoiser.network(x_start.to(device), text))


def prior_loss(pair: ContrastivePair) -> Loss:
    """The squared error of z_i, given words and z_t, both of them hidden together."""

    def loss(denoiser: Denoiser, batch: tuple, config: Config, draw: torch.Generator) -> Tensor:
        x_start, texts = batch
        device = denoiser.schedule.device
        text = encoded(texts, config.train.label_dropout, draw).to(device)
        with torch.no_grad():
            z_i, z_t = pair.image(x_start.to(device)), pair.text(text)
        z_t = z_t * (text.weights > 0).any(1, keepdim=True)
        return described_loss(denoiser, z_i, Condition(text, embedding=z_t), config, draw)

    return loss


def decoder_loss(pair: ContrastivePair) -> Loss:
    """The denoising loss of pictures, given their z_i and words, each hidden by itself."""

    def loss(denoiser: Denoiser, batch: tuple, config: Config, draw: torch.Generator) -> Tensor:
        x_start, texts = batch
        text = encoded(texts, config.train.label_dropout, draw)
        shown = torch.rand(len(texts), 1, generator=draw) >= PICTURES_HIDDEN
        with torch.no_grad():
            z_i = pair.image(x_start.to(denoiser.schedule.device))
        condition = Condition(text, embedding=z_i * shown.to(z_i))
        return described_loss(denoiser, x_start, condition, config, draw)

    return loss
