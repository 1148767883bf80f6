"""Models that a host offers: one of diffusers in a folder, with classes, and one of ours."""

import gradio as gr
import pytest
import torch
from diffusers import DDIMPipeline, DDIMScheduler, UNet2DModel

import ddpm
from ddpm.checkpoint import build_network
from ddpm.config import Config, UnetConfig
from devtools.buttons import last_of
from devtools.tiny_models import SMALL, save_network
from devtools.visit import ASKED, VISITOR
from page.compute import plain
from page.models import offered, registry
from page.models.registry import KINDS, MODELS, Request
from page.tabs.generate import program, run
from page.tabs.generate.compare import axes
from page.tabs.generate.controls import visibility
from page.tabs.generate.tab import own_schedule
from page.texts import TEXTS
from page.texts import offered as texts

UNET = {
    "sample_size": 8, "in_channels": 3, "out_channels": 3, "layers_per_block": 1,
    "norm_num_groups": 4, "block_out_channels": (8, 8), "attention_head_dim": 4,
    "down_block_types": ("DownBlock2D", "DownBlock2D"), "num_class_embeds": 12,
    "up_block_types": ("UpBlock2D", "UpBlock2D"),
}  # fmt: skip
NAME = "offered_theirs"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "theirs"
    torch.manual_seed(0)
    DDIMPipeline(UNet2DModel(**UNET), DDIMScheduler()).save_pretrained(path)
    return path


@pytest.fixture
def kind(folder, monkeypatch):
    made = offered.Offered(NAME, str(folder))
    monkeypatch.setitem(KINDS, NAME, made)
    monkeypatch.setitem(MODELS, NAME, made)
    monkeypatch.setitem(TEXTS, f"generate_model_{NAME}", ("theirs", "theirs"))
    return made


def test_a_folder_of_diffusers_is_loaded_as_any_model(folder):
    model = ddpm.load(folder, "cpu")
    assert isinstance(model, ddpm.Checkpoint) and model.classes == tuple(map(str, range(12)))
    assert model.config.diffusion.schedule == "linear"
    own = ddpm.from_diffusers(folder, device="cpu")
    settings = {"labels": 11, "steps": 3, "seed": 4}
    torch.testing.assert_close(ddpm.sample(model, 2, **settings), ddpm.sample(own, 2, **settings))
    with pytest.raises(ddpm.CheckpointError, match="it holds 'unet': load it with ddpm"):
        ddpm.Cascade.load(folder)
    with pytest.raises(ValueError, match="save its pipeline"):
        model.save(folder / "mine.safetensors")


def test_visitors_may_load_it_in_several_threads_at_once(folder, monkeypatch):
    """Accelerate's empty weights change what all threads make meanwhile."""
    monkeypatch.setattr("accelerate.init_empty_weights", lambda *args: 1 / 0)
    assert ddpm.load(folder, "cpu").network.shape == (3, 8, 8)


def test_a_visitor_draws_with_it_under_every_sampler_and_compares(kind, folder):
    system = kind.load(None)
    for sampler in kind.samplers:
        asked = {"model": NAME, "label": 9, "sampler": sampler, "schedule": "linear", "steps": 3}
        drawn = last_of(system, **asked, count=2, seed=4)
        expected = ddpm.sample(
            system, 2, labels=9, sampler=sampler, steps=3, seed=4,
            schedule=ddpm.Schedule.named("linear", 1000),
        )  # fmt: skip
        torch.testing.assert_close(drawn, expected)
    request = Request(**ASKED | {"model": NAME, "label": 3})
    *_, (film, _, files) = run.run(VISITOR, None, request)
    assert film.x.shape == (4, 3, 8, 8) and "/3-ddim-5-steps" in files[0]
    plan = axes.comparison(None, "sampler", "none", [], request)
    assert len(plan.requests) == 4
    assert len(axes.comparison(None, "label", "none", [], request).requests) == 10
    with pytest.raises(gr.Error, match="choose a class under"):
        list(run.run(VISITOR, None, Request(model=NAME)))
    with pytest.raises(gr.Error, match="guidance to 1"):
        axes.comparison(None, "guidance", "none", [], request)
    labels = visibility.for_model(NAME, "ddim", 10)[len(visibility.COLUMNS)]
    assert len(labels.choices) == 14 and own_schedule(NAME, None).value == "linear"
    assert not {"picture", "noise"} & kind.heeds and not kind.of_a_picture
    assert not kind.compared  # of other shapes than the shipped ones: no row beside them
    written = program.drawing({**vars(request), "start": "noise", "trained": None, "picture": ""})
    assert "model = load('theirs')" in written and str(folder) not in written


def test_a_model_of_this_project_draws_from_a_sketch_too(tmp_path):
    config = Config(UnetConfig(**SMALL | {"num_classes": None}))
    path = tmp_path / "mine.safetensors"
    ddpm.save_checkpoint(path, build_network(config), config)
    own = offered.Offered("offered_mine", str(path))
    assert {"picture", "schedule", "guidance"} <= own.heeds and not own.load(None).classes
    save_network(path, Config(UnetConfig(**SMALL), distill=ddpm.DistillConfig()))
    with pytest.raises(ddpm.CheckpointError, match="a student draws with its own sampler"):
        offered.Offered("offered_few", str(path))


def test_it_goes_to_another_process_whole(folder):
    """As ZeroGPU is sent a model: with the schedule that it learned under."""
    model = ddpm.load_checkpoint(folder, "cpu")
    there = plain.unpacked(plain.packed(model), torch.device("cpu"))
    drawn, expected = (ddpm.sample(each, 1, labels=2, steps=2) for each in (there, model))
    torch.testing.assert_close(drawn, expected)


def test_the_host_names_them_before_the_start(folder, tmp_path, monkeypatch):
    file = save_network(tmp_path / "mine.safetensors")
    monkeypatch.setenv("DDPM_MODELS", f"{folder}, {file},")
    places = texts._named()
    assert places == {"offered_theirs": str(folder), "offered_mine_safetensors": str(file)}
    assert [texts.shown(each) for each in places.values()] == ["theirs", "mine.safetensors"]
    assert texts.shown("owner/name") == "owner/name"
    monkeypatch.setattr(offered, "PLACES", places)
    monkeypatch.setattr(offered, "MODELS", offered._offered())
    found = [each.name for each in registry._found()]
    assert {*places} < {*found} and len(found) == len(registry.KINDS) + 2
    monkeypatch.setattr(offered, "PLACES", {"offered_no_such": "no such"})
    with pytest.raises(SystemExit, match="The page can't start: DDPM_MODELS: no such:"):
        offered._offered()


def test_none_is_offered_unless_the_host_names_it():
    assert not [name for name in registry.KINDS if name.startswith("offered")]
