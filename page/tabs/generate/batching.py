"""Samplings of several visitors that are drawn as one batch.

What the network is asked for is all that they share: Compare goes row by row and Walk draws one
picture, so these two stay alone.
"""

from collections.abc import Iterator
from functools import partial

import ddpm
from page.compute import COMPUTE
from page.jobs.batches import Part
from page.models.registry import Request, trajectory
from page.models.request import ANY, COMMON

EACH = ("count", "label", "seed", "picture")  # what the requests of a batch may differ in
# Network calls for as many pictures as fit in a batch. Of longer runs there are fewer in one, so
# that none runs out of time for having waited with others.
LONG = 250


def part_of(request: Request, checkpoint: ddpm.Checkpoint) -> Part | None:
    """What a request brings into a batch; None if it is to be drawn alone."""
    if not request.kind.batched:
        return None
    T = checkpoint.schedule.T
    has_picture = request.picture is not None
    key = {name: getattr(request, name) for name in ("model", *COMMON) if name not in EACH}
    key |= {"steps": request.calls(T), "noise": request.first_time(T)}
    key |= {"picture": has_picture, "label": request.label != ANY}
    most = COMPUTE.most_in_batch()
    size = request.count * request.passes
    draw = partial(drawn_together, checkpoint)
    return Part(request, draw, key, size, most=min(most, most * LONG // request.calls(T)))


def drawn_together(
    checkpoint: ddpm.Checkpoint, requests: list[Request]
) -> Iterator[list[ddpm.Step]]:
    """The steps of requests of one key, each cut into the requests' own."""
    counts = [request.count for request in requests]
    for step in trajectory(checkpoint, *requests)[1]:
        pairs = zip(step.x.split(counts), step.x_start.split(counts), strict=True)
        yield [ddpm.Step(step.i, step.t, x, x_start) for x, x_start in pairs]
