"""Averages of a run's weights with another width than the one that it kept, made afterwards."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from ddpm.checkpoint import Part
from ddpm.training.state import kept_of_average

P = TypeVar("P", bound=Part)
WIDEST = 12**-0.5  # of a power function, at γ = 0: all steps count alike


def post_hoc(states: Sequence[P], width: float) -> P:
    """The last of a run's states, with the weights that it would have had with another average.

    The weights of a state are an average with a profile of its own: how much each step counts. The
    sum of all states whose profile is nearest to a power function's stands for the average with
    that one (Karras et al. 2024b, section 3.2; ours are of one width, kept at several steps).

    Args:
        states: of one run and one network, in any order; their weights are not changed.
        width: the profile's standard deviation, as a share of the run up to the last state.

    Raises ValueError for fewer than two states, or a width that no power function has.
    """
    if len(states) < 2 or not 0 < width < WIDEST:
        raise ValueError(
            f"needs two states of a run and a width above 0 and below {WIDEST:.3f}, "
            f"got {len(states)} and {width}"
        )
    states = sorted(states, key=lambda state: state.info["steps"])
    last = states[-1]
    steps = last.info["steps"]
    kept = [kept_profile(s.info["steps"], s.config.train.ema_decay, steps) for s in states]
    shares = nearest(np.stack(kept, axis=1), power_profile(width, steps))
    weights = [state.network.state_dict() for state in states]
    model = copy.deepcopy(last.model)
    for name, tensor in model.network.state_dict().items():
        pairs = zip(shares.tolist(), weights, strict=True)
        tensor.copy_(sum(share * of_state[name].double() for share, of_state in pairs))
    return replace(last, model=model)


def kept_profile(step: int, decay: float, last: int) -> np.ndarray:
    """How much the weights after 0, 1, … `last` steps count in the average kept at `step`."""
    # the first update replaces the average
    kept = np.array([0.0] + [kept_of_average(n, decay) for n in range(1, step)])
    left = np.append(np.cumprod(kept[:0:-1])[::-1], 1.0)  # of each update, after all later ones
    profile = np.zeros(last + 1)
    profile[1 : step + 1] = (1 - kept) * left
    return profile


def power_profile(width: float, last: int) -> np.ndarray:
    """(s / last)^γ, whose standard deviation is `width` (section 3.1 of the paper)."""
    low, high = 0.0, 1e4
    while high - low > 1e-9 * high:
        gamma = (low + high) / 2
        wide = (gamma + 1) ** 0.5 / ((gamma + 2) * (gamma + 3) ** 0.5)
        low, high = (gamma, high) if wide > width else (low, gamma)
    profile = np.linspace(0, 1, last + 1) ** low
    return profile / profile.sum()


def nearest(kept: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The shares of the columns whose sum is nearest to `wanted`; they sum to one."""
    base = kept[:, -1]  # one share follows from the others
    others, *_ = np.linalg.lstsq(kept[:, :-1] - base[:, None], wanted - base, rcond=None)
    return np.append(others, 1 - others.sum())
