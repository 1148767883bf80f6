"""Imagen's way from words to a picture (Saharia et al. 2022).

A frozen text encoder; a network that draws 14 × 14 pixels, guided strongly with its x̂_0 held in
range by dynamic thresholding; and one that enlarges them to 28 × 28, given the same words, with
noise on the small picture that hides the first network's faults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import torch
from torch import Tensor

from ddpm.checkpoint import Part
from ddpm.config import Config
from ddpm.diffusion.augmentation import augment
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import Clip, generators, randn_like
from ddpm.networks.network import Condition
from ddpm.networks.text import TextEncoder, text_encoder
from ddpm.presets import MUON, SMALL
from ddpm.sampling import checks
from ddpm.sampling.plan import SAMPLER, Plan, planned
from ddpm.sampling.text_guidance import Guided, dynamic_threshold, text_guided
from ddpm.schedules import Schedule
from ddpm.systems.base import System
from ddpm.systems.run import Run, Stage, noise_of

GUIDANCE = 2.0
AUG = 0.12  # share of the steps of noise that the small pictures get
STAGES = ("base", "super_resolution")
STEPS = (10, 8)  # network calls of each

# Both see 14 × 14 places: the second one's are patches of 2 × 2 pixels.
CONFIGS = {
    "base": Config(
        replace(SMALL, image_size=14, patch=1, num_classes=None),
        train=replace(MUON, steps=10_000),
        network="text_unet",
    ),
    "super_resolution": Config(
        replace(SMALL, num_classes=None),
        train=replace(MUON, steps=6_000),
        network="text_super_resolution",
    ),
}


@dataclass(eq=False, repr=False)
class Imagen(System):
    """Pictures by words. `load` one, and `sample`."""

    base: Denoiser
    super_resolution: Denoiser
    encoder: TextEncoder
    info: dict
    configs: Mapping[str, Config] = field(default_factory=lambda: CONFIGS)

    NAME, PARTS, BY_WORDS = "text_to_image", STAGES, True

    @classmethod
    def of_parts(cls, parts: dict[str, Part], info: dict) -> Imagen:
        models = {name: part.model for name, part in parts.items()}
        configs = {name: part.config for name, part in parts.items()}
        return cls(**models, encoder=text_encoder(), info=info, configs=configs)

    @property
    def schedule(self) -> Schedule:
        """Of the first network."""
        return self.base.schedule

    def unknown(self, text: str) -> list[str]:
        """The words of a text that mean nothing to the encoder."""
        return self.encoder.unknown(text)

    def begin(
        self,
        texts: Sequence[str],
        *,
        guidance: float = GUIDANCE,
        interval: tuple[float, float] | None = None,
        clip: Clip | None = None,
        aug: int | None = None,
        sampler: str = SAMPLER,
        steps: checks.Steps = None,
        seed: int = 0,
    ) -> Run:
        """The way from noise to the pictures: the steps of "base", then of "super_resolution".

        Args:
            texts: English or Chinese, one for each picture. Words that the encoder doesn't know
                are passed over; a text without any draws any garment.
            guidance: scale of classifier-free guidance in both networks; 1 draws as learned.
            interval: (low, high), the times of each within which it acts; None for all.
            clip: how x̂_0 of the base is held to [-1, 1], as for a sampler. None for
                `dynamic_threshold()`; True clamps, the static thresholding of the paper.
            aug: steps of noise on the small picture before it is enlarged, 0 … T; None for AUG T.
            sampler: a name in `SAMPLERS`, for both networks.
            steps: network calls of each, or of the first and the second, or by their names; None
                for STEPS.
            seed: picture k begins with the noise of seed + k.

        ValueError says which setting is wrong, before the first step.
        """
        texts, guidance = checks.texts(texts), checks.scale(guidance)
        guided = partial(text_guided, scale=guidance, interval=checks.interval(interval))
        words, seeds = Condition(self.encoder(texts).to(self.device)), generators(len(texts), seed)
        T = self.super_resolution.schedule.T
        aug = checks.whole("aug", round(AUG * T) if aug is None else aug, 0, T)
        clip = dynamic_threshold() if clip is None else clip
        calls = checks.stage_steps(steps, STAGES)
        base, second = (getattr(self, stage).schedule for stage in STAGES)
        plans = {
            "base": planned(base, sampler, calls["base"], usual=STEPS[0], clip=clip),
            "super_resolution": planned(second, sampler, calls["super_resolution"], usual=STEPS[1]),
        }
        x = noise_of(self.base, seeds)
        return Run(x, plans, self.in_stages(x, words, plans, guided, aug, seeds))

    def in_stages(
        self,
        x: Tensor,
        words: Condition,
        plans: dict[str, Plan],
        guided: Guided,
        aug: int,
        seeds: list[torch.Generator],
    ) -> Iterator[Stage]:
        """What `begin` begins: each stage is asked for once that before it is done. `words` are the
        texts; x (n, C, H/2, W/2) is x_T of the first; `plans`, `guided`, `aug` and `seeds` of
        both."""
        run = plans["base"].run(guided(self.base, words), x, seeds)
        base = Stage("base", x, run, words)
        yield base
        low = base.drawn.clamp(-1, 1)
        level = torch.full((len(low),), aug, device=self.device)
        low = augment(self.super_resolution.schedule, low, level, randn_like(low, seeds))
        given = replace(words, low=low, aug=level)
        x = noise_of(self.super_resolution, seeds)
        run = plans["super_resolution"].run(guided(self.super_resolution, given), x, seeds)
        yield Stage("super_resolution", x, run, given)

    stages = System.trajectory  # its old name


TextToImage = Imagen  # its old name
