"""DALL·E 2's way from words to a picture (Ramesh et al. 2022), there called unCLIP.

A contrastive pair gives pictures and texts embeddings z_i and z_t. The prior draws a z_i for a
text, the decoder a picture with this z_i. A picture is then a pair (z_i, x_T): what it shows, and
the noise that the decoder draws it from; moving either gives variations, mixtures, and changes that
words name. At 28 × 28 the decoder needs no upsamplers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

import torch
from torch import Tensor

from ddpm.checkpoint import Part
from ddpm.config import Config
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import generators, randn_like
from ddpm.networks.clip import EMBEDDING, ContrastivePair, scaled
from ddpm.networks.network import Condition
from ddpm.networks.text import EncodedText, TextEncoder, text_encoder
from ddpm.presets import UNCLIP as CONFIGS
from ddpm.sampling import checks
from ddpm.sampling.inversion import ddim_inversion, mixed, slerp
from ddpm.sampling.plan import SAMPLER, Plan, planned
from ddpm.sampling.samplers import Step, ddim
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.sampling.text_guidance import Guided, text_guided
from ddpm.schedules import Schedule
from ddpm.systems.base import System
from ddpm.systems.run import Run, Stage, noise_of

GUIDANCE, PRIOR_GUIDANCE = 2.0, 1.5
PRIOR_STEPS, DECODER_STEPS, INVERSION_STEPS = 10, 10, 25  # times at which a network is asked
DRAWS = 2  # of the prior for each text; the one nearer to z_t is kept (section 2.2)


@dataclass(eq=False, repr=False)
class UnClip(System):
    """Pictures by words, and by pictures. `load` one."""

    pair: ContrastivePair
    prior: Denoiser
    decoder: Denoiser
    encoder: TextEncoder
    info: dict
    configs: Mapping[str, Config] = field(default_factory=lambda: CONFIGS)

    NAME, PARTS, BY_WORDS = "unclip", tuple(CONFIGS), True

    @classmethod
    def of_parts(cls, parts: dict[str, Part], info: dict) -> UnClip:
        pair, prior, decoder = parts.values()
        configs = {name: part.config for name, part in parts.items()}
        of_pair = cast(ContrastivePair, pair.network)
        return cls(of_pair, prior.model, decoder.model, text_encoder(), info, configs)

    @property
    def schedule(self) -> Schedule:
        """Of the decoder."""
        return self.decoder.schedule

    @property
    def _shape(self) -> tuple[int, int, int]:
        return self.network.shape

    def unknown(self, text: str) -> list[str]:
        """The words of a text that mean nothing to the encoder."""
        return self.encoder.unknown(text)

    def begin(
        self,
        texts: Sequence[str],
        *,
        guidance: float = GUIDANCE,
        prior_guidance: float = PRIOR_GUIDANCE,
        interval: tuple[float, float] | None = None,
        use_prior: bool = True,
        sampler: str = SAMPLER,
        steps: checks.Steps = None,
        seed: int = 0,
    ) -> Run:
        """The way from noise to the pictures: the steps of "prior", whose x are embeddings, DRAWS
        for each text, then those of "decoder".

        Args:
            texts: English or Chinese, one for each picture.
            guidance, prior_guidance: scales of classifier-free guidance; 1 draws as learned.
            interval: (low, high), the times of each network within which they act; None for all.
            use_prior: without it the decoder is given z_t in place of a z_i, which section 5.1
                of the paper finds worse.
            sampler: of the decoder, a name in `SAMPLERS`.
            steps: times at which the decoder is asked, or by name those of both; None for
                PRIOR_STEPS and DECODER_STEPS.
            seed: picture k begins with the noise of seed + k.

        ValueError says which setting is wrong, before the first step.
        """
        words, seeds = self._words(checks.texts(texts)), generators(len(texts), seed)
        scales = checks.scale(prior_guidance, "prior_guidance"), checks.scale(guidance)
        interval = checks.interval(interval)
        guided = [partial(text_guided, scale=scale, interval=interval) for scale in scales]
        calls = checks.stage_steps(steps, ("prior", "decoder"), of_pictures=("decoder",))
        prior = planned(self.prior.schedule, "ddim", calls["prior"], usual=PRIOR_STEPS, clip=False)
        decoder = planned(self.schedule, sampler, calls["decoder"], usual=DECODER_STEPS)
        plans = {"prior": prior, "decoder": decoder} if use_prior else {"decoder": decoder}
        x = noise_of(self.decoder, seeds)
        return Run(x, plans, self.in_stages(x, words, plans, guided, seeds))

    def in_stages(
        self,
        x: Tensor,
        words: EncodedText,
        plans: dict[str, Plan],
        guided: Sequence[Guided],
        seeds: list[torch.Generator],
    ) -> Iterator[Stage]:
        """What `begin` begins: each stage is asked for once that before it is done. `words` are the
        texts; x (n, C, H, W) is x_T of the decoder; `plans`, `guided` and `seeds` are by stage."""
        z = z_t = self._embedded(words)
        condition = Condition(words, embedding=z_t)
        if "prior" in plans:
            first = torch.cat([randn_like(z_t, seeds) for _ in range(DRAWS)])
            eps_fn = guided[0](self.prior, condition.cat(condition))
            prior = Stage("prior", first, plans["prior"].run(eps_fn, first, None), condition)
            yield prior
            z = rerank(scaled(prior.drawn), z_t)
        condition = replace(condition, embedding=z)
        eps_fn = guided[1](self.decoder, condition)
        yield Stage("decoder", x, plans["decoder"].run(eps_fn, x, seeds), condition)

    stages = System.trajectory  # its old name

    def imagine(self, texts: Sequence[str], **settings) -> tuple[Tensor, Tensor]:
        """(z_i, x_T) of a picture for each of `texts`, (n, EMBEDDING) and (n, 1, 28, 28), as
        `invert` finds those of given pictures: what the decoder is given in a run with these
        settings."""
        decoder = self.begin(texts, **settings).reach("decoder")
        assert decoder.given.embedding is not None
        return decoder.given.embedding, decoder.x

    def _words(self, texts: Sequence[str]) -> EncodedText:
        return self.encoder(texts).to(self.device)

    @torch.no_grad()
    def _embedded(self, words: EncodedText) -> Tensor:
        """z_t (n, EMBEDDING) of texts."""
        return self.pair.text(words)

    def _shows(self, z: Tensor) -> Condition:
        """A picture with this z_i, and nothing said in words."""
        return Condition(self._words([""] * len(z)), embedding=z)

    @torch.no_grad()
    def invert(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(z_i, x_T) of pictures x (B, 1, 28, 28) in [-1, 1]: (B, EMBEDDING) and (B, 1, 28, 28).
        `draw` makes the pictures from them again (section 3)."""
        x = checks.floats("pictures", x, self.device, ("n", *self._shape))
        z = self.pair.image(x)
        eps_fn = text_guided(self.decoder, self._shows(z))
        return z, ddim_inversion(eps_fn, self.schedule, x, self._times())

    def draw(self, z: Tensor, x_T: Tensor, *, eta: float = 0.0, seed: int = 0) -> Tensor:
        """Pictures (B, 1, 28, 28) from the pair (z_i, x_T), z (B, EMBEDDING): as they are at eta =
        0, freer up to 1. Picture k has the noise of seed + k."""
        (last,) = deque(self.begin_from(z, x_T, eta=eta, seed=seed).steps, maxlen=1)
        return last.step.x

    def begin_from(self, z: Tensor, x_T: Tensor, *, eta: float = 0.0, seed: int = 0) -> Run:
        """A run of the decoder from the pair (z_i, x_T), z (B, EMBEDDING) and x_T (B, 1, 28, 28),
        with `eta` and `seed` as in `draw`: INVERSION_STEPS; the last one's x is held to [-1, 1].
        ValueError says which setting is wrong, before the first step."""
        z = checks.floats("z", z, self.device, ("n", EMBEDDING))
        x_T = checks.floats("x_T", x_T, self.device, (len(z), *self._shape))
        given, seeds = self._shows(z), generators(len(z), seed)
        way = partial(ddim, eta=checks.eta(eta))
        plan = Plan(way, self.schedule, self._times(), clip=False)
        steps = (
            replace(step, x=step.x.clamp(-1, 1)) if step.i == len(plan.timesteps) - 1 else step
            for step in plan.run(text_guided(self.decoder, given), x_T, seeds)
        )
        return Run(x_T, {"decoder": plan}, [Stage("decoder", x_T, steps, given)])

    def steps(self, z: Tensor, x_T: Tensor, *, eta: float = 0.0, seed: int = 0) -> Iterator[Step]:
        """The sampler's steps in `begin_from`, which says what z (B, EMBEDDING), x_T, eta and seed
        are."""
        return (found.step for found in self.begin_from(z, x_T, eta=eta, seed=seed).steps)

    def variations(self, x: Tensor, n: int = 8, *, eta: float = 1.0, seed: int = 0) -> Tensor:
        """n pictures (n, 1, 28, 28) that show what x (1, 28, 28) shows (section 3.1): its z_i, and
        a way from its x_T with the noise of eta, from 0 to 1; picture k has that of seed + k."""
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
        self._words(checks.texts([from_text, to_text]))  # refuses those that are too long
        x = checks.floats("pictures", x, self.device, self._shape, ("n", *self._shape))
        z, x_T = self.invert(x.reshape(-1, *self._shape))
        return self.draw(self.turned(z, from_text, to_text, amount), x_T).reshape(x.shape)

    def turned(self, z: Tensor, from_text: str, to_text: str, amount: float) -> Tensor:
        """z (B, EMBEDDING) turned by a text difference, from `from_text` to `to_text` by `amount`:
        see `edit`."""
        amount, texts = checks.number("amount", amount, 0, 1), checks.texts([from_text, to_text])
        before, after = self._embedded(self._words(texts))
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


def rerank(draws: Tensor, z_t: Tensor) -> Tensor:
    """Of DRAWS embeddings for each text, one batch after the other, that nearest to z_t (B, D)."""
    draws = draws.unflatten(0, (DRAWS, len(z_t)))
    best = (draws * z_t).sum(-1).argmax(0)
    return draws[best, torch.arange(len(z_t), device=z_t.device)]
