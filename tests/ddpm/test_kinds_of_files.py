"""A file, and the folder of a run, say what they are to whoever takes them for another."""

import json

import pytest
import torch

import ddpm
from ddpm.__main__ import parser
from ddpm.checkpoint import CheckpointError, save_checkpoint, save_tensors

KINDS = {
    "fashion_mnist": ddpm.Checkpoint,
    "noisy_classifier": ddpm.NoisyClassifier,
    "cascade": ddpm.Cascade,
    "text_to_image": ddpm.Imagen,
    "unclip": ddpm.UnClip,
}
TRAINED_BY = ("train", "train-classifier", "train-cascade", "train-text", "train-unclip")
COMMANDS = dict(zip(KINDS, TRAINED_BY, strict=True))
OTHERS = (*TRAINED_BY[1:], "distill")


@pytest.mark.parametrize("file", KINDS)
@pytest.mark.parametrize("taken_for", KINDS)
def test_each_shipped_file_names_what_loads_it(file, taken_for):
    if file == taken_for:
        assert type(KINDS[file].load(file, "cpu")) is type(ddpm.load(file, "cpu")) is KINDS[file]
        return
    says = rf"{file}\.safetensors: .* load it with ddpm\.{KINDS[file].__name__}\.load$"
    with pytest.raises(CheckpointError, match=says):
        KINDS[taken_for].load(file, "cpu")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_name_or_no_device_is_refused(kind):
    for load in (KINDS[kind].load, ddpm.load):
        for wrong in (None, 5, b"fashion_mnist"):
            with pytest.raises(CheckpointError, match="a checkpoint is a path or a name, not"):
                load(wrong)
        with pytest.raises(ValueError, match=r"device must be one of .*, cpu.*, not 'gpu'"):
            load(kind, "gpu")


def test_without_a_path_the_shipped_one_is_loaded():
    for kind in KINDS.values():
        assert isinstance(kind.load(device="cpu"), kind)


def test_a_part_of_a_system_and_the_state_of_a_run_say_so(tiny_config, network, tmp_path):
    part = ddpm.checkpoint.build_network(ddpm.systems.unclip.CONFIGS["prior"])
    save_checkpoint(tmp_path / "prior.safetensors", part, ddpm.systems.unclip.CONFIGS["prior"])
    for load in (ddpm.load, ddpm.load_checkpoint):
        with pytest.raises(CheckpointError, match=r"alone, a part of what ddpm\.UnClip\.load"):
            load(tmp_path / "prior.safetensors")
    state = {f"network.{k}": v for k, v in network.state_dict().items()} | {"step": torch.tensor(3)}
    save_tensors(tmp_path / "state.safetensors", state, tiny_config, {})
    for load in (ddpm.load, ddpm.load_checkpoint):
        with pytest.raises(CheckpointError, match="the state of a run"):
            load(tmp_path / "state.safetensors")


def test_weights_that_are_not_numbers_are_refused(tmp_path, network, tiny_config):
    with torch.no_grad():
        network.init_conv.bias[0] = float("nan")
    save_checkpoint(tmp_path / "model.safetensors", network, tiny_config)
    with pytest.raises(CheckpointError, match=r"init_conv\.bias are not all finite"):
        ddpm.load_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("began", "command"),
    [(began, other) for began, own in COMMANDS.items() for other in OTHERS if other != own],
)
def test_a_run_names_the_command_that_resumes_it(tmp_path, began, command):
    """By what the folder holds when its first network is at work."""
    configs = ddpm.checkpoint.load_tensors(ddpm.checkpoint.find_checkpoint(began), dict)[1]
    if "unet" in configs:
        config = ddpm.Config.from_dict(configs)
        save_tensors(tmp_path / "state.safetensors", {"step": torch.tensor(3)}, config, {})
    else:
        (tmp_path / "config.json").write_text(json.dumps(configs))
    args = parser().parse_args([command, "--out", str(tmp_path), "--resume"])
    with pytest.raises(CheckpointError, match=f"resume it with {COMMANDS[began]} --resume"):
        args.run(args)
