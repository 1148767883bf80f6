"""Training of `TextToImage`: `python -m ddpm train-text`; and what `train-unclip` shares with it.

Each network is a stage of the run, in a folder of its own; --resume goes on with the first that is
not finished. The captions are those of `ddpm.data.captions`, without the combinations held out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from ddpm.checkpoint import MODEL, save_parts
from ddpm.config import Config
from ddpm.data.captions import caption_batches, captioned
from ddpm.diffusion.augmentation import augment, shrink
from ddpm.diffusion.process import Denoiser, p_losses, randn_like
from ddpm.networks.conditional import Condition
from ddpm.networks.text import EncodedText, text_encoder
from ddpm.systems import imagen
from ddpm.systems.resuming import check_resumes
from ddpm.training.losses import stratified
from ddpm.training.run import SAVE_EVERY_S, end_process_group
from ddpm.training.stages import LossOf, read_configs, run_stages

BLUR = 0.3  # noise on word vectors of unit variance, so that synonyms fall into what was learned


def train_text_to_image(
    out: str | Path,
    configs: Mapping[str, Config] | None = None,
    *,
    resume: bool = False,
    source: str = "auto",
    save_every: float = SAVE_EVERY_S,
) -> Path | None:
    """Train both networks of `TextToImage`, and return the path of the file with both. None if
    Ctrl-C or SIGTERM ended the run before: it has saved, and resumes.

    Args:
        out: gets the folders base and super_resolution, and then model.safetensors.
        configs: of both networks. None for those of `imagen.CONFIGS`, or of the run that
            goes on; of that, only the numbers of steps may be changed.
        resume: go on with the run in `out`.
        source: where Fashion-MNIST comes from, see `fashion_mnist`.
        save_every: seconds between two saves.
    """
    losses = {"base": lambda _: base_loss, "super_resolution": lambda _: super_resolution_loss}
    return run_captioned(out, configs, imagen.CONFIGS, losses, resume, source, save_every)


def run_captioned(
    out: str | Path,
    configs: Mapping[str, Config] | None,
    usual: Mapping[str, Config],
    losses: Mapping[str, LossOf],
    resume: bool,
    source: str,
    save_every: float,
) -> Path | None:
    """Train these networks on pictures with captions, and save them in one file."""
    if configs is None:
        configs = begun(out, usual) if resume else usual
    data = captioned("train", source=source)

    def feed(config: Config, start: int, stride: int) -> Iterator[tuple[Tensor, list[str]]]:
        size, seed = config.train.batch_size, config.train.seed
        return caption_batches(data, size, seed=seed, start=start, stride=stride)

    path = Path(out) / MODEL
    trained = run_stages(Path(out), configs, losses, feed, resume=resume, save_every=save_every)
    end_process_group()
    if trained is None:
        return None
    steps = {name: config.train.steps for name, (_, config) in trained.items()}
    save_parts(path, trained, steps=steps)
    print(path)
    return path


def begun(out: str | Path, usual: Mapping[str, Config]) -> dict[str, Config]:
    """The settings of the run in `out`, which trains the networks that `usual` names.
    CheckpointError if there is none, or if it trains others."""
    check_resumes(out, tuple(config.network for config in usual.values()))
    return read_configs(Path(out))


def base_loss(denoiser: Denoiser, batch: tuple, config: Config, draw: torch.Generator) -> Tensor:
    """The first network's: pictures at half their size, given words."""
    x_start, texts = batch
    text = encoded(texts, config.train.label_dropout, draw)
    return described_loss(denoiser, shrink(x_start), Condition(text), config, draw)


def super_resolution_loss(
    denoiser: Denoiser, batch: tuple, config: Config, draw: torch.Generator
) -> Tensor:
    """The second network's: pictures, given words and the small picture after a random number of
    steps of noise (Ho et al. 2021, section 4.2)."""
    x_start, texts = batch
    text = encoded(texts, config.train.label_dropout, draw)
    schedule, low = denoiser.schedule, shrink(x_start).to(denoiser.schedule.device)
    aug = torch.randint(0, schedule.T + 1, (len(low),), generator=draw).to(low.device)
    low = augment(schedule, low, aug, randn_like(low, draw))
    return described_loss(denoiser, x_start, Condition(text, low=low, aug=aug), config, draw)


def encoded(texts: list[str], dropout: float, draw: torch.Generator) -> EncodedText:
    """Texts as vectors, blurred, a share of them hidden."""
    text = text_encoder()(texts).blurred(BLUR, draw)
    return text.hidden(torch.rand(len(texts), generator=draw) < dropout)


def described_loss(
    denoiser: Denoiser, x_start: Tensor, condition: Condition, config: Config, draw: torch.Generator
) -> Tensor:
    """The denoising loss of x_0, given a condition whose text is still where it was encoded."""
    T, device = denoiser.schedule.T, denoiser.schedule.device
    x_start = x_start.to(device)
    t = (stratified(len(x_start), draw) * T).long().clamp(max=T - 1).to(device)
    given = condition.moved(device)
    noise = randn_like(x_start, draw)
    return p_losses(denoiser, x_start, t, noise, loss=config.train.loss, labels=cast(Any, given))
