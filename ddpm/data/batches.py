"""Endless batches, each epoch in its own order."""

import itertools
from collections.abc import Iterator

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
    check_batch_size(len(images), batch_size)
    return (
        (to_float(images[chosen]), None if labels is None else labels[chosen])
        for _, chosen in shuffled(len(images), batch_size, seed, start, stride)
    )


def check_batch_size(n: int, batch_size: int) -> None:
    """ValueError unless n things fill at least one batch."""
    if not 1 <= batch_size <= n:
        raise ValueError(f"{n} images do not fill one batch of {batch_size}")


def shuffled(
    n: int, batch_size: int, seed: int, start: int, stride: int
) -> Iterator[tuple[int, Tensor]]:
    """The number of each batch, and which of n things make it up: indices (batch_size,)."""
    a_pass = n // batch_size
    ordered, order = None, torch.empty(0)
    for number in itertools.count(start, stride):
        epoch, place = divmod(number, a_pass)
        if epoch != ordered:
            draw = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
            order, ordered = torch.randperm(n, generator=draw), epoch
        yield number, order[place * batch_size : (place + 1) * batch_size]
