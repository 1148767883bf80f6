"""DALL·E 2's way from words to a picture (Ramesh et al. 2022), there called unCLIP.

A contrastive pair gives pictures and texts embeddings z_i and z_t. The prior draws a z_i for a
text, the decoder a picture with this z_i. A picture is then a pair (z_i, x_T): what it shows, and
the noise that the decoder draws it from; moving either gives variations, mixtures, and changes that
words name. At 28 × 28 the decoder needs no upsamplers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from ddpm.checkpoint import as_denoiser, chosen_device
from ddpm.diffusion.process import Denoiser, generators, randn_like
from ddpm.networks.clip import EMBEDDING, ContrastivePair, scaled
from ddpm.networks.conditional import Condition
from ddpm.networks.text import TextEncoder, text_encoder
from ddpm.sampling import checks
from ddpm.sampling.inversion import ddim_inversion, mixed, slerp
from ddpm.sampling.plan import SAMPLER, Plan, planned
from ddpm.sampling.samplers import Step, ddim
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.sampling.text_guidance import described
from ddpm.schedules import Schedule
from ddpm.systems.parts import load_parts
from ddpm.systems.stages import StageStep, told
from ddpm.systems.unclip_configs import CONFIGS

GUIDANCE, PRIOR_GUIDANCE = 2.0, 1.5
PRIOR_STEPS, DECODER_STEPS, INVERSION_STEPS = 10, 10, 25  # times at which a network is asked
DRAWS = 2  # of the prior for each text; the one nearer to z_t is kept (section 2.2)


class UnClip:
    """Pictures by words, and by pictures. `load` one."""

    def __init__(
        self,
        pair: ContrastivePair,
        prior: Denoiser,
        decoder: Denoiser,
        encoder: TextEncoder,
        info: dict,
    ):
        self.pair, self.prior, self.decoder = pair, prior, decoder
        self.encoder, self.info = encoder, info

    @classmethod
    def load(cls, path: str | Path = "unclip", device: torch.device | str | None = None) -> UnClip:
        """From a file, the folder of a run, or a shipped name. CheckpointError if it is none."""
        parts, info = load_parts(path, CONFIGS)
        device = chosen_device(device)
        pair = cast(ContrastivePair, parts["pair"][0]).to(device)
        prior, decoder = (as_denoiser(*parts[name]).to(device) for name in ("prior", "decoder"))
        return cls(pair, prior, decoder, text_encoder(), info)

    @property
    def schedule(self) -> Schedule:
        """Of the decoder."""
        return self.decoder.schedule

    @property
    def device(self) -> torch.device:
        return self.schedule.device

    @property
    def _shape(self) -> tuple[int, int, int]:
        return self.decoder.network.shape

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
        prior_guidance: float = PRIOR_GUIDANCE,
        use_prior: bool = True,
        sampler: str = SAMPLER,
        steps: int | None = None,
        seed: int = 0,
    ) -> Iterator[StageStep]:
        """The way from noise to the pictures: the steps of "prior", whose x are embeddings, two
        for each text, then those of "decoder".

        Args:
            texts: English or Chinese, one for each picture.
            guidance, prior_guidance: scales of classifier-free guidance; 1 draws as learned.
            use_prior: without it the decoder is given z_t in place of a z_i, which section 5.1
                of the paper finds worse.
            sampler: of the decoder, a name in `SAMPLERS`.
            steps: times at which the decoder is asked; None for DECODER_STEPS.
            seed: picture k begins with the noise of seed + k.

        ValueError says which setting is wrong, before the first step.
        """
        texts, guidance = checks.texts(texts), checks.scale(guidance)
        prior = self._planned_prior(prior_guidance) if use_prior else None
        plan = planned(self.schedule, sampler, steps, usual=DECODER_STEPS)
        return self._stages(texts, prior, plan, guidance, generators(len(texts), seed))

    def _stages(
        self,
        texts: list[str],
        prior: tuple[Plan, float] | None,
        plan: Plan,
        guidance: float,
        seeds: list[torch.Generator],
    ) -> Iterator[StageStep]:
        x = self._noise(seeds)
        condition, z_t = self._described(texts)
        z = z_t
        for found in self._propose(condition, *prior, seeds) if prior else ():
            z = better(scaled(found.step.x), z_t)
            yield found
        eps_fn = described(self.decoder, replace(condition, embedding=z), guidance)
        yield from told("decoder", x, plan.run(eps_fn, x, seeds))

    def imagine(
        self,
        texts: Sequence[str],
        *,
        prior_guidance: float = PRIOR_GUIDANCE,
        use_prior: bool = True,
        seed: int = 0,
    ) -> tuple[Tensor, Tensor]:
        """(z_i, x_T) of a picture for each text, as `invert` finds those of given pictures: what
        the decoder is given in `stages`."""
        texts, seeds = checks.texts(texts), generators(len(texts), seed)
        prior = self._planned_prior(prior_guidance) if use_prior else None
        x_T, (condition, z_t) = self._noise(seeds), self._described(texts)
        if prior is None:
            return z_t, x_T
        (last,) = deque(self._propose(condition, *prior, seeds), maxlen=1)
        return better(scaled(last.step.x), z_t), x_T

    def _planned_prior(self, guidance: float) -> tuple[Plan, float]:
        plan = planned(self.prior.schedule, "ddim", usual=PRIOR_STEPS, clip=False)
        return plan, checks.scale(guidance, "prior_guidance")

    def _propose(
        self, condition: Condition, plan: Plan, guidance: float, seeds: list[torch.Generator]
    ) -> Iterator[StageStep]:
        z_t = cast(Tensor, condition.embedding)
        x = torch.cat([randn_like(z_t, seeds) for _ in range(DRAWS)])
        eps_fn = described(self.prior, condition.followed_by(condition), guidance)
        return told("prior", x, plan.run(eps_fn, x, None))

    def _noise(self, seeds: list[torch.Generator]) -> Tensor:
        x = torch.empty(len(seeds), *self._shape, device=self.device)
        return randn_like(x, seeds)

    @torch.no_grad()
    def _described(self, texts: Sequence[str]) -> tuple[Condition, Tensor]:
        """Words with their z_t, and z_t (n, EMBEDDING) alone."""
        text = self.encoder(texts).to(self.device)
        z_t = self.pair.text(text)
        return Condition(text, embedding=z_t), z_t

    def _shows(self, z: Tensor) -> Condition:
        """A picture with this z_i, and nothing said in words."""
        return Condition(self.encoder([""] * len(z)).to(self.device), embedding=z)

    @torch.no_grad()
    def invert(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(z_i, x_T) of pictures (B, 1, 28, 28): (B, EMBEDDING) and (B, 1, 28, 28). `draw` makes
        the pictures from them again."""
        x = checks.floats("pictures", x, self.device, ("n", *self._shape))
        z = self.pair.image(x)
        eps_fn = described(self.decoder, self._shows(z))
        return z, ddim_inversion(eps_fn, self.schedule, x, self._times())

    def draw(self, z: Tensor, x_T: Tensor, *, eta: float = 0.0, seed: int = 0) -> Tensor:
        """Pictures (B, 1, 28, 28) from the pair (z_i, x_T): as they are at eta = 0, freer above."""
        (last,) = deque(self.steps(z, x_T, eta=eta, seed=seed), maxlen=1)
        return last.x

    def steps(self, z: Tensor, x_T: Tensor, *, eta: float = 0.0, seed: int = 0) -> Iterator[Step]:
        """The steps of `draw`, INVERSION_STEPS of them; the last one's x is held to [-1, 1]."""
        z = checks.floats("z", z, self.device, ("n", EMBEDDING))
        x_T = checks.floats("x_T", x_T, self.device, (len(z), *self._shape))
        eta, times = checks.eta(eta), self._times()
        run = ddim(described(self.decoder, self._shows(z)), self.schedule, x_T, times,
                   clip=False, generator=generators(len(z), seed), eta=eta)  # fmt: skip
        last = len(times) - 1
        return (replace(step, x=step.x.clamp(-1, 1)) if step.i == last else step for step in run)

    def variations(self, x: Tensor, n: int = 8, *, eta: float = 1.0, seed: int = 0) -> Tensor:
        """n pictures (n, 1, 28, 28) that show what x (1, 28, 28) shows (section 3.1): its z_i, and
        a way from its x_T with the noise of eta."""
        n, eta = checks.count(n), checks.eta(eta)
        z, x_T = self.invert(self._single(x))
        return self.draw(z.expand(n, -1), x_T.expand(n, -1, -1, -1), eta=eta, seed=seed)

    def between(self, x_a: Tensor, x_b: Tensor, n: int = 8) -> Tensor:
        """n pictures (n, 1, 28, 28) from x_a to x_b, each (1, 28, 28): both z_i and x_T along great
        circles (section 3.2)."""
        n = checks.count(n)
        z, x_T = self.invert(torch.cat([self._single(x_a), self._single(x_b)]))
        a, b = ((z[[k] * n], x_T[[k] * n]) for k in (0, 1))
        return self.draw(*mixed(a, b, torch.linspace(0, 1, n, device=self.device)))

    def edit(self, x: Tensor, from_text: str, to_text: str, amount: float = 0.4) -> Tensor:
        """x (1, 28, 28) or (B, 1, 28, 28), changed as to_text differs from from_text: a text
        difference (section 3.3). z_i turns towards z_t' - z_t by `amount`, from 0, the picture
        itself, to 1; x_T stays. The paper uses 0.25 to 0.5."""
        checks.number("amount", amount, 0, 1)
        checks.texts([from_text, to_text])
        x = checks.floats("pictures", x, self.device, self._shape, ("n", *self._shape))
        z, x_T = self.invert(x.reshape(-1, *self._shape))
        return self.draw(self.turned(z, from_text, to_text, amount), x_T).reshape(x.shape)

    def turned(self, z: Tensor, from_text: str, to_text: str, amount: float) -> Tensor:
        """z_i (B, EMBEDDING) turned by a text difference: see `edit`."""
        amount, texts = checks.number("amount", amount, 0, 1), checks.texts([from_text, to_text])
        before, after = self._described(texts)[1]
        if torch.allclose(before, after, atol=1e-4):  # no difference, so no direction
            return z
        return slerp(z, scaled((after - before)[None]).expand_as(z), amount)

    def _single(self, x: Tensor) -> Tensor:
        """One picture (C, H, W) or (1, C, H, W) as a batch of one."""
        given = checks.floats("the picture", x, self.device, self._shape, (1, *self._shape))
        return given.reshape(1, *self._shape)

    def _times(self) -> list[int]:
        schedule = self.schedule
        # trailing, without the last times: ᾱ is so small there that errors in ε grow large
        last = int((schedule.log_snr > -12).nonzero()[-1])
        return spaced_timesteps(schedule, min(INVERSION_STEPS, last + 1), start=last)


def better(draws: Tensor, z_t: Tensor) -> Tensor:
    """Of DRAWS embeddings for each text, one batch after the other, that nearest to z_t (B, D)."""
    draws = draws.unflatten(0, (DRAWS, len(z_t)))
    best = (draws * z_t).sum(-1).argmax(0)
    return draws[best, torch.arange(len(z_t), device=z_t.device)]


def check_count(n: int) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"n, the number of pictures, must be a whole number from 1, not {n!r}")


def _single(x: Tensor) -> Tensor:
    """One picture (C, H, W) or (1, C, H, W) as a batch of one."""
    if x.ndim == 3:
        return x[None]
    if x.ndim != 4 or len(x) != 1:
        raise ValueError(f"one picture (C, H, W) is wanted, not {tuple(x.shape)}")
    return x
