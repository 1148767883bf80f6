"""A schedule as text: `cosine`, `rectified_flow~shift_3`, `linear~zero_terminal`,
`drawn~0_12~0.4_1.5~1_-9`. Every sign of it may stand in a link as it is.

Parts are joined by `~`: a name, or `drawn` with its points u_logSNR, then options, each
`name_value`. Configurations, endpoints and links all write schedules like this.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ddpm.schedules.drawn import MIN_GAP, Point, check_points

DRAWN = "drawn"
ZERO_TERMINAL = "zero_terminal"
NUMBERS = {"shift": (0.1, 10.0), "input_scale": (0.1, 2.0)}  # least and greatest value
MAX_LENGTH = 1000  # 32 points of 26 characters, and options
# `float` reads other scripts' digits too, and 1_0 for 10
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Spec:
    name: str  # in SCHEDULES, or "drawn"
    points: tuple[Point, ...] = ()
    numbers: tuple[tuple[str, float], ...] = ()
    zero_terminal: bool = False


def parse(text: str) -> Spec:
    """Raises ValueError, with what is wrong and what is expected. Does not look the name up."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise ValueError(f"a schedule must be a text of at most {MAX_LENGTH} characters")
    name, *parts = text.split("~")
    points, numbers, zero_terminal = [], {}, False
    for part in parts:
        key, _, value = part.rpartition("_")
        if part == ZERO_TERMINAL:
            zero_terminal = True
        elif key in NUMBERS:
            numbers[key] = _number(key, value)
        elif name == DRAWN:
            points.append((_read(key, part), _read(value, part)))
        else:
            known = ", ".join((ZERO_TERMINAL, *(f"{key}_<number>" for key in NUMBERS)))
            raise ValueError(f"a schedule's options are {known}, not {part[:40]!r}")
    if name == DRAWN:
        check_points(points)
    return Spec(name, tuple(points), tuple(numbers.items()), zero_terminal)


def is_drawn(text: str) -> bool:
    """Whether a text stands for a drawn schedule."""
    try:
        return parse(text).name == DRAWN
    except ValueError:
        return False


def name_of(text: str) -> str:
    """The name that a schedule's text begins with, which is short."""
    return text.split("~")[0][:40]


def drawn_text(points: Sequence[Point]) -> str:
    """The text of a drawn schedule; `parse` gives back the points, rounded to four decimals.
    ValueError for points that `check_points` refuses."""
    check_points(points)
    parts, at = [DRAWN], -1.0
    for u, value in points:
        at = max(round(u, 4), round(at + MIN_GAP, 4))  # rounding may join two
        parts.append(f"{at:g}_{round(value, 4):g}")
    return "~".join(parts)


def _number(key: str, text: str) -> float:
    low, high = NUMBERS[key]
    if not _NUMBER.fullmatch(text) or not low <= float(text) <= high:
        raise ValueError(f"{key} must be a number from {low} to {high}, not {text[:40]}")
    return float(text)


def _read(text: str, part: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"a point of a drawn schedule is u_logSNR, two numbers, not {part[:40]!r}")
    return float(text)
