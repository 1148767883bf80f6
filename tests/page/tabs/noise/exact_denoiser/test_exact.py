"""What the exact denoiser draws on the Noise tab, against one that works on the pictures."""

import pytest
import torch

import ddpm
from ddpm.diffusion.ideal import exact_denoiser, nearest
from devtools.schedules import ENDS_IN_NOISE
from page.tabs.noise.exact_denoiser import exact
from page.tabs.noise.exact_denoiser.mismatch import known_pictures

ASKED = {
    "seed": 0, "T": 200, "schedules": ["linear"], "notebook": False, "zero_terminal": False,
    "steps": 20,
}  # fmt: skip
NOTEBOOK = {"notebook": True, "T": 200}


def drawn(**changes) -> dict:
    *_, last = exact.draw(**ASKED | changes)
    return last


def test_the_classes_are_those_of_the_whole_pictures():
    """From other noise, as its own lies in other coordinates: within four standard errors."""
    (row,) = drawn(**NOTEBOOK)["rows"]
    data, labels = known_pictures(exact.KNOWN_PER_CLASS)
    schedule = ddpm.Schedule.named("linear", 200, rescale=False)
    model = exact_denoiser(schedule, data)
    x = ddpm.sample(model, 400, sampler="ddim", steps=20, spacing="trailing", seed=1000)
    counts = labels[nearest(x, data)].bincount(minlength=10)
    share = (counts / 400 + torch.tensor(row["shares"])) / 2
    error = 4 * (share * (1 - share) * 2 / 400).sqrt() + 0.005
    assert ((counts / 400 - torch.tensor(row["shares"])).abs() < error).all()


@pytest.mark.parametrize("T", [50, 200, 1000])
def test_schedules_that_end_in_noise_are_fair(T):
    result = drawn(T=T, schedules=ENDS_IN_NOISE, steps=50)
    assert len(result["rows"]) == len(ENDS_IN_NOISE)
    for row in result["rows"]:
        assert all(0.04 <= share <= 0.2 for share in row["shares"]), row
        assert sum(row["shares"]) == pytest.approx(1)
        assert row["distance"] < 3 * result["floor"], row


def test_the_notebooks_range_and_few_steps_are_far_from_the_data():
    floor = drawn()["floor"]
    assert drawn(**NOTEBOOK)["rows"][0]["distance"] > 10 * floor
    assert drawn(steps=1)["rows"][0]["distance"] > 10 * floor


def test_rows_come_one_after_the_other():
    names = ["linear", "drawn~0_12~0.4_1.5~1_-9", "cosine~zero_terminal"]
    updates = list(exact.draw(3, 10, names, False, False, 10))
    for done, update in enumerate(updates):
        assert [row["schedule"] for row in update["rows"]] == names
        assert [bool(row["shares"]) for row in update["rows"]] == [k < done for k in range(3)]
    assert len(updates) == 4
    assert [row["color"] for row in updates[0]["rows"]] == [0, len(ddpm.SCHEDULES), 2]


def test_the_switch_of_zero_terminal_snr_is_its_text_form():
    (switched,) = drawn(schedules=["laplace"], zero_terminal=True, T=10, steps=10)["rows"]
    (written,) = drawn(schedules=["laplace~zero_terminal"], T=10, steps=10)["rows"]
    (plain,) = drawn(schedules=["laplace"], T=10, steps=10)["rows"]
    assert switched["distance"] == written["distance"] != plain["distance"]


def test_only_a_seed_changes_the_noise():
    assert drawn(seed=1)["rows"] == drawn(seed=1)["rows"] != drawn(seed=2)["rows"]


@pytest.mark.parametrize(
    "is_open, seed, T, steps, draws",
    [
        (True, 0, 20, 5, True),
        (False, 0, 20, 5, False),
        (True, None, 20, 5, False),
        (True, 0, 1, 5, False),
        (True, 0, 20, None, False),
    ],
)
def test_it_follows_only_while_open_and_complete(is_open, seed, T, steps, draws):
    *_, last = exact.follow(is_open, seed, T, ["linear"], False, False, steps)
    assert bool("rows" in last and last["rows"][0]["shares"]) == draws
