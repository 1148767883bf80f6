"""An exported network, run by onnxruntime, against the one that it was made from."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

import ddpm
from ddpm.checkpoint import Part, as_part, build_network, load_parts
from ddpm.config import Config, UnetConfig
from ddpm.evaluation import frechet
from ddpm.files import SHIPPED, fingerprint
from ddpm.networks.network import Condition
from ddpm.networks.text import EncodedText
from ddpm.sampling.onnx_file import inputs_of
from devtools import ROOT
from devtools.tiny_models import SAVE

BATCH, WORDS = 3, 5  # others than those that it was traced with
EXPORT = "python -m ddpm export --checkpoint fashion_mnist_few --dtype float16 --out checkpoints/"


def untrained(unet: UnetConfig, **rest) -> Part:
    config = Config(unet, **rest)
    return as_part(build_network(config), config, {}, "cpu")


SMALL = {"image_size": 8, "dim": 8, "dim_mults": (1, 2), "dim_head": 4}


def inputs(part: Part) -> dict[str, torch.Tensor]:
    sizes, rng = {"B": BATCH, "L": WORDS}, torch.Generator().manual_seed(1)
    shapes = inputs_of(part.config).items()
    found = {
        name: torch.randn([sizes.get(n, n) for n in shape], generator=rng) for name, shape in shapes
    }
    positive = found.keys() & {"labels", "weights"}
    found |= {name: found[name].softmax(1) for name in positive}
    if "weights" in found:
        found["weights"][0, 2:] = 0  # a text's end
        found["weights"][1] = 0  # a hidden one
    if "embedding" in found:
        found["embedding"][2] = 0  # of no picture
    times = {"t": torch.tensor([0.0, 31.5, 49.0]), "aug": torch.tensor([3.0, 0.0, 20.0])}
    return found | {name: times[name] for name in found.keys() & times.keys()}


def of_torch(part: Part, given: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    given = dict(given)
    x, t = given.pop("x"), given.pop("t", None)
    text = EncodedText(given.pop("tokens"), given.pop("weights")) if "tokens" in given else None
    with torch.no_grad():
        if t is None:
            return [*part.network(x, text)]
        return [part.network(x, t, Condition(text=text, **given))]


def check(part: Part, file: Path) -> None:
    session, given = onnxruntime.InferenceSession(file), inputs(part)
    assert [each.name for each in session.get_inputs()] == [*given]
    got = session.run(None, {name: value.numpy() for name, value in given.items()})
    for ours, theirs in zip(of_torch(part, given), got, strict=True):
        assert np.abs(theirs - ours.numpy()).max() < 1e-4


@pytest.fixture(scope="module")
def labelled(tmp_path_factory) -> tuple[Part, Path]:
    """One that draws by labels, as all shipped ones of one network, and its file."""
    part, file = untrained(UnetConfig(**SMALL)), tmp_path_factory.mktemp("onnx") / "model.onnx"
    ddpm.export_onnx(part, file)
    return part, file


def test_onnxruntime_computes_what_pytorch_does(labelled):
    """With fractional times, weights of labels, and another batch than it was traced with."""
    part, file = labelled
    check(part, file)
    notes = onnxruntime.InferenceSession(file).get_modelmeta()
    notes = {key: json.loads(value) for key, value in notes.custom_metadata_map.items()}
    assert Config.from_dict(notes["config"]) == part.config
    assert notes["schedule"]["alphas_cumprod"] == part.schedule.exact_alphas_cumprod.tolist()


@pytest.mark.slow
def test_so_it_does_for_any_network(tmp_path):
    """An export takes seconds: of networks that are built alike one stands for the others."""
    other = {"num_classes": None, "learned_variance": True, "block": "convnext", "dim_mults": (1,)}
    unet = UnetConfig(**SMALL | other, attention="lowest")
    found, _ = load_parts(SAVE["unclip"](tmp_path / "model.safetensors"), device="cpu")
    assert len(found) == 3  # the pair of encoders, the prior, the decoder
    for part in (untrained(unet, network="text_super_resolution"), *found.values()):
        ddpm.export_onnx(part, file := tmp_path / f"{part.config.network}.onnx")
        check(part, file)


def weights_in(file: Path) -> dict[str, np.ndarray]:
    stored = onnx.load(file).graph.initializer
    named = ((each.name.removesuffix(".half"), each) for each in stored)
    return {
        name.removeprefix("network."): numpy_helper.to_array(each)
        for name, each in named
        if name.startswith("network.")
    }


def test_the_shipped_file_is_the_shipped_student():
    """Which visitors' browsers draw with. Another student: export it again, as EXPORT says."""
    made_of, file = (SHIPPED / f"fashion_mnist_few.{kind}" for kind in ("safetensors", "onnx"))
    session = onnxruntime.InferenceSession(file)
    assert session.get_modelmeta().custom_metadata_map["made_from"] == fingerprint(made_of), EXPORT
    part = ddpm.load_checkpoint(made_of, "cpu")
    check(part, file)
    stored, ours = weights_in(file), part.network.state_dict()
    assert {each.dtype for each in stored.values()} == {np.dtype("float16")}
    assert sum(each.size for each in stored.values()) > 0.99 * sum(w.numel() for w in ours.values())
    assert file.stat().st_size < 1.1 * made_of.stat().st_size


def test_the_example_draws_without_pytorch(labelled, tmp_path, monkeypatch):
    """What DDIM draws from the same noise; and what a student draws in its two calls is that."""
    spec = importlib.util.spec_from_file_location("sample_onnx", ROOT / "docs/sample_onnx.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    part, file = labelled
    drawn = example.sample(file, 7, n=2, calls=25, seed=3)
    x = np.random.default_rng(3).standard_normal((2, 1, 8, 8))
    times = ddpm.spaced_timesteps(part.schedule, 25, "linspace")
    eps_fn = ddpm.classifier_free_guided(part.model, torch.tensor([7, 7]))
    *_, last = ddpm.ddim(eps_fn, part.schedule, torch.from_numpy(x).float(), times)
    assert np.abs(drawn - last.x.numpy()).max() < 1e-3
    monkeypatch.chdir(tmp_path)
    student = example.sample(SHIPPED / "fashion_mnist_few.onnx", 7, n=20)
    judge = frechet.load_classifier(SHIPPED / "classifier.safetensors")
    assert (judge(torch.from_numpy(student).float()).argmax(1) == 7).sum() >= 17
    lines = (ROOT / "docs/sample_onnx.py").read_text("utf-8").splitlines()
    assert len(lines) < 45


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(ValueError, match=r"pip install .*\[onnx\]"):
        ddpm.export_onnx(untrained(UnetConfig(**SMALL)), tmp_path / "model.onnx")
