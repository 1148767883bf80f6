"""What sampling expects of a network, and what one can be asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ddpm.networks.text import EncodedText

PICTURE = -1  # as the time that a flow map goes to: the picture itself


@dataclass(frozen=True)
class Condition:
    """What B pictures are to be like."""

    text: EncodedText | None = None
    embedding: Tensor | None = None  # (B, D) of a picture with this meaning; zeros for none
    low: Tensor | None = None  # (B, C, h, w), the small picture to enlarge
    aug: Tensor | None = None  # (B,), the steps of noise that it has had: see `augment`
    labels: Tensor | None = None  # (B,), or weights of labels (B, classes)
    end: Tensor | None = None  # (B,), the times that a flow map goes to

    def to(self, device: torch.device | str) -> Condition:
        """The same on this device."""
        rest = {k: v.to(device) for k, v in vars(self).items() if v is not None}
        return replace(self, **rest)

    def unconditional(self) -> Condition:
        """The same without the words and the embedding: what guidance leads away from."""
        text, embedding = self.text, self.embedding
        if text is not None:
            text = text.hidden(torch.ones_like(text.weights[:, 0], dtype=torch.bool))
        embedding = None if embedding is None else torch.zeros_like(embedding)
        return replace(self, text=text, embedding=embedding)

    def cat(self, other: Condition) -> Condition:
        """Of both batches; their texts must have the same L."""
        both = {}
        for name, ours in vars(self).items():
            theirs = getattr(other, name)
            if isinstance(ours, EncodedText):
                both[name] = ours.cat(theirs)
            elif ours is not None:
                both[name] = torch.cat([ours, theirs])
        return Condition(**both)


NEEDS_LABEL = (
    "this model has no class that stands for no label: ask for a label, with guidance 1; or, if "
    "the last class of a UNet2DModel does, load it with no_label=True"
)
Given = Condition | Tensor | None  # labels alone may stand for a condition


def as_condition(given: Given) -> Condition:
    return given if isinstance(given, Condition) else Condition(labels=given)


class Network(nn.Module):
    """forward(x, t, condition=None): (B, C, H, W), (B,), what the pictures are to be like ->
    (B, C, H, W)."""

    shape: tuple[int, int, int]  # of the images it was built for: (C, H, W)
    num_classes: int | None  # None for a network without labels
    needs_label = False  # whether it was never asked without one, so that guidance can't be either
    # The layers that take pixels or give some. All other kernels are hidden, which Muon moves.
    of_pixels: tuple[str, ...] = ()
