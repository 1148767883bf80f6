"""The film of DALL·E 2's decoder, and what was proposed to it: shown as real garments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import torch
from torch import Tensor

import ddpm
from ddpm.data.images import to_float
from ddpm.networks.clip import EMBEDDING
from page.models.words import understood
from page.widgets import data_uri
from page.widgets.film.scrubber import Film

GARMENTS = 2000  # real ones among which the nearest are looked for
NEAREST = 9  # to a picture that is given


@dataclass(frozen=True)
class Proposal:
    """What the decoder is to draw: embeddings (B, EMBEDDING) for B pictures."""

    z: Tensor
    text: Tensor | None = None  # z_t, if words were given
    draws: Tensor | None = None  # all that the prior proposed, one batch after the other
    is_moved: bool = False  # away from the picture's own


@dataclass(frozen=True)
class UnclipStep(ddpm.Step):
    """A step of the decoder; the first has what was proposed to it."""

    before: Tensor  # x_t, which it began with
    proposal: Proposal | None


@cache
def garments() -> Tensor:
    """Real ones, of all classes: uint8 (GARMENTS, 1, 28, 28)."""
    images, _ = ddpm.fashion_mnist("train", source="shipped")
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return images[order[:GARMENTS]]


@lru_cache(1)
@torch.no_grad()
def embedded(model: ddpm.UnClip) -> Tensor:
    """The z_i of `garments`: (GARMENTS, EMBEDDING)."""
    parts = garments().split(500)
    return torch.cat([model.pair.image(to_float(part).to(model.device)) for part in parts])


def nearest(model: ddpm.UnClip, z: Tensor, count: int = 1) -> Tensor:
    """The real garments with the z_i nearest to each of z (B, EMBEDDING): (B · count, 1, 28, 28),
    the nearest first."""
    found = (z @ embedded(model).T).topk(count, dim=1).indices.flatten().cpu()
    return to_float(garments()[found])


class UnclipFilm(Film):
    """The decoder's film. It also has the real garments nearest to what it was to draw, and the
    words that mean nothing to the encoder."""

    def __init__(self, x: Tensor, model: ddpm.UnClip, steps: int, texts: Sequence[str]):
        self._model = model
        self.proposal = {"kind": "", "kept": "", "passed": "", "kept_near": 0, "passed_near": 0}
        self.proposal |= understood(model.encoder, texts)
        super().__init__(x, model.schedule.T - 1, steps)

    def add(self, step: UnclipStep, cut: bool = False) -> None:
        self.x = step.before  # of a picture, the film began without its x_T
        if step.proposal is not None:
            self.frames.clear()
            self.pictures.clear()
            self._keep(0, step.t, step.x_start)
            self.proposal |= self._shown(step.proposal)
        super().add(step, cut)

    def more(self) -> dict:
        return {"proposal": dict(self.proposal)}

    def _shown(self, proposal: Proposal) -> dict:
        z, text, draws = proposal.z, proposal.text, proposal.draws
        kept = data_uri.grid_uri(nearest(self._model, z), self.nrow)
        if text is None and not proposal.is_moved:
            found = nearest(self._model, z[:1], NEAREST)
            return {"kind": "picture", "kept": data_uri.grid_uri(found, data_uri.columns(NEAREST))}
        if draws is None:
            return {"kind": "text" if text is not None else "moved", "kept": kept}
        near = (draws.unflatten(0, (-1, len(z))) * text).sum(-1) / EMBEDDING  # (draws, pictures)
        first = near.argmax(0)
        columns = torch.arange(len(z), device=z.device)
        passed = draws.unflatten(0, (-1, len(z)))[1 - first, columns]  # the other of two
        return {
            "kind": "prior",
            "kept": kept,
            "passed": data_uri.grid_uri(nearest(self._model, passed), self.nrow),
            "kept_near": round(near.amax(0).mean().item(), 3),
            "passed_near": round(near.amin(0).mean().item(), 3),
        }
