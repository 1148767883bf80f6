"""Schedules as other tools write them: lists of σ, or of β.

σ = √((1-ᾱ)/ᾱ) is k-diffusion's: what is added to a picture that is not shrunk. A list falls and
ends with 0. diffusers takes one as `set_timesteps(sigmas=)`, ComfyUI's ManualSigmas as text,
k-diffusion as a tensor.
"""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import torch

from ddpm.schedules import Schedule
from ddpm.schedules.drawn import MAX_DRAWN, MAX_POINTS, Point
from ddpm.schedules.text_form import drawn_text

MOST = 10_000  # values of a list


def sigmas(schedule: Schedule, timesteps: Sequence[int]) -> list[float]:
    """σ at these times, which fall, and then 0. ValueError where ᾱ is 0 and σ has no value."""
    if any(t > schedule.last for t in timesteps):
        raise ValueError(
            f"ᾱ is 0 at t = {schedule.T - 1}, where σ is infinite: begin at t = {schedule.last}"
        )
    log_snr = schedule.exact_log_snr[list(timesteps)]
    return [*(-log_snr / 2).exp().tolist(), 0.0]


def drawn_from(values: str | Sequence[float]) -> str:
    """The text form of the drawn schedule through a list of σ or of β, for `Schedule.named`, the
    page and its links.

    values: σ falling, the noisiest first, with or without a 0 at the end; or β of a forward process
    from its first step, `trained_betas` of diffusers. A text may have commas, spaces and brackets.
    Of more than 32, which a drawing can have, some are left out evenly. ValueError for anything
    else.
    """
    numbers = _numbers(values) if isinstance(values, str) else [float(each) for each in values]
    if numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    if not 2 <= len(numbers) <= MOST or not all(0 < each < math.inf for each in numbers):
        raise ValueError(
            f"a list must have 2 to {MOST} numbers above 0, and a 0 at most at the end"
        )
    if all(a > b for a, b in pairwise(numbers)):
        at = [1 - k / (len(numbers) - 1) for k in range(len(numbers))][::-1]
        log_snr = [-2 * math.log(each) for each in reversed(numbers)]
    elif max(numbers) < 1:
        at = [(k + 0.5) / len(numbers) for k in range(len(numbers))]
        log_snr = Schedule(torch.tensor(numbers, dtype=torch.float64)).exact_log_snr.tolist()
    else:
        raise ValueError("a list of σ must fall from number to number, and β lie between 0 and 1")
    points: list[Point] = [
        (u, max(-MAX_DRAWN, min(MAX_DRAWN, value))) for u, value in zip(at, log_snr, strict=True)
    ]
    count = min(len(points), MAX_POINTS)
    kept = [round(k * (len(points) - 1) / (count - 1)) for k in range(count)]
    return drawn_text([points[k] for k in kept])


def _numbers(text: str) -> list[float]:
    parts = [part for part in re.split(r"[\s,;\[\]()]+", text) if part]
    try:
        return [float(part) for part in parts[: MOST + 1]]
    except ValueError as error:
        raise ValueError(f"a list has numbers alone: {error}") from error
