"""What the notebook's range does to samples."""

import pytest

from devtools.visit import picture_of
from page.tabs.noise.exact_denoiser import mismatch


def chi_square(row):
    """χ² of the classes of 200 samples, against a tenth each."""
    return 200 * sum((share - 0.1) ** 2 / 0.1 for share in row["shares"])


@pytest.mark.parametrize("name", ["linear", "quadratic", "sigmoid"])
def test_only_the_notebooks_range_is_unfair(name):
    notebook, rescaled = mismatch.compare(200, [name], 0)["rows"]
    assert not notebook["is_noise"] and rescaled["is_noise"]
    assert chi_square(notebook) > 150
    assert chi_square(rescaled) < 33.7  # fair draws exceed it once in 10,000 times
    trouser, dress, sneaker = (notebook["shares"][label] for label in (1, 3, 7))
    assert trouser + dress + sneaker < 0.05  # of 0.3
    for row in (notebook, rescaled):
        assert sum(row["shares"]) == pytest.approx(1)
        assert picture_of(row["picture"]).size == (10 * 30 + 2, 4 * 30 + 2)  # 40, with a border


def test_it_names_the_first_schedule_with_a_beta_range():
    result = mismatch.compare(200, ["cosine", "sigmoid", "linear"], 0)
    assert (result["schedule"], result["T"], result["why"]) == ("sigmoid", 200, "differ")
    # of the notebook's T = 200: ᾱ_T is 0.132
    assert result["rows"][0]["left"] == pytest.approx(0.132**0.5, abs=0.005)


@pytest.mark.parametrize("T, name, why", [(1000, "linear", "same"), (200, "cosine", "no_range")])
def test_equal_ranges_give_equal_samples(T, name, why):
    result = mismatch.compare(T, [name], 3)
    notebook, rescaled = (row["picture"] for row in result["rows"])
    assert notebook == rescaled
    assert result["why"] == why


def test_another_seed_draws_other_samples():
    first, second = (mismatch.compare(10, ["linear"], seed)["rows"][1] for seed in (0, 1))
    assert first["picture"] != second["picture"]


def test_samples_follow_only_complete_settings():
    for incomplete in [(False, 20, 0), (True, None, 0), (True, 1, 0), (True, 20, None)]:
        opened, T, seed = incomplete
        assert "rows" not in mismatch.follow(opened, T, ["linear"], seed)
    assert len(mismatch.follow(True, 20, ["linear"], 0)["rows"]) == 2
