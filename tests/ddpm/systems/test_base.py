"""What all models have in common: a run of stages, what it hands over, and their files."""

import pytest
import torch

import ddpm
from ddpm.networks.clip import scaled
from ddpm.systems.base import System
from ddpm.systems.run import Run
from ddpm.systems.unclip import rerank
from devtools.tiny_models import SAVE

TEXTS = ["a dark boot", "一个包"]
STEPS = {
    "fashion_mnist": {"model": 3},
    "cascade": {"base": 3, "super_resolution": 2},
    "text_to_image": {"base": 3, "super_resolution": 2},
    "unclip": {"prior": 3, "decoder": 2},
}
of_each = pytest.mark.parametrize("kind", STEPS)


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> dict[str, System]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: ddpm.load(SAVE[kind](folder / f"{kind}.safetensors"), "cpu") for kind in STEPS}


def begun(model: System, **settings) -> Run:
    return model.begin(TEXTS if model.BY_WORDS else 2, seed=3, **settings)


@of_each
def test_picture_k_comes_from_its_seed_alone(models, kind, global_rng_untouched):
    """Whatever else is drawn with it; of the right shape and range."""
    model = models[kind]
    what, last = (TEXTS, TEXTS[1:]) if model.BY_WORDS else (2, 1)
    with global_rng_untouched():
        x = model.sample(what, seed=3)
    assert x.shape == (2, 1, 28, 28) and x.abs().max() <= 1
    torch.testing.assert_close(model.sample(last, seed=4), x[1:], atol=2e-3, rtol=0)
    assert (model.sample(what, seed=9) - x).abs().max() > 1e-2


@of_each
def test_steps_may_be_given_for_each_stage_by_name(models, kind):
    model, names = models[kind], STEPS[kind]
    run = begun(model, steps=names)
    assert {name: len(times) for name, times in run.times.items()} == names
    found = [*run.steps]
    assert [each.stage for each in found] == [k for k, n in names.items() for _ in range(n)]
    in_turn = [*begun(model, steps=tuple(names.values())).steps]
    assert torch.equal(found[-1].step.x, in_turn[-1].step.x)
    last = [*names][-1]
    one = begun(model, steps={last: 1}).times  # the others as is usual
    assert len(one.pop(last)) == 1 and one == {k: begun(model).times[k] for k in one}


@of_each
def test_guidance_acts_within_the_interval_alone(models, kind):
    """In every network of it."""
    model = models[kind]
    asked = {} if model.BY_WORDS else {"labels": [1, 2]}
    plain = {"guidance": 1} | ({"prior_guidance": 1} if kind == "unclip" else {})

    def drawn(**way):
        what = TEXTS if model.BY_WORDS else 2
        return model.sample(what, seed=3, steps=STEPS[kind], **asked, **way)

    T = model.schedule.T
    always, never, within = (
        drawn(guidance=3, interval=times) for times in ((0, T), (2 * T, 3 * T), (0, T // 2))
    )
    assert torch.equal(always, drawn(guidance=3)) and torch.equal(never, drawn(**plain))
    assert not torch.equal(within, always) and not torch.equal(within, never)


@of_each
def test_a_run_hands_over_what_each_stage_began_with(models, kind):
    run = begun(models[kind], steps=2)
    noise = torch.empty(2, *run.x.shape[1:])
    assert torch.equal(run.x, ddpm.randn_like(noise, ddpm.generators(2, 3)))
    assert run.stages == {}  # no network has been asked
    found = [*run.steps]
    for name, stage in run.stages.items():
        own = [each for each in found if each.stage == name]
        assert torch.equal(own[0].before, stage.x) and torch.equal(own[-1].step.x, stage.drawn)
        assert all(each.given is stage.given for each in own)
    assert any(stage.x is run.x for stage in run.stages.values())


@pytest.mark.parametrize("use_prior", [True, False])
def test_the_decoder_hands_over_its_z_and_the_prior_its_z_t(models, use_prior):
    model = models["unclip"]
    run = begun(model, use_prior=use_prior)
    assert all(each.given.text is not None for each in run.steps)
    z_t = model.pair.text(model.encoder(TEXTS))
    z = run.stages["decoder"].given.embedding
    if use_prior:
        assert torch.equal(run.stages["prior"].given.embedding, z_t)
        assert torch.equal(z, rerank(scaled(run.stages["prior"].drawn), z_t))
    else:
        assert torch.equal(z, z_t)


def test_a_stage_that_is_reached_is_not_begun(models):
    run = begun(models["unclip"])
    decoder = run.reach("decoder")
    assert decoder.x is run.x and [*run.stages] == ["prior"]
    assert {each.stage for each in run.steps} == {"decoder"}
    assert torch.equal(decoder.drawn, models["unclip"].sample(TEXTS, seed=3))


@of_each
def test_its_film_shows_pictures_of_one_size(models, kind):
    film = [*begun(models[kind], steps=STEPS[kind]).film((1, 28, 28))]
    shown = [name for name in STEPS[kind] if name != "prior"]
    assert [step.i for step in film] == [*range(sum(STEPS[kind][name] for name in shown))]
    assert {tuple(x.shape) for step in film for x in (step.x, step.x_start)} == {(2, 1, 28, 28)}


@of_each
def test_a_saved_model_draws_the_same(models, kind, tmp_path):
    model = models[kind]
    model.save(tmp_path / "model.safetensors")
    again = ddpm.load(tmp_path, "cpu")
    assert type(again) is type(model) and again.info == model.info
    what = TEXTS if model.BY_WORDS else 2
    assert torch.equal(again.sample(what, steps=1), model.sample(what, steps=1))


def test_a_part_that_is_called_otherwise_is_refused(models, tmp_path):
    cascade = models["cascade"]
    parts = {"first": cascade.base, "second": cascade.super_resolution}
    path, named = tmp_path / "a.safetensors", {k: (v.network, v.config) for k, v in parts.items()}
    ddpm.checkpoint.save_parts(path, named)
    for load in (ddpm.load, ddpm.Cascade.load):
        with pytest.raises(ddpm.CheckpointError, match=r"not a whole Cascade .* first, second"):
            load(path)
