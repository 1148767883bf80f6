"""What the networks that draw by words learn by, from pictures with captions."""

from collections.abc import Callable, Mapping
from typing import cast

import torch
from torch import Tensor, nn

from ddpm.config import Config
from ddpm.diffusion.augmentation import shrink
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import p_losses, randn_like
from ddpm.networks.clip import ContrastivePair, contrastive_loss
from ddpm.networks.network import Condition
from ddpm.networks.text import EncodedText, text_encoder
from ddpm.training.losses import Loss, shrunk_and_noised, times_for

BLUR = 0.3  # noise on word vectors of unit variance, so that synonyms fall into what was learned
PICTURES_HIDDEN = 0.1  # share of z_i that the decoder learns without: Ramesh et al. 2022, sec. 2.1


def base_loss(denoiser: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
    """The first network's: pictures at half their size, given words."""
    x_start, text = encoded(batch, config, rng)
    return described_loss(denoiser, shrink(x_start), Condition(text), config, rng)


def enlarging_loss(
    denoiser: Denoiser, batch: tuple, config: Config, rng: torch.Generator
) -> Tensor:
    """The second network's: pictures, given words and what `shrunk_and_noised` makes of them."""
    x_start, text = encoded(batch, config, rng)
    low, aug = shrunk_and_noised(denoiser.schedule, x_start, rng)
    return described_loss(denoiser, x_start, Condition(text, low=low, aug=aug), config, rng)


def encoded(batch: tuple, config: Config, rng: torch.Generator) -> tuple[Tensor, EncodedText]:
    """The pictures of a batch, and its texts as vectors, blurred, a share of them hidden."""
    x_start, texts = batch
    text = text_encoder()(texts).blurred(BLUR, rng)
    hide = torch.rand(len(texts), generator=rng) < config.train.label_dropout
    return x_start, text.hidden(hide)


def described_loss(
    denoiser: Denoiser, x_start: Tensor, condition: Condition, config: Config, rng: torch.Generator
) -> Tensor:
    """The denoising loss of x_0, given a condition whose text is still where it was encoded."""
    device = denoiser.schedule.device
    x_start = x_start.to(device)
    t = times_for(denoiser, len(x_start), rng)
    given = condition.to(device)
    noise = randn_like(x_start, rng)
    return p_losses(denoiser, x_start, t, noise, loss=config.train.loss, labels=given)


def pair_loss(denoiser: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
    """The contrastive loss of pictures and captions. The network in the denoiser's place is the
    pair: no noise is involved."""
    device = denoiser.schedule.device
    x_start, text = encoded(batch, config, rng)
    return contrastive_loss(*denoiser.network(x_start.to(device), text.to(device)))


def prior_loss(pair: ContrastivePair) -> Loss:
    """The loss of z_i under noise, given words and z_t, both of them hidden together."""

    def loss(denoiser: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
        device = denoiser.schedule.device
        x_start, text = encoded(batch, config, rng)
        with torch.no_grad():
            z_i, z_t = pair.image(x_start.to(device)), pair.text(text.to(device))
        return described_loss(denoiser, z_i, Condition(text, embedding=z_t), config, rng)

    return loss


def decoder_loss(pair: ContrastivePair) -> Loss:
    """The denoising loss of pictures, given their z_i and words, each hidden by itself."""

    def loss(denoiser: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
        x_start, text = encoded(batch, config, rng)
        shown = torch.rand(len(x_start), 1, generator=rng) >= PICTURES_HIDDEN
        with torch.no_grad():
            z_i = pair.image(x_start.to(denoiser.schedule.device))
        condition = Condition(text, embedding=z_i * shown.to(z_i))
        return described_loss(denoiser, x_start, condition, config, rng)

    return loss


# What each network learns by, given those of the parts that learned before
LOSSES_OF_WORDS: dict[str, Callable[[Mapping[str, nn.Module]], Loss]] = {
    "text_unet": lambda _: base_loss,
    "text_super_resolution": lambda _: enlarging_loss,
    "contrastive_pair": lambda _: pair_loss,
    "prior": lambda trained: prior_loss(cast(ContrastivePair, trained["pair"])),
    "decoder": lambda trained: decoder_loss(cast(ContrastivePair, trained["pair"])),
}
