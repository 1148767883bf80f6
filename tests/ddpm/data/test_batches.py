"""Batches: every image once per epoch, in an order that resumed runs and other processes share."""

import pytest
import torch

from ddpm.data.batches import batches


def numbered(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Image k is filled with the value k, and its label is k."""
    values = torch.arange(n)
    return values.to(torch.uint8).view(-1, 1, 1, 1).expand(n, 1, 2, 2), values


def take(feed, n: int) -> list[tuple]:
    return [next(feed) for _ in range(n)]


def test_every_image_comes_once_per_epoch_with_its_own_label():
    images, labels = numbered(24)
    feed = batches(images, labels, 4, seed=3)
    epochs = [take(feed, 6) for _ in range(3)]
    orders = []
    for epoch in epochs:
        x = torch.cat([x for x, _ in epoch])
        y = torch.cat([y for _, y in epoch])
        assert torch.equal(((x[:, 0, 0, 0] + 1) * 127.5).round().long(), y)
        assert sorted(y.tolist()) == list(range(24))
        orders.append(y.tolist())
    orders.append(list(range(24)))
    assert all(a != b for i, a in enumerate(orders) for b in orders[:i])  # a new order each time


def test_processes_take_batches_in_turns():
    """Over several epochs, two processes together see what one alone sees."""
    images = torch.arange(22, dtype=torch.uint8).reshape(22, 1, 1, 1)
    alone = batches(images, None, 4, seed=3)
    dealt = [batches(images, None, 4, seed=3, start=rank, stride=2) for rank in (0, 1)]
    for k in range(24):
        assert torch.equal(next(alone)[0], next(dealt[k % 2])[0])


def test_the_images_dropped_with_an_incomplete_batch_change_with_the_epoch():
    images, labels = numbered(10)
    feed = batches(images, labels, 4)
    seen = set()
    for _ in range(20):
        epoch = torch.cat([y for _, y in take(feed, 2)]).tolist()
        assert len(set(epoch)) == 8
        seen |= set(epoch)
    assert seen == set(range(10))


@pytest.mark.parametrize("start", [1, 2, 3, 7])
def test_start_continues_exactly_where_a_run_ended(start):
    images, labels = numbered(14)
    whole = take(batches(images, labels, 4, seed=5), 12)
    rest = take(batches(images, labels, 4, seed=5, start=start), 12 - start)
    for (x, y), (x2, y2) in zip(whole[start:], rest, strict=True):
        assert torch.equal(x, x2) and torch.equal(y, y2)


def test_the_order_depends_on_the_seed_and_nothing_else(global_rng_untouched):
    images, labels = numbered(24)
    with global_rng_untouched():
        first = next(batches(images, labels, 8, seed=1))[1].tolist()
    torch.manual_seed(99)
    assert next(batches(images, labels, 8, seed=1))[1].tolist() == first
    assert next(batches(images, labels, 8, seed=2))[1].tolist() != first


def test_values_lie_in_minus_1_to_1_and_labels_may_be_absent():
    images = torch.arange(256, dtype=torch.uint8).view(4, 1, 8, 8)
    x, labels = next(batches(images, None, 4))
    assert labels is None and x.dtype == torch.float32
    assert x.min() == -1 and x.max() == 1 and x.unique().numel() == 256
