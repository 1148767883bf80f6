"""DALL·E 2's way on the page: by words, from a picture, and along the axes that are its own."""

from collections.abc import Callable
from functools import partial

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

import ddpm
from ddpm.networks.clip import EMBEDDING, scaled
from ddpm.sampling.inversion import mixed
from ddpm.systems.unclip import INVERSION_STEPS
from devtools import buttons
from devtools.buttons import pixels
from devtools.visit import VISITOR
from page.models import registry as models
from page.models.registry import KINDS, Request, trajectory
from page.models.unclip import film as unclip_film
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.compare.compare_view import needed_model
from page.tabs.generate.controls import controls, visibility
from page.tabs.generate.run import FROM_NOISE, FROM_PICTURE, finish_picture, generate
from page.widgets import data_uri
from page.widgets.sketch_pad import pad

ASKED = {"model": "unclip", "words": "a dark boot", "count": 3, "steps": 4, "guidance": 2.0}
drawn, compared = partial(buttons.drawn, ASKED), partial(buttons.compared, ASKED)
TEXTS = ["a dark boot"] * 3
GARMENT = pad.garment(0)  # on the sketch pad


# ------------------------------------------------------------------ by words


@pytest.mark.parametrize("prior", ["used", "skipped"])
def test_it_draws_what_the_core_draws(unclip_model, prior):
    request = Request(**ASKED, prior=prior, seed=4, sampler="ddim")
    x, steps = trajectory(unclip_model, request)
    made = list(steps)
    own = {"guidance": 2.0, "sampler": "ddim", "steps": 4, "use_prior": prior == "used"}
    assert torch.equal(made[-1].x, unclip_model.sample(TEXTS, seed=4, **own))
    assert [step.i for step in made] == [0, 1, 2, 3]
    assert torch.equal(x, made[0].before)


def test_it_begins_with_the_noise_of_other_models(unclip_model):
    ours, _ = trajectory(unclip_model, Request(**ASKED, seed=4))
    theirs, _ = trajectory(models.chosen(None, "shipped"), Request(count=3, seed=4))
    assert torch.equal(ours, theirs)


def test_what_the_prior_proposes_is_shown(unclip_model):
    film, progress, files = drawn()[-1]
    assert [frame["step"] for frame in film.frames] == [0, 1, 2, 3, 4]
    assert "a-dark-boot-dpm_solver-4-steps" in files[0] and Image.open(files[1]).n_frames == 5
    proposal = film.value()["proposal"]
    assert proposal["kind"] == "prior" and progress["ended"] == "done"
    prior = [each.step.x for each in unclip_model.stages(TEXTS) if each.stage == "prior"][-1]
    z_t = unclip_model.pair.text(unclip_model.encoder(TEXTS))
    draws = scaled(prior).unflatten(0, (2, 3))
    near = (draws * z_t).sum(-1) / EMBEDDING
    assert proposal["kept_near"] == pytest.approx(near.amax(0).mean().item(), abs=1e-3)
    assert proposal["passed_near"] == pytest.approx(near.amin(0).mean().item(), abs=1e-3)
    kept, passed = (
        torch.stack([draws[pick[k], k] for k in range(3)])
        for pick in (near.argmax(0), near.argmin(0))
    )
    for name, z in (("kept", kept), ("passed", passed)):
        found = unclip_film.nearest(unclip_model, z)
        assert proposal[name] == data_uri.grid_uri(found, film.nrow)


def test_the_nearest_garment_is_the_one_with_that_embedding(unclip_model):
    ours = unclip_film.garments()[[5, 77]].float() / 127.5 - 1
    z = unclip_model.pair.image(ours)
    assert torch.equal(unclip_film.nearest(unclip_model, z), ours)
    eight = unclip_film.nearest(unclip_model, z[:1], 8)
    distances = (unclip_model.pair.image(eight) - z[0]).norm(dim=1)
    assert torch.equal(eight[0], ours[0]) and (distances.diff() > -1e-4).all()


def test_without_the_prior_all_have_the_embedding_of_the_words(unclip_model):
    film, *_ = drawn(prior="skipped", words="a flurb boot")[-1]
    proposal = film.value()["proposal"]
    assert (proposal["kind"], proposal["passed"]) == ("text", "")
    assert proposal["unknown"] == ["flurb"] and not proposal["nothing"]


# ------------------------------------------------------------------ from a picture


