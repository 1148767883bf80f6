"""Endless batches, each epoch in its own order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from ddpm.data.images import to_float


def batches(
    images: Tensor,
    labels: Tensor | None,
    batch_size: int,
    *,
    seed: int = 0,
    start: int = 0,
    stride: int = 1,
) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Endless batches of (x in [-1, 1], labels), each epoch in its own order.

    The order depends only on the seed, so `start=k` continues exactly where a run of k batches
    ended; with a stride of n, process r of n has start=r, and no two share a batch. The remainder
    of an epoch that fills no batch is left out. ValueError, at the call, if no batch is full.
    """
    if not 1 <= batch_size <= len(images):
        raise ValueError(f"{len(images)} images do not fill one batch of {batch_size}")
    return _batches(images, labels, batch_size, seed, itertools.count(start, stride))


def _batches(
    images: Tensor, labels: Tensor | None, batch_size: int, seed: int, numbers: Iterable[int]
) -> Iterator[tuple[Tensor, Tensor | None]]:
    a_pass = len(images) // batch_size
    ordered, order = None, torch.empty(0)
    for number in numbers:
        epoch, place = divmod(number, a_pass)
        if epoch != ordered:
            draw = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
            order, ordered = torch.randperm(len(images), generator=draw), epoch
        chosen = order[place * batch_size : (place + 1) * batch_size]
        yield to_float(images[chosen]), None if labels is None else labels[chosen]
