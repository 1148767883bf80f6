"""`ddpm export --to diffusers`: diffusers alone draws the same pictures, with none of our code."""

import json
import sys
from dataclasses import replace

import pytest
import torch
from diffusers import DDIMPipeline, DDIMScheduler, DiffusionPipeline

import ddpm
from ddpm.checkpoint import as_part, build_network
from ddpm.config import Config, DiffusionConfig, UnetConfig
from ddpm.diffusion.process import generators
from devtools.command import run
from devtools.tiny_models import save_cascade, save_student

close = torch.testing.assert_close
SMALL = {"dim": 8, "dim_mults": (1, 2), "image_size": 8, "num_classes": 3}


def small(**settings):
    return Config(UnetConfig(**SMALL), DiffusionConfig(**settings))


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """diffusers copies the code of a folder there."""
    with pytest.MonkeyPatch.context() as patch:
        where = str(tmp_path_factory.mktemp("modules"))
        patch.setenv("HF_MODULES_CACHE", where)
        patch.setattr("diffusers.utils.dynamic_modules_utils.HF_MODULES_CACHE", where)
        yield


def loaded(folder):
    return DiffusionPipeline.from_pretrained(folder, trust_remote_code=True)


def drawn(pipeline, steps, **asked):
    asked |= {"num_inference_steps": steps, "output_type": "pt"}
    return pipeline(2, generator=generators(2, 0), **asked).images


def test_diffusers_alone_draws_the_same_pictures(tmp_path, monkeypatch):
    config, path, folder = small(), tmp_path / "mine.safetensors", str(tmp_path / "exported")
    ddpm.save_checkpoint(path, build_network(config), config, classes=["a", "b", "c"])
    run("export", "--to", "diffusers", "--checkpoint", path, "--out", folder)
    with monkeypatch.context() as patch:
        for name in [name for name in sys.modules if name.partition(".")[0] == "ddpm"]:
            patch.setitem(sys.modules, name, None)  # whoever has this folder need not have us
        pipeline = DiffusionPipeline.from_pretrained(
            folder, custom_pipeline=folder, trust_remote_code=True, use_safetensors=True
        )
        asked = {"class_labels": [2, 0], "guidance_scale": 2.0, "output_type": "pt"}
        usual, more = (
            pipeline(2, generator=generators(2, 5), num_inference_steps=steps, **asked).images
            for steps in (None, 30)
        )
        assert pipeline(1, class_labels=0).images[0].size == (8, 8)
    assert pipeline.config.classes == ["a", "b", "c"]
    model = ddpm.load_checkpoint(path, "cpu")
    asked = {"labels": [2, 0], "guidance": 2.0, "seed": 5}
    close(usual, ddpm.sample(model, 2, **asked), atol=1e-3, rtol=0)
    expected = ddpm.sample(model, 2, **asked, steps=30, spacing="trailing")
    close(more, expected, atol=1e-3, rtol=0)
    assert expected.std() > 0.1 and (usual - expected).abs().max() > 0.01
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


@pytest.mark.parametrize("objective", ["eps", "x0"])
@pytest.mark.parametrize("schedule", ["linear", "drawn~0_8~1_-9~zero_terminal"])
def test_every_objective_and_a_schedule_that_ends_in_pure_noise(tmp_path, objective, schedule):
    config = small(objective=objective, schedule=schedule)
    model = as_part(build_network(config), config, {}, "cpu")
    ddpm.export_diffusers(model, tmp_path / "out")
    pipeline = loaded(tmp_path / "out")
    for steps in (None, 7):
        spacing = None if steps is None else "trailing"
        expected = ddpm.sample(model, 2, steps=steps, spacing=spacing)
        close(drawn(pipeline, steps), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
def test_a_scale_of_eps_goes_with_the_times_that_it_was_found_for(tmp_path, objective):
    config = small(objective=objective)
    info = {"sampling": {"times": {"4": [980, 700, 300, 20]}, "eps_scale": 1.1}}
    model = as_part(build_network(config), config, info, "cpu")
    ddpm.export_diffusers(model, tmp_path / "out")
    pipeline = loaded(tmp_path / "out")
    expected = ddpm.sample(model, 2, steps=4)
    close(drawn(pipeline, 4), expected, atol=1e-3, rtol=0)
    assert (expected - ddpm.sample(model, 2, steps=4, eps_scale=1)).abs().max() > 0.01
    close(drawn(pipeline, 7), ddpm.sample(model, 2, steps=7, spacing="trailing"), atol=1e-3, rtol=0)
    guided = ddpm.sample(model, 2, steps=4, labels=1, guidance=2)
    close(drawn(pipeline, 4, class_labels=1, guidance_scale=2), guided, atol=1e-3, rtol=0)


def test_a_student_and_other_schedulers(tmp_path):
    model = ddpm.load_checkpoint(save_student(tmp_path / "few.safetensors"), "cpu")
    ddpm.export_diffusers(model, tmp_path / "out")
    pipeline = loaded(tmp_path / "out")
    for steps in (1, 2):
        expected = ddpm.sample(model, 2, labels=3, steps=steps)
        found = drawn(pipeline, steps, class_labels=3)
        close(found, expected, atol=5e-3, rtol=0)  # √ᾱ is 5e-5 at t = 999: ε is rounded

    teacher = replace(model, config=replace(model.config, distill=None), info={})
    ddpm.export_diffusers(teacher, tmp_path / "teacher", dtype=torch.float32)
    pipeline = loaded(tmp_path / "teacher")
    ddim = DDIMScheduler.from_config(pipeline.scheduler.config)
    pipeline.scheduler = ddim
    seen = []
    watch = {"callback_on_step_end": lambda pipe, i, t, kwargs: seen.append(int(t))}
    expected = ddpm.sample(teacher, 2, sampler="ddim", steps=5)
    close(drawn(pipeline, 5, **watch), expected, atol=1e-3, rtol=0)
    assert seen == [999, 799, 599, 399, 199]
    x, steps = ddpm.films(pipeline, 2, num_inference_steps=5)  # and our films show it
    assert x.shape == (2, 1, 28, 28) and len(steps) == 5
    plain = DDIMPipeline(pipeline.unet, ddim)  # a pipeline of diffusers' own takes the network
    assert plain(1, num_inference_steps=2, output_type="np").images.shape == (1, 28, 28, 1)


def test_what_can_not_be_exported_says_so(tmp_path, monkeypatch):
    config = small()
    model = as_part(build_network(config), config, {}, "cpu")
    (tmp_path / "full").mkdir()
    with pytest.raises(ValueError, match="full is there already"):
        ddpm.export_diffusers(model, tmp_path / "full")
    cascade = ddpm.load(save_cascade(tmp_path / "cascade.safetensors"))
    with pytest.raises(ValueError, match="this is a super_resolution"):
        ddpm.export_diffusers(cascade.super_resolution, tmp_path / "out")
    monkeypatch.setattr(json, "dumps", lambda *a, **k: 1 / 0)  # it breaks off half-way
    with pytest.raises(ZeroDivisionError):
        ddpm.export_diffusers(model, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cascade.safetensors", "full"]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="pip install diffusers"):
        ddpm.export_diffusers(model, tmp_path / "out")