def test_variations_are_the_cores(unclip_model):
    asked = {"picture": GARMENT, "eta": 0.5, "seed": 4}
    film, progress, files = drawn(**asked)[-1]
    expected = unclip_model.variations(pad.read(GARMENT), 3, eta=0.5, seed=4)
    assert torch.equal(film.x, expected) and film.steps == INVERSION_STEPS
    assert progress["calls"] == INVERSION_STEPS and "variations" in files[0]
    assert (progress["made"]["words"], progress["made"]["label"]) == (None, "variations")
    proposal = film.value()["proposal"]
    z, x_T = unclip_model.invert(pad.read(GARMENT)[None])
    nearest = unclip_film.nearest(unclip_model, z, unclip_film.NEAREST)
    assert proposal["kind"] == "picture"
    assert proposal["kept"] == data_uri.grid_uri(nearest, data_uri.columns(unclip_film.NEAREST))
    # the film begins with x_T, which is not known before
    assert film.frames[0]["x"] == data_uri.grid_uri(x_T.expand(3, -1, -1, -1), film.nrow)


def test_a_moved_picture_shows_what_it_is_near_to(unclip_model):
    asked = {"picture": GARMENT, "place": 1.0, "eta": 0.0, "words": "a flurb bag"}
    proposal = drawn(**asked)[-1][0].value()["proposal"]
    z, _ = unclip_model.imagine(["a flurb bag"] * 3)
    assert proposal["kind"] == "moved" and proposal["unknown"] == ["flurb"]
    assert proposal["kept"] == data_uri.grid_uri(unclip_film.nearest(unclip_model, z), 2)


def test_a_mixture_with_pictures_by_words_heeds_whether_the_prior_is_used(unclip_model):
    picture = pad.read(GARMENT)[None]
    asked = {"picture": GARMENT, "place": 0.5, "eta": 0.0, "prior": "skipped"}
    found = drawn(**asked)[-1][0].x
    z, x_T = (x.expand(3, *x.shape[1:]) for x in unclip_model.invert(picture))
    by_words = unclip_model.imagine(["a dark boot"] * 3, use_prior=False)
    torch.testing.assert_close(found, unclip_model.draw(*mixed((z, x_T), by_words, 0.5)))
    assert not torch.equal(found, drawn(**asked | {"prior": "used"})[-1][0].x)


def test_the_tab_takes_the_moves_with_a_sketch_alone(unclip_model):
    given = {name: each.default for name, each in generate_tab.SETTINGS.items()} | ASKED
    given |= {"amount": 0, "place": 0.2, "picture": GARMENT}
    moved = controls.of_start(given, "sketch")
    assert (moved["amount"], moved["place"], moved["picture"]) == (None, 0.2, GARMENT)
    assert not {"amount", "place", "picture", "noise"} & controls.of_start(given, "noise").keys()


# ------------------------------------------------------------------ Compare


def test_beside_models_of_classes_it_gets_the_class_in_a_word(unclip_model):
    *_, last = compared("model", label=7)
    row = next(row for row in last["rows"] if row["value"] == "unclip")
    x = buttons.last_of(unclip_model, **ASKED | {"words": "sneaker", "steps": 2, "count": 8})
    assert row["picture"] == data_uri.grid_uri(x, 8)
    assert last["same"]["words"] == "sneaker"


@pytest.mark.parametrize("axis", ["amount", "place"])
def test_pictures_by_words_are_moved_along_an_axis(unclip_model, axis):
    *_, last = compared(axis, words_before="a bag")
    assert {"words", "words_before"} <= last["same"].keys()
    assert not {"steps", "sampler", "guidance", "eta"} & last["same"].keys()
    a, b = (unclip_model.imagine([text] * 8) for text in ("a bag", "a dark boot"))
    for row in last["rows"]:
        z, x_T = a
        if axis == "amount":
            z = unclip_model.turned(z, "a bag", "a dark boot", row["value"])
        else:
            z, x_T = mixed(a, b, row["value"])
        assert row["picture"] == data_uri.grid_uri(unclip_model.draw(z, x_T), 8)
        assert row["steps"] == INVERSION_STEPS


