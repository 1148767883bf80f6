"""Generators from seeds of any size: torch's `manual_seed` keeps 32 bits, so that 2**32 is 0."""

import numpy as np
import torch

WORDS = 624  # of 32 bits: the state of the Mersenne Twister


def generator(seed: int) -> torch.Generator:
    """The generator of a seed, on the CPU: torch's own below 2**32, and another one for each seed
    from there on."""
    if seed < -(2**63):
        raise ValueError(f"seed must be a whole number, at least -2**63, not {seed}")
    if seed < 2**32:
        return torch.Generator().manual_seed(seed)
    return from_sequence(np.random.SeedSequence(seed))


def from_sequence(sequence: np.random.SeedSequence) -> torch.Generator:
    """A generator whose whole state comes from a sequence, as NumPy's own MT19937 gets it."""
    made = torch.Generator()
    state = made.get_state()
    # after the seed and the place within the words: the words, each in 64 bits
    words = state.numpy()[24 : 24 + 8 * WORDS].view(np.uint64)
    words[:] = sequence.generate_state(WORDS)
    words[0] = 2**31  # never 0 everywhere
    made.set_state(state)
    return made
