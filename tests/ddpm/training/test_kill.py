"""kill -9 at random moments, as benchmarks/kill.py does fifty times."""

import sys

import pytest
import torch

from devtools.kills import kills


@pytest.fixture
def one_thread():
    """As in the killed processes: other partial sums would round differently."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither SIGKILL nor fork")
def test_a_killed_run_resumes_as_if_uninterrupted(tmp_path, one_thread):
    """Files always load, and state and log equal those of an uninterrupted run, bit for bit."""
    # by this seed while it writes, starts, trains, and writes again
    steps = [kill.saved for kill in kills(tmp_path, count=4, seed=40)]
    assert len(steps) >= 3 and steps == sorted(steps) and steps[-1] > steps[0]
