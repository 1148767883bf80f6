"""What the front doors of sampling take, and the sentence for what they don't.

Every check is made before a network is asked, and returns the value as the inside wants it.
"""

import itertools
import math
import operator
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Protocol

import torch
from torch import Tensor

from ddpm.diffusion.process import Clip
from ddpm.networks.network import Network
from ddpm.schedules import Schedule

Labels = int | Sequence[int] | Tensor | None
# Network calls of each stage that draws pictures, of each stage, or of some by name
Steps = int | Sequence[int] | Mapping[str, int] | None

MAX_GUIDANCE, MAX_TEXTS = 100, 4096


class Asked(Protocol):
    """What is asked about pictures: a `Denoiser`, or a classifier."""

    @property
    def network(self) -> Network: ...

    @property
    def schedule(self) -> Schedule: ...


def whole(name: str, value: object, low: int | None = None, high: int | None = None) -> int:
    """A whole number from `low` to `high`, both of them included."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        found = int(value)
        if (low is None or found >= low) and (high is None or found <= high):
            return found
    span = ("" if low is None else f" from {low}") + ("" if high is None else f" to {high}")
    raise ValueError(f"{name} must be a whole number{span}, not {value!r:.80}")


def number(name: str, value: object, low: float, high: float) -> float:
    """A number from `low` to `high`, both of them included."""
    if isinstance(value, Real) and not isinstance(value, bool) and low <= float(value) <= high:
        return float(value)
    raise ValueError(f"{name} must be a number between {low} and {high}, not {value!r:.80}")


def count(n: object) -> int:
    return whole("n, the number of pictures,", n, 1)


def scale(value: object, name: str = "the guidance scale") -> float:
    return number(name, value, 0, MAX_GUIDANCE)


def eta(value: object) -> float:
    return number("eta", value, 0, 1)


def interval(value: object) -> tuple[float, float]:
    """(low, high); all times for None."""
    if value is None:
        return -math.inf, math.inf
    if isinstance(value, Sequence) and len(value) == 2:
        low, high = value
        if isinstance(low, Real) and isinstance(high, Real) and low <= high:
            return float(low), float(high)
    raise ValueError(f"interval must be (low, high) with low <= high, not {value!r:.80}")


def visits(
    schedule: Schedule, timesteps: Sequence[int], clip: Clip
) -> list[tuple[int, float, float]]:
    """Each time with its ᾱ and the ᾱ of the next one (1 after the last, which is x_0). ValueError
    unless they fall, within the schedule, and ε says something at all of them."""
    if not isinstance(clip, bool) and not callable(clip):
        raise ValueError(f"clip must be True, False or a function of x̂_0, not {clip!r:.80}")
    try:
        times = [operator.index(t) for t in timesteps]
    except TypeError as error:
        raise ValueError(f"timesteps must be whole numbers, not {timesteps!r:.80}") from error
    falling = all(a > b for a, b in itertools.pairwise(times))
    if not times or not falling or not 0 <= times[-1] <= times[0] < schedule.T:
        raise ValueError(f"timesteps must fall, between {schedule.T - 1} and 0, not {times[:8]}")
    acp = schedule.exact_alphas_cumprod[times].tolist()
    if acp[0] == 0.0:
        raise ValueError(
            f"ᾱ is 0 at t = {times[0]}: ε says nothing about x_0 there. Start one step later"
        )
    return list(zip(times, acp, [*acp[1:], 1.0], strict=True))


def stage_steps(
    steps: object, stages: Sequence[str], of_pictures: Sequence[str] | None = None
) -> dict[str, Any]:
    """The steps of each stage, None for as many as is usual: from one number for all that draw
    pictures, from one for each, or from those of some stages by name."""
    usual = dict.fromkeys(stages)
    if isinstance(steps, Mapping) and steps and steps.keys() <= usual.keys():
        return usual | dict(steps)
    if isinstance(steps, tuple | list) and len(steps) == len(stages):
        return dict(zip(stages, steps, strict=True))
    if isinstance(steps, Mapping | tuple | list):
        names = ", ".join(stages)
        raise ValueError(f"steps must be one number, or one for each of {names}, not {steps!r:.80}")
    return usual | dict.fromkeys(of_pictures or stages, steps)


def texts(given: object) -> list[str]:
    """A list of at least one text, and of no more than MAX_TEXTS."""
    found: list = [None]
    if isinstance(given, Sequence) and not isinstance(given, str):
        found = [*given]
    if not all(isinstance(text, str) for text in found):
        raise ValueError(f"texts must be a list of texts, not {given!r:.80}")
    if not 1 <= len(found) <= MAX_TEXTS:
        raise ValueError(f"there must be 1 to {MAX_TEXTS} texts, not {len(found)}")
    return found


def floats(name: str, given: object, device: torch.device, *shapes: tuple) -> Tensor:
    """A tensor of one of these shapes, in float32 on the device. "n" in a shape is any number from
    1."""
    is_tensor = isinstance(given, Tensor)
    got = f"{given.dtype} of shape {tuple(given.shape)}" if is_tensor else type(given).__name__
    if not is_tensor or not given.is_floating_point() or not _has_shape(given, shapes):
        wanted = " or ".join(f"({', '.join(map(str, shape))})" for shape in shapes)
        raise ValueError(f"{name} must be floats of shape {wanted}, not {got}")
    found = given.detach().to(device, torch.float32)
    if not bool(found.isfinite().all()):
        raise ValueError(f"{name} must be finite numbers, and some are NaN or infinite")
    return found


def _has_shape(given: Tensor, shapes: Sequence[tuple]) -> bool:
    return given.numel() > 0 and any(
        len(shape) == given.ndim
        and all(size in ("n", found) for size, found in zip(shape, given.shape, strict=True))
        for shape in shapes
    )


def labels_of_each(given: object) -> Tensor:
    """A label for each picture: int64 (B,)."""
    found = _numbers(given)
    if found.is_floating_point() or found.ndim != 1:
        raise ValueError(
            f"labels must be whole numbers (B,), not {found.dtype} {tuple(found.shape)}"
        )
    return found


def _numbers(labels: object) -> Tensor:
    """Labels as a tensor, int64 if they are whole numbers."""
    try:
        found = torch.as_tensor(labels)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ValueError(f"labels must be whole numbers, not {labels!r:.80}") from error
    if found.dtype == torch.bool or found.is_complex() or not found.numel():
        raise ValueError(f"labels must be whole numbers, not {labels!r:.80}")
    return found if found.is_floating_point() else found.long()


def labels(n: int | None, given: Labels, asked: Asked) -> Tensor | None:
    """A label for each of n pictures, or of as many as there are labels, on the device; or float32
    weights of labels (n, classes). The number of classes itself stands for no label."""
    if given is None:
        return None
    classes, device = asked.network.num_classes, asked.schedule.device
    if classes is None:
        raise ValueError("this network was built without labels (num_classes=None)")
    found = _numbers(given)
    n = len(found) if n is None and found.ndim else n
    if found.is_floating_point() and found.shape == (n, classes):
        return floats("weights of labels", found, device, (n, classes))
    if found.shape not in ((), (n,)) or found.is_floating_point():
        raise ValueError(
            f"labels must be one for all, or {n} whole numbers, not {found.dtype} of shape "
            f"{tuple(found.shape)}"
        )
    # Reading them from an accelerator would make it wait; there the embedding itself guards, by an
    # assertion that ends the process
    if found.device.type == "cpu" and not bool(((found >= 0) & (found <= classes)).all()):
        raise ValueError(f"labels must lie between 0 and {classes - 1}, not {given!r:.80}")
    return found.to(device).expand(n or 1)