def test_a_mixture_begins_with_the_picture_and_ends_with_the_words(unclip_model):
    *_, last = compared("place", picture=GARMENT, eta=0.0)
    first, *_, end = (row["picture"] for row in last["rows"])
    picture = pad.read(GARMENT)[None]
    z, x_T = unclip_model.invert(picture)
    again = unclip_model.draw(z.expand(8, -1), x_T.expand(8, -1, -1, -1))
    expected = data_uri.grid_uri(picture.expand(8, -1, -1, -1), 8)
    assert last["noise"] == {"picture": expected, "is_given": True}
    words = unclip_model.draw(*unclip_model.imagine(["a dark boot"] * 8))
    for uri, x in ((first, again), (end, words)):
        assert np.abs(pixels(uri) - pixels(data_uri.grid_uri(x, 8))).mean() < 1


def test_freedom_is_an_axis_of_a_picture(unclip_model):
    *_, last = compared("eta", picture=GARMENT)
    assert not {"words", "words_before", "prior"} & last["same"].keys()
    for row in last["rows"]:
        expected = unclip_model.variations(pad.read(GARMENT), 8, eta=row["value"])
        assert row["picture"] == data_uri.grid_uri(expected, 8)


def test_its_own_axes_choose_it(unclip_model):
    plain = 10, 1, [0, 999], "dynamic"
    found = needed_model("amount", "none", "shipped", *plain)
    assert found == ["unclip", gr.skip(), 2.0, [0, 700], gr.skip()]
    for kept in (needed_model("label", "none", "shipped"), needed_model("place", "none", "unclip")):
        assert "value" not in kept[0]


# ------------------------------------------------------------------ controls, endpoints


def test_the_controls_show_what_it_heeds(unclip_model):
    words = buttons.shown("draw", "unclip", "noise", "amount", "none")
    assert words["prior"] and words["steps"] and words["words"] and words["start"]
    assert not any(words[name] for name in ("eta", "words_before", "sketch"))
    varied = buttons.shown("draw", "unclip", "sketch", "label", "none")
    ours = ("eta", "words_before", "amount", "place", "sketch", "prior")
    assert all(varied[name] for name in ours)
    assert not any(varied[name] for name in ("noise", "steps", "sampler", "guidance"))
    other = buttons.shown("draw", "shipped", "sketch", "label", "none")
    assert other["noise"] and not any(other[name] for name in ("eta", "prior", "amount", "place"))
    moved = buttons.shown("compare", "unclip", "noise", "amount", "none")
    assert moved["start"] and moved["words_before"] and moved["words"]
    assert not any(moved[name] for name in ("sketch", "steps", "count", "amount"))
    for axis, heeds_prior in (("place", True), ("amount", False), ("eta", False)):
        assert buttons.shown("compare", "unclip", "sketch", axis, "none")["prior"] == heeds_prior
    plain = buttons.shown("compare", "unclip", "sketch", "guidance", "none")
    assert plain["prior"] and not plain["start"] and not plain["sketch"] and not plain["guidance"]


def test_numbers_usual_for_it_come_with_it(unclip_model):
    found = visibility.usual("unclip", "labels", 18, 1, [0, 999], "static")
    assert found == [10, 2.0, [0, 700], "dynamic"]
    assert visibility.steps_of(KINDS["unclip"])["low"] == 1


def answer(endpoint: Callable, settings: dict, **asked) -> tuple:
    given = {name: each.default for name, each in settings.items()} | asked
    *_, last = endpoint(VISITOR, None, False, *(given[name] for name in settings))
    return last


def test_endpoints(unclip_model):
    pictures, png, _, progress = answer(generate, FROM_NOISE, **ASKED | {"steps": 1})
    assert len(pictures) == 3 and png and progress["proposal"]["kind"] == "prior"
    given = {"picture": GARMENT, "model": "unclip", "count": 2, "eta": 0.0}
    pictures, _, _, progress = answer(finish_picture, FROM_PICTURE, **given)
    assert pictures[0] == pictures[1] and progress["proposal"]["kind"] == "picture"
    given |= {"words": "a bag", "words_before": "a boot", "amount": 0.4}
    changed, *_, progress = answer(finish_picture, FROM_PICTURE, **given)
    expected = unclip_model.edit(pad.read(GARMENT), "a boot", "a bag", 0.4)
    assert changed[0] == data_uri.picture_uri(ddpm.to_pil(expected))
    assert progress["proposal"]["kind"] == "moved"
    assert progress["made"]["words"] == "a boot → a bag"


def test_a_request_from_a_picture_is_fitted_to_it(unclip_model):
    request = Request(model="unclip", picture=GARMENT, guidance=5)
    own = KINDS["unclip"].fitted(request, unclip_model)
    assert (own.sampler, own.steps, own.guidance, own.passes) == ("ddim", INVERSION_STEPS, 1, 1)
