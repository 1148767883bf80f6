"""Imagen's way from words to a picture (Saharia et al. 2022).

A frozen text encoder; a network that draws 14 × 14 pixels, guided strongly with its x̂_0 held in
range by dynamic thresholding; and one that enlarges them to 28 × 28, given the same words, with
noise on the small picture that hides the first network's faults.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from ddpm.checkpoint import as_denoiser, best_device
from ddpm.config import Config, TrainConfig, UnetConfig
from ddpm.diffusion.augmentation import augment
from ddpm.diffusion.process import Clip, Denoiser, generators, randn_like
from ddpm.networks.conditional import Condition
from ddpm.networks.text import TextEncoder, text_encoder
from ddpm.sampling.samplers import BEST_SPACING, SAMPLERS, Step
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.sampling.text_guidance import described, dynamic_threshold
from ddpm.schedules import Schedule
from ddpm.systems.parts import load_parts

GUIDANCE = 2.0
AUG = 0.12  # share of the steps of noise that the small pictures get
STEPS = (10, 8)  # network calls of the two stages
MAX_PICTURES = 4096

_TRAIN = TrainConfig(
    steps=10_000, optimizer="muon", learning_rate=5e-3, cooldown=0.6, weight_decay=0.1
)
# Both see 14 × 14 places: the second one's are patches of 2 × 2 pixels.
CONFIGS = {
    "base": Config(
        UnetConfig(
            image_size=14, dim=32, dim_mults=(1, 2), norm_groups=1, attention="middle",
            num_classes=None,
        ),
        train=_TRAIN,
        network="text_unet",
    ),
    "super_resolution": Config(
        UnetConfig(
            dim=32, dim_mults=(1, 2), patch=2, norm_groups=1, attention="middle", num_classes=None
        ),
        train=replace(_TRAIN, steps=6_000),
        network="text_super_resolution",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class StageStep:
    """A step of one of a system's networks, and the network's name."""

    stage: str
    before: Tensor  # x_t, which the step began with
    step: Step


class TextToImage:
    """Pictures by words. `load` one, and `sample`."""

    def __init__(
        self, base: Denoiser, super_resolution: Denoiser, encoder: TextEncoder, info: dict
    ):
        self.base, self.super_resolution, self.encoder, self.info = (
            base,
            super_resolution,
            encoder,
            info,
        )

    @classmethod
    def load(
        cls, path: str | Path = "text_to_image", device: torch.device | str | None = None
    ) -> TextToImage:
        """From a file, the folder of a run, or a shipped name. CheckpointError if it is none."""
        parts, info = load_parts(path, CONFIGS)
        device = device or best_device()
        denoisers = {name: as_denoiser(*part).to(device) for name, part in parts.items()}
        return cls(**denoisers, encoder=text_encoder(), info=info)

    @property
    def schedule(self) -> Schedule:
        """Of the first network."""
        return self.base.schedule

    def unknown(self, text: str) -> list[str]:
        """The words of a text that mean nothing to the encoder."""
        return self.encoder.unknown(text)

    def sample(self, texts: Sequence[str], **settings) -> Tensor:
        """A picture for each text: (n, 1, 28, 28) in [-1, 1]; settings as in `stages`."""
        (last,) = deque(self.stages(texts, **settings), maxlen=1)
        return last.step.x

    def stages(
        self,
        texts: Sequence[str],
        *,
        guidance: float = GUIDANCE,
        clip: Clip | None = None,
        aug: int | None = None,
        sampler: str = "dpm_solver",
        steps: tuple[int, int] = STEPS,
        seed: int = 0,
    ) -> Iterator[StageStep]:
        """The way from noise to the pictures: the steps of "base", then of "super_resolution".

        Args:
            texts: English or Chinese, one for each picture. Words that the encoder doesn't know
                are passed over; a text without any draws any garment.
            guidance: scale of classifier-free guidance in both networks; 1 draws as learned.
            clip: how x̂_0 of the base is held to [-1, 1], as for a sampler. None for
                `dynamic_threshold()`; True clamps, the static thresholding of the paper.
            aug: steps of noise on the small picture before it is enlarged, 0 … T; None for AUG T.
            sampler: a name in `SAMPLERS`, for both networks.
            steps: network calls of both.
            seed: picture k begins with the noise of seed + k.

        ValueError says which setting is wrong.
        """
        check_texts(texts)
        if sampler not in SAMPLERS:
            raise ValueError(f"unknown sampler {sampler!r}: choose one of {', '.join(SAMPLERS)}")
        T = self.super_resolution.schedule.T
        aug = round(AUG * T) if aug is None else aug
        if isinstance(aug, bool) or not isinstance(aug, int) or not 0 <= aug <= T:
            raise ValueError(f"aug must be a whole number from 0 to {T}, not {aug!r}")
        run = SAMPLERS[sampler]
        device = self.base.schedule.device
        seeds = generators(len(texts), seed)
        condition = Condition(self.encoder(texts).to(device))

        def draw(stage: str, denoiser: Denoiser, given: Condition, n: int, **how):
            x = torch.empty(len(texts), *denoiser.network.shape, device=device)
            times = spaced_timesteps(denoiser.schedule, n, BEST_SPACING[sampler])
            eps_fn = described(denoiser, given, guidance)
            x = randn_like(x, seeds)
            for step in run(eps_fn, denoiser.schedule, x, times, generator=seeds, **how):
                yield StageStep(stage, x, step)
                x = step.x

        threshold = dynamic_threshold() if clip is None else clip
        low = torch.empty(0)
        for found in draw("base", self.base, condition, steps[0], clip=threshold):
            low = found.step.x.clamp(-1, 1)
            yield found
        level = torch.full((len(texts),), aug, device=device)
        low = augment(self.super_resolution.schedule, low, level, randn_like(low, seeds))
        condition = replace(condition, low=low, aug=level)
        yield from draw("super_resolution", self.super_resolution, condition, steps[1])


def check_texts(texts: Sequence[str]) -> None:
    """ValueError unless it is a list of at least one text, and not too many."""
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"texts must be a list of texts, not {texts!r:.80}")
    if not 1 <= len(texts) <= MAX_PICTURES:
        raise ValueError(f"there must be 1 to {MAX_PICTURES} texts, not {len(texts)}")
