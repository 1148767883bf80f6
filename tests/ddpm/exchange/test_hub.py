"""A model goes to the Hugging Face Hub and comes back; and all that can go wrong there. The Hub is
a server on this machine."""

import json
import logging
import sys

import pytest
import torch
from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel
from huggingface_hub import constants, metadata_load
from safetensors.torch import save

import ddpm
from ddpm import hub as of_the_hub
from ddpm.__main__ import main
from ddpm.config import Config, TrainConfig, UnetConfig
from ddpm.exchange.model_card import push_run
from ddpm.files import find_checkpoint
from devtools import command
from devtools.hub import TOKEN
from devtools.tiny_models import SMALL, save_cascade, save_noisy_classifier


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A trained one."""
    torch.manual_seed(0)
    out = tmp_path_factory.mktemp("runs") / "mine"
    images = torch.randint(0, 256, (40, 1, 28, 28), dtype=torch.uint8)
    folder = out.parent / "pets"
    folder.mkdir()
    labels, classes = torch.arange(40) % 10, tuple("abcdefghij")
    pictures = ddpm.data.dataset.Pictures(images, labels, classes, str(folder))
    config = Config(UnetConfig(**SMALL), train=TrainConfig(steps=3, batch_size=4))
    ddpm.run_training(out, config, pictures)
    saved = out / "model.safetensors"
    tensors, config, info = ddpm.checkpoint.load_tensors(saved)
    ddpm.checkpoint.save_tensors(saved, tensors, config, info | {"teacher": str(out / "teacher")})
    return out


def test_trained_pushed_and_loaded_it_draws_the_same_pictures(hub, run, monkeypatch, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    found = {"n": 500, "frechet_distance": 1.25, "floor": 0.1, "precision": 0.5, "recall": 0.25}
    (run / "evaluation.json").write_text(json.dumps(found))
    monkeypatch.setattr(sys, "argv", ["ddpm", "push", str(run), "me/mine"])
    assert main() == 0
    assert hub.created["name"] == "mine" and hub.created["organization"] == "me"
    names = {"model.safetensors", "config.json", "README.md", "samples.png", "curve.png"}
    assert hub.stored.keys() == names
    home = str(run.parent).encode()
    assert not [name for name, data in hub.stored.items() if home in data]  # no path of here
    told = {path: token for path, token in hub.asked if not path.startswith("/lfs/")}
    assert {*told.values()} <= {None, f"Bearer {TOKEN}"} and told["/api/repos/create"]

    hub.asked.clear()
    model, own = ddpm.load("me/mine", "cpu", revision="v1"), ddpm.load(run, "cpu")
    assert next(path for path, _ in hub.asked) == "/me/mine/resolve/v1/config.json"  # is counted
    settings = {"labels": 7, "steps": 3, "seed": 2}
    torch.testing.assert_close(model.sample(2, **settings), own.sample(2, **settings))
    assert Config.from_dict(json.loads(hub.stored["config.json"])) == own.config

    card = run.parent / "README.md"
    card.write_bytes(hub.stored["README.md"])
    told = metadata_load(card)
    assert told["library_name"] == "ddpm-lab" and "ddpm" in told["tags"]
    assert told["pipeline_tag"] == "unconditional-image-generation"
    (entry,) = told["model-index"]
    measured = {each["type"]: each["value"] for each in entry["results"][0]["metrics"]}
    assert measured["frechet_distance"] == 1.25 and measured["recall"] == 0.25
    text = card.read_text()
    assert "n = 500" in text and "real pictures, is 0.1000" in text
    assert 'ddpm.load("me/mine")' in text and "ddpm train --config config.json" in text
    assert "3 | 0.0 min" in text and "28 × 28" in text
    said = capfd.readouterr()
    assert "/commit/" in said.out and "secret" not in said.out + said.err + caplog.text


@pytest.mark.parametrize("has_config", [True, False])  # others' models and older ones have none
def test_what_it_had_is_used_without_a_network(hub, run, monkeypatch, has_config):
    push_run(run, "me/mine")
    if not has_config:
        del hub.stored["config.json"]
    there = find_checkpoint("me/mine")
    hub.fault = 500
    assert find_checkpoint("me/mine") == there
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert find_checkpoint("me/mine") == there
    with pytest.raises(ddpm.CheckpointError, match="no such revision") as caught:
        hub.fault = None
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        find_checkpoint("me/mine", "v7")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("stall", "can't be reached"),
        (401, "run `hf auth login`"),
        (403, "run `hf auth login`"),
        (404, "none of this name, or it is private|seen without a login"),
        (429, "too many requests"),
        (500, "trouble of its own"),
        ("html", "did not answer as the Hub does"),
        ("half", "arrived damaged|did not answer"),
        ("huge", "1000000000000 bytes"),
    ],
)
def test_a_hub_that_fails_is_a_sentence_and_leaves_nothing_half(hub, run, fault, said, tmp_path):
    push_run(run, "me/mine")
    hub.fault = fault
    with pytest.raises(ddpm.CheckpointError, match=said) as caught:
        ddpm.load("me/mine")
    message = str(caught.value)
    assert message.startswith("me/mine: ") and "secret" not in message and "\n" not in message
    assert not list((tmp_path / "cache").rglob("model.safetensors"))


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_push_that_is_refused_is_a_sentence(hub, run, status):
    hub.status = status
    said = command.refused("push", run, "me/mine")
    assert not hub.stored and "secret" not in said
    assert said.startswith("error: me/mine on the Hugging Face Hub: ")
    assert f"(HTTP {status})" in said


def test_what_cannot_be_saved_makes_no_repository(hub, run, monkeypatch):
    def fail(*args):
        raise ValueError("no such thing is saved")

    monkeypatch.setattr(ddpm.Checkpoint, "save", fail)
    with pytest.raises(ValueError, match=r"^no such thing is saved$"):
        push_run(run, "me/mine")
    assert not hub.asked


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "no model.safetensors of this project"),
        ({"config.json": b'{"architectures": ["LlamaForCausalLM"]}', "model.safetensors": b"x"},
         "it is a model of LlamaForCausalLM"),
        ({"config.json": b"{", "model.safetensors": b"x"}, "config.json is JSON"),
        ({"model.safetensors": b"\x80\x02}q\x00."}, "be a pickle"),
        ({"model.safetensors": b"\xff" * 7 + b"\x00" * 50}, "not a whole safetensors file"),
        ({"model.safetensors": save({"weight": torch.ones(2)})}, "holds no configuration"),
        ({"pytorch_model.bin": b"\x80\x02}q\x00."}, "no model.safetensors of this project"),
        ({"model_index.json": b"{}"}, "a pipeline without a UNet2DModel in safetensors"),
    ],
)  # fmt: skip
def test_what_is_no_model_of_ours_says_what_it_is(hub, files, said):
    hub.stored.update(files)
    with pytest.raises(ddpm.CheckpointError, match=said):
        ddpm.load("me/mine")


@pytest.mark.parametrize("in_folders", [True, False])
def test_a_pipeline_of_diffusers_draws_what_its_network_says(
    hub, tmp_path, monkeypatch, in_folders
):
    """Its parts in folders, as diffusers saves them, or all beside the model_index.json, as
    google/ddpm-cifar10-32 has them; what was downloaded needs no network."""
    unet = UNet2DModel(
        8, 1, 1, down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",),
        block_out_channels=(8,), layers_per_block=1, norm_num_groups=4,
    )  # fmt: skip
    saved = tmp_path / "saved"
    DDPMPipeline(unet, DDPMScheduler()).save_pretrained(saved)
    for file in (file for file in saved.rglob("*.*") if file.is_file()):
        name = file.relative_to(saved).as_posix() if in_folders else file.name
        hub.stored[name] = file.read_bytes()
    out = tmp_path / "picture.png"
    asked = ["--checkpoint", "me/mine", "--count", 1, "--steps", 1]
    command.run("sample", *asked, "--out", out)
    assert out.is_file()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    x, t = torch.randn(2, 1, 8, 8), torch.tensor([0, 999])
    expected = unet.eval()(x, t).sample
    for named in ("me/mine", find_checkpoint("me/mine").parent):  # the folder is the page's
        loaded = ddpm.load(named, "cpu").model
        assert loaded.schedule.T == 1000
        torch.testing.assert_close(loaded.network(x, t), expected)


def test_systems_are_pushed_and_classifiers_are_not(hub, tmp_path):
    cascade = ddpm.load(save_cascade(tmp_path / "cascade.safetensors"), "cpu")
    assert cascade.push_to_hub("me/mine", private=True).endswith("/commit/1")
    assert "private" in str(hub.created) and "curve.png" not in hub.stored
    assert isinstance(ddpm.load("me/mine", "cpu"), ddpm.Cascade)
    assert "It was not measured" in hub.stored["README.md"].decode()
    with pytest.raises(ddpm.CheckpointError, match="NoisyClassifier draws nothing"):
        push_run(save_noisy_classifier(tmp_path / "noisy.safetensors"), "me/mine")
    with pytest.raises(of_the_hub.HubError, match="owner/name"):
        push_run(tmp_path / "cascade.safetensors", "mine")
