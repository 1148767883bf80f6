"""The film of DALL·E 2's decoder, and what was proposed to it: shown as real garments."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import torch
from torch import Tensor

import ddpm
from ddpm.data import USUAL
from ddpm.data.images import to_float
from ddpm.networks.clip import EMBEDDING
from ddpm.systems.unclip import INVERSION_STEPS, PRIOR_STEPS
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


@cache
def garments() -> Tensor:
    """Real ones, of all classes: uint8 (GARMENTS, 1, 28, 28)."""
    images = USUAL.load("train", "shipped").images
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


def film(x: Tensor, model: ddpm.UnClip, steps: int, texts: Sequence[str]) -> Film:
    """It also has the real garments nearest to what the decoder was to draw, and the words that
    mean nothing to the encoder."""
    part = {"kind": "", "kept": "", "passed": "", "kept_near": 0, "passed_near": 0, "asked": 0}
    part |= understood(model.encoder, texts)
    return Film(x, model.schedule.T - 1, steps, proposal=part)


def shown(model: ddpm.UnClip, proposal: Proposal) -> dict:
    """What the decoder's first step tells of the part."""
    z, text, draws = proposal.z, proposal.text, proposal.draws
    if text is None and not proposal.is_moved:
        kept = data_uri.grid_uri(nearest(model, z[:1], NEAREST))
        return {"kind": "picture", "kept": kept, "asked": INVERSION_STEPS}
    kept = data_uri.grid_uri(nearest(model, z))
    if draws is None or text is None:
        return {"kind": "text" if text is not None else "moved", "kept": kept}
    draws = draws.unflatten(0, (-1, len(z)))
    near = (draws * text).sum(-1) / EMBEDDING  # (draws, pictures)
    passed = draws[1 - near.argmax(0), torch.arange(len(z), device=z.device)]  # the other of two
    return {
        "kind": "prior",
        "asked": PRIOR_STEPS,
        "kept": kept,
        "passed": data_uri.grid_uri(nearest(model, passed)),
        "kept_near": round(near.amax(0).mean().item(), 3),
        "passed_near": round(near.amin(0).mean().item(), 3),
    }
