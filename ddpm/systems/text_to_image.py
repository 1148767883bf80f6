"""Imagen's way from words to a picture (Saharia et al. 2022).

A frozen text encoder; a network that draws 14 × 14 pixels, guided strongly with its x̂_0 held in
range by dynamic thresholding; and one that enlarges them to 28 × 28, given the same words, with
noise on the small picture that hides the first network's faults.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from ddpm.checkpoint import as_denoiser, chosen_device
from ddpm.config import Config, TrainConfig, UnetConfig
from ddpm.diffusion.augmentation import augment
from ddpm.diffusion.process import Clip, Denoiser, generators, randn_like
from ddpm.networks.conditional import Condition
from ddpm.networks.text import TextEncoder, text_encoder
from ddpm.sampling import checks
from ddpm.sampling.plan import SAMPLER, Plan, planned
from ddpm.sampling.text_guidance import described, dynamic_threshold
from ddpm.schedules import Schedule
from ddpm.systems.parts import load_parts
from ddpm.systems.stages import StageStep, told

GUIDANCE = 2.0
AUG = 0.12  # share of the steps of noise that the small pictures get
STEPS = (10, 8)  # network calls of the two stages

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
        device = chosen_device(device)
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
        sampler: str = SAMPLER,
        steps: int | tuple[int, int] | None = None,
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
            steps: network calls of each, or of the first and the second; None for STEPS.
            seed: picture k begins with the noise of seed + k.

        ValueError says which setting is wrong, before the first step.
        """
        texts, guidance = checks.texts(texts), checks.scale(guidance)
        small, large = checks.stage_steps(steps)
        T = self.super_resolution.schedule.T
        aug = checks.whole("aug", round(AUG * T) if aug is None else aug, 0, T)
        threshold = dynamic_threshold() if clip is None else clip
        base = planned(self.base.schedule, sampler, small, usual=STEPS[0], clip=threshold)
        second = planned(self.super_resolution.schedule, sampler, large, usual=STEPS[1])
        return self._draw(texts, (base, second), guidance, aug, generators(len(texts), seed))

    def _draw(
        self,
        texts: list[str],
        plans: tuple[Plan, Plan],
        guidance: float,
        aug: int,
        seeds: list[torch.Generator],
    ) -> Iterator[StageStep]:
        device = self.base.schedule.device
        condition = Condition(self.encoder(texts).to(device))

        def draw(stage: str, denoiser: Denoiser, plan: Plan) -> Iterator[StageStep]:
            x = torch.empty(len(texts), *denoiser.network.shape, device=device)
            x = randn_like(x, seeds)
            run = plan.run(described(denoiser, condition, guidance), x, seeds)
            return told(stage, x, run, condition.low)

        low = torch.empty(0)
        for found in draw("base", self.base, plans[0]):
            low = found.step.x.clamp(-1, 1)
            yield found
        level = torch.full((len(texts),), aug, device=device)
        low = augment(self.super_resolution.schedule, low, level, randn_like(low, seeds))
        condition = replace(condition, low=low, aug=level)
        yield from draw("super_resolution", self.super_resolution, plans[1])
