"""The cascade on the page: what is its own."""

from functools import partial

import torch

from devtools import buttons
from devtools.tiny_models import AUG
from page.models import registry as models
from page.models.cascade import own_aug
from page.models.registry import KINDS, Request
from page.tabs.generate.batching import part_of
from page.widgets import data_uri

ASKED = {"model": "cascade", "label": 3, "count": 3, "steps": 5, "guidance": 2.0, "aug": 100}
drawn = partial(buttons.drawn, ASKED)


def test_all_come_from_one_small_picture(cascade_model):
    films = drawn(from_one=True)
    film = films[-1][0]
    shown = film.value()["stages"]
    found = list(cascade_model.trajectory(1, labels=3, guidance=2.0, aug=100, steps=(2, 3)))
    assert shown["from_one"] and shown["picture"] == data_uri.grid_uri(found[1].step.x, 1)
    assert not torch.equal(film.x[0], film.x[1])
    torch.testing.assert_close(film.x[:1], found[-1].step.x, rtol=0, atol=0.1)


def test_noise_on_the_small_pictures_matters_to_the_second_stage_alone(cascade_model):
    plain, noised = (drawn(aug=aug)[-1][0] for aug in (0, 500))
    first, second = plain.value()["stages"], noised.value()["stages"]
    assert first["picture"] == second["picture"] == first["given"] != second["given"]
    assert not torch.equal(plain.x, noised.x)


def test_it_is_drawn_alone_and_does_not_part_the_batches_of_others(cascade_model):
    assert part_of(Request(**ASKED), cascade_model) is None
    others = [Request(aug=aug, from_one=bool(aug)) for aug in (0, 500)]
    first, second = (part_of(each, models.chosen(None, "shipped")) for each in others)
    assert first.key == second.key


def test_its_own_noise_is_read_from_its_file(cascade_model, tmp_path):
    assert own_aug(KINDS["cascade"].file) == cascade_model.aug == AUG
    assert own_aug(tmp_path / "missing.safetensors") == 0
