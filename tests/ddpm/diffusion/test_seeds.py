"""Seeds of any size, against torch below 2**32 and against NumPy's generator above."""

import numpy as np
import pytest
import torch

from ddpm.diffusion.process import generators, randn_like


@pytest.mark.parametrize("seed", [-1, 0, 7, 2**31, 2**32 - 1])
def test_seeds_of_32_bits_are_torchs_own(seed):
    (ours,) = generators(1, seed)
    theirs = torch.Generator().manual_seed(seed)
    assert torch.equal(torch.randn(50, generator=ours), torch.randn(50, generator=theirs))


@pytest.mark.parametrize("seed", [2**32, 2**32 + 1, 2**63, 2**64, 10**30])
def test_larger_seeds_are_those_of_numpys_mersenne_twister(seed):
    (ours,) = generators(1, seed)
    theirs = np.random.MT19937(seed).random_raw(2000)[1:]  # NumPy begins at the last word
    got = torch.randint(0, 2**16, (1999,), generator=ours)  # a word for each
    assert got.tolist() == (theirs % 2**16).tolist()


def test_no_two_seeds_are_the_same_and_each_is_the_same_at_any_batch_size():
    seeds = [0, 1, 2**32 - 1, 2**32, 2**32 + 1, 2**64, 2**64 + 1]
    noise = randn_like(torch.empty(len(seeds), 1, 4, 4), generators(len(seeds), seeds))
    assert len(noise.flatten(1).unique(dim=0)) == len(seeds)
    across = randn_like(torch.empty(3, 1, 4, 4), generators(3, 2**32 - 1))
    assert torch.equal(across[:2], noise[2:4])


def test_a_seed_that_torch_can_not_take_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="seed must be a whole number, at least -2"):
        generators(1, -(2**63) - 1)


def test_too_few_generators_are_refused():
    with pytest.raises(ValueError, match="3 images need as many generators, not 2"):
        randn_like(torch.empty(3, 1, 2, 2), generators(2, seed=0))
