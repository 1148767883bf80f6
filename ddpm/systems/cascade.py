"""A cascade: one network draws small pictures, another makes them large. Ho et al. 2021.

    python -m ddpm train-cascade --out runs/cascade  # 8,000 steps, then 6,000

    cascade = ddpm.Cascade.load("cascade")
    pictures = cascade.sample(16, labels=7)

The second network was trained on real small pictures, with noise of every level on them. How much
noise the first one's pictures get, `aug`, is chosen afterwards: little passes its errors on, much
forgets what it drew. benchmarks/cascade.py measures which is best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ddpm.checkpoint import Part
from ddpm.config import Config
from ddpm.diffusion.augmentation import augment
from ddpm.diffusion.process import generators, randn_like
from ddpm.networks.network import Condition
from ddpm.networks.super_resolution import check_stages
from ddpm.presets import MUON, SMALL
from ddpm.sampling import checks
from ddpm.sampling.guidance import classifier_free_guided
from ddpm.sampling.plan import Plan, planned
from ddpm.sampling.sample import Reverse, begin
from ddpm.schedules import Schedule
from ddpm.systems.base import System
from ddpm.systems.run import Run, Stage, noise_of

STAGES = ("base", "super_resolution")
NETWORKS = ("unet", "super_resolution")  # of the stages
# Between the seeds of a picture's first stage, of the noise on it, and of its second stage
APART = 2**29


@dataclass(frozen=True)
class CascadeConfig:
    """Both networks of a cascade, with the processes and the trainings that made them."""

    base: Config
    super_resolution: Config

    def __post_init__(self):
        for config, wanted in zip((self.base, self.super_resolution), NETWORKS, strict=True):
            if config.network != wanted:
                raise ValueError(f"this stage needs a network {wanted!r}, not {config.network!r}")
        check_stages(self.base.unet, self.super_resolution.unet)


_TRAIN = replace(MUON, steps=8_000, ema_decay=0.9995)
# Both stages work on 14 × 14 places: the first has no more pixels, the second sees 2 × 2 as one.
CASCADE = CascadeConfig(
    Config(replace(SMALL, image_size=14, patch=1), train=_TRAIN),
    Config(SMALL, train=replace(_TRAIN, steps=6_000), network="super_resolution"),
)


@dataclass(frozen=True)
class Cascade(System):
    """Small pictures by one network, enlarged by another (Ho et al. 2021, *Cascaded Diffusion
    Models*). `load` one, and `sample`."""

    base: Part
    super_resolution: Part  # its network also asks for small pictures and their aug
    info: dict

    NAME, PARTS = "cascade", STAGES

    @classmethod
    def of_parts(cls, parts: dict[str, Part], info: dict) -> Cascade:
        CascadeConfig(*(part.config for part in parts.values()))  # checks that they fit
        return cls(**parts, info=info)

    @property
    def configs(self) -> dict[str, Config]:
        """The settings of both networks, by part."""
        return {"base": self.base.config, "super_resolution": self.super_resolution.config}

    @property
    def schedule(self) -> Schedule:
        """Of the first network."""
        return self.base.schedule

    @property
    def aug(self) -> int:
        """Its own best, as benchmarks/cascade.py measured it."""
        return self.info.get("aug", 0)

    def begin(
        self,
        n: int,
        *,
        labels: checks.Labels = None,
        aug: int | None = None,
        guidance: float = 1.0,
        interval: tuple[float, float] | None = None,
        sampler: str | None = None,
        steps: checks.Steps = None,
        from_one: bool = False,
        seed: int = 0,
    ) -> Run:
        """The way from noise to n pictures: the steps of "base", then of "super_resolution".

        Args:
            labels: a class for all, or one for each picture (n,); None draws without.
            aug: steps of noise on the small pictures, 0 … T; None for the cascade's own best.
            guidance: scale of classifier-free guidance in both stages; 1 draws as learned.
            interval: (low, high), the times of each within which it acts; None for all.
            sampler: a name in `SAMPLERS`, for both stages; None for the usual one.
            steps: network calls of each stage, or of the first and the second, or by their names;
                None for the usual number.
            from_one: enlarge one small picture n times, in place of n of them. Several labels
                must then be equal.
            seed: picture k comes from seed + k, whatever n is.

        ValueError says which of them is wrong, before the first step.
        """
        n, seed = checks.count(n), checks.whole("seed", seed)
        calls = checks.stage_steps(steps, STAGES)
        given = checks.labels(n, labels, self.super_resolution.model)
        settings: dict[str, Any] = {"labels": labels, "sampler": sampler}
        settings |= {"guidance": guidance, "interval": interval}
        first: dict[str, Any] = settings
        if from_one and given is not None:
            if bool((given != given[0]).any()):
                raise ValueError(
                    f"from_one draws one small picture: give one label, not {labels!r:.80}"
                )
            first = settings | {"labels": given[:1]}
        run = begin(self.base, 1 if from_one else n, **first, steps=calls["base"], seed=seed)
        plan, second = self._second(n, aug, seed, **settings, steps=calls["super_resolution"])
        plans = {"base": run, "super_resolution": plan}
        return Run(run.x, plans, self.in_stages(run, second))

    def in_stages(self, first: Reverse, second: Callable[[Tensor], Stage]) -> Iterator[Stage]:
        """What `begin` begins: each stage is asked for once that before it is done; `first` is the
        run of small pictures, `second` what enlarges them."""
        base = Stage("base", first.x, first.steps)
        yield base
        yield second(base.drawn)  # of one, if all are to come from it

    def enlarge(
        self,
        low: Tensor,
        *,
        labels: checks.Labels = None,
        aug: int | None = None,
        guidance: float = 1.0,
        interval: tuple[float, float] | None = None,
        sampler: str | None = None,
        steps: int | None = None,
        seed: int = 0,
    ) -> Tensor:
        """Pictures `low` (n, C, H/2, W/2) in [-1, 1] at twice their height and width: the second
        stage alone. `labels`, `aug`, `guidance`, `interval`, `sampler`, `steps` and `seed` as in
        `begin`."""
        shape = self.base.config.unet.shape
        low = checks.floats("low", low, self.super_resolution.schedule.device, ("n", *shape))
        settings = {"labels": labels, "guidance": guidance, "interval": interval}
        settings |= {"sampler": sampler, "steps": steps}
        _, second = self._second(len(low), aug, checks.whole("seed", seed), **settings)
        return second(low).finish()

    def _second(
        self, n: int, aug: int | None, seed: int, *, labels, guidance, interval, sampler, steps
    ) -> tuple[Plan, Callable[[Tensor], Stage]]:
        """The plan of the second stage, and the stage of small pictures (n, C, H/2, W/2), or of one
        for all."""
        model = self.super_resolution.model
        aug = checks.whole("aug", self.aug if aug is None else aug, 0, model.schedule.T)
        labels, guidance = checks.labels(n, labels, model), checks.scale(guidance)
        interval = checks.interval(interval)
        plan = planned(model.schedule, sampler, steps)
        of_low, seeds = (generators(n, _later(seed, n, k * APART)) for k in (1, 2))
        x, level = noise_of(model, seeds), torch.full((n,), aug, device=model.schedule.device)

        def stage(small: Tensor) -> Stage:
            small = small.expand(n, -1, -1, -1)
            low = augment(model.schedule, small, level, randn_like(small, of_low))
            given = Condition(low=low, aug=level)
            way = {"interval": interval, "given": given}
            eps_fn = classifier_free_guided(model, labels, guidance, **way)
            return Stage("super_resolution", x, plan.run(eps_fn, x, seeds), given)

        return plan, stage


def _later(seed: int, n: int, apart: int) -> list[int]:
    """The seeds of n pictures, moved on; those below 2**32 stay there."""
    seeds = range(seed, seed + n)
    return [(each + apart) % 2**32 if each < 2**32 else each + apart for each in seeds]
