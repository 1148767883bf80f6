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

from ddpm.checkpoint import as_denoiser, best_device
from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig
from ddpm.diffusion.process import Denoiser, generators, randn_like
from ddpm.networks.clip import ContrastivePair, scaled
from ddpm.networks.conditional import Condition
from ddpm.networks.text import TextEncoder, text_encoder
from ddpm.sampling.inversion import ddim_inversion, slerp
from ddpm.sampling.samplers import ddim, dpm_solver
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.sampling.text_guidance import described
from ddpm.systems.parts import load_parts
from ddpm.systems.text_to_image import StageStep, check_texts

GUIDANCE, PRIOR_GUIDANCE = 2.0, 1.5
PRIOR_STEPS, DECODER_STEPS, INVERSION_STEPS = 10, 10, 25  # times at which a network is asked
DRAWS = 2  # of the prior for each text; the one nearer to z_t is kept (section 2.2)

# label_dropout is the share of texts hidden: half of the decoder's, as in the paper
CONFIGS = {
    "pair": Config(
        UnetConfig(dim=32, num_classes=None),
        train=TrainConfig(steps=3_000, batch_size=256, learning_rate=1e-3, label_dropout=0.0),
        network="contrastive_pair",
    ),
    "prior": Config(
        UnetConfig(dim=96, num_classes=None),
        DiffusionConfig(objective="x0"),
        TrainConfig(steps=6_000, batch_size=128, learning_rate=1e-3),
        network="prior",
    ),
    "decoder": Config(
        UnetConfig(
            dim=48, dim_mults=(1, 2), patch=2, norm_groups=1, attention="middle", num_classes=None
        ),
        train=TrainConfig(
            steps=5_000, optimizer="muon", learning_rate=5e-3, cooldown=0.6, weight_decay=0.1,
            label_dropout=0.5,
        ),
        network="decoder",
    ),
}  # fmt: skip


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
        device = device or best_device()
        pair = cast(ContrastivePair, parts["pair"][0]).to(device)
        prior, decoder = (as_denoiser(*parts[name]).to(device) for name in ("prior", "decoder"))
        return cls(pair, prior, decoder, text_encoder(), info)

    @property
    def device(self) -> torch.device:
        return self.decoder.schedule.device

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
        seed: int = 0,
    ) -> Iterator[StageStep]:
        """The way from noise to the pictures: the steps of "prior", whose x are embeddings, two
        for each text, then those of "decoder".

        Args:
            texts: English or Chinese, one for each picture.
            guidance, prior_guidance: scales of classifier-free guidance; 1 draws as learned.
            use_prior: without it the decoder is given z_t in place of a z_i, which section 5.1
                of the paper finds worse.
            seed: picture k begins with the noise of seed + k.
        """
        check_texts(texts)
        seeds = generators(len(texts), seed)
        condition = self._condition(texts)
        z_t = condition.embedding
        assert z_t is not None
        z = z_t
        if use_prior:
            noise = torch.cat([randn_like(z_t, seeds) for _ in range(DRAWS)])
            twice = condition.followed_by(condition)
            times = spaced_timesteps(self.prior.schedule, PRIOR_STEPS, "trailing")
            eps_fn = described(self.prior, twice, prior_guidance)
            for step in ddim(eps_fn, self.prior.schedule, noise, times, clip=False):
                z = better(scaled(step.x), z_t)
                yield StageStep("prior", noise, step)
                noise = step.x
        yield from self._decode(replace(condition, embedding=z), seeds, guidance)

    def _decode(self, condition: Condition, seeds, guidance: float) -> Iterator[StageStep]:
        x = torch.empty(len(seeds), *self.decoder.network.shape, device=self.device)
        schedule = self.decoder.schedule
        times = spaced_timesteps(schedule, DECODER_STEPS, "middle")
        eps_fn = described(self.decoder, condition, guidance)
        x = randn_like(x, seeds)
        for step in dpm_solver(eps_fn, schedule, x, times):
            yield StageStep("decoder", x, step)
            x = step.x

    @torch.no_grad()
    def _condition(self, texts: Sequence[str]) -> Condition:
        text = self.encoder(texts).to(self.device)
        return Condition(text, embedding=self.pair.text(text))

    def _shows(self, z: Tensor) -> Condition:
        """A picture with this z_i, and nothing said in words."""
        return Condition(self.encoder([""] * len(z)).to(self.device), embedding=z)

    @torch.no_grad()
    def invert(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(z_i, x_T) of pictures (B, 1, 28, 28): (B, EMBEDDING) and (B, 1, 28, 28). `draw` makes
        the pictures from them again."""
        x = self._pictures(x)
        z = self.pair.image(x)
        eps_fn = described(self.decoder, self._shows(z))
        return z, ddim_inversion(eps_fn, self.decoder.schedule, x, self._times())

    def draw(self, z: Tensor, x_T: Tensor, *, eta: float = 0.0, seed: int = 0) -> Tensor:
        """Pictures (B, 1, 28, 28) from the pair (z_i, x_T): as they are at eta = 0, freer above."""
        eps_fn = described(self.decoder, self._shows(z))
        steps = ddim(eps_fn, self.decoder.schedule, x_T, self._times(),
                     clip=False, generator=generators(len(z), seed), eta=eta)  # fmt: skip
        (last,) = deque(steps, maxlen=1)
        return last.x.clamp(-1, 1)

    def variations(self, x: Tensor, n: int = 8, *, eta: float = 1.0, seed: int = 0) -> Tensor:
        """n pictures (n, 1, 28, 28) that show what x (1, 28, 28) shows (section 3.1): its z_i, and
        a way from its x_T with the noise of eta."""
        check_count(n)
        z, x_T = self.invert(_single(x))
        return self.draw(z.expand(n, -1), x_T.expand(n, -1, -1, -1), eta=eta, seed=seed)

    def between(self, x_a: Tensor, x_b: Tensor, n: int = 8) -> Tensor:
        """n pictures (n, 1, 28, 28) from x_a to x_b, each (1, 28, 28): both z_i and x_T along great
        circles (section 3.2)."""
        check_count(n)
        z, x_T = self.invert(torch.cat([_single(x_a), _single(x_b)]))
        weights = torch.linspace(0, 1, n, device=self.device)
        path, noise = (slerp(v[:1].expand(n, *v.shape[1:]), v[1:].expand(n, *v.shape[1:]), weights)
                       for v in (z, x_T))  # fmt: skip
        return self.draw(path, noise)

    def edit(self, x: Tensor, from_text: str, to_text: str, amount: float = 0.4) -> Tensor:
        """x (1, 28, 28) or (B, 1, 28, 28), changed as to_text differs from from_text: a text
        difference (section 3.3). z_i turns towards z_t' - z_t by `amount`, from 0, the picture
        itself, to 1; x_T stays. The paper uses 0.25 to 0.5."""
        if not 0.0 <= amount <= 1.0:
            raise ValueError(f"amount must lie between 0 and 1, not {amount!r}")
        check_texts([from_text, to_text])
        batch = x if x.ndim == 4 else _single(x)
        z, x_T = self.invert(batch)
        before, after = self._condition([from_text, to_text]).embedding  # pyright: ignore
        if torch.allclose(before, after, atol=1e-4):  # no difference, so no direction
            return self.draw(z, x_T).reshape(x.shape)
        towards = scaled((after - before)[None]).expand_as(z)
        return self.draw(slerp(z, towards, amount), x_T).reshape(x.shape)

    def _times(self) -> list[int]:
        schedule = self.decoder.schedule
        # trailing, without the last times: ᾱ is so small there that errors in ε grow large
        last = int((schedule.log_snr > -12).nonzero()[-1])
        return spaced_timesteps(schedule, min(INVERSION_STEPS, last + 1), start=last)

    def _pictures(self, x: Tensor) -> Tensor:
        shape = self.decoder.network.shape
        if x.ndim != 4 or tuple(x.shape[1:]) != shape or not x.is_floating_point():
            raise ValueError(
                f"pictures must be floats of shape (n, {', '.join(map(str, shape))}) in [-1, 1], "
                f"not {x.dtype} of shape {tuple(x.shape)}"
            )
        return x.to(self.device)


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
