"""A file that isn't a checkpoint is named in the error, and no code in it runs."""

import json
import os

import pytest
import torch
from safetensors.torch import load_file, save_file

import ddpm
from ddpm import load_checkpoint
from ddpm.checkpoint import CheckpointError, load_tensors, save_tensors


def tensors_of(path) -> dict:
    """Copies, as the loaded tensors are backed by the file, which is about to be overwritten."""
    return {name: tensor.clone() for name, tensor in load_file(path).items()}


def rewrite(path, **changes) -> None:
    """The same tensors under a changed config."""
    values = load_tensors(path)[1].to_dict()
    for group, fields in changes.items():
        values[group] = values[group] | fields if isinstance(fields, dict) else fields
    save_file(tensors_of(path), path, {"config": json.dumps(values)})


def with_header(path, **header) -> None:
    """The same tensors under this header."""
    save_file(tensors_of(path), path, header)


def without_a_tensor(path) -> None:
    tensors, config, info = load_tensors(path)
    del tensors["init_conv.weight"]
    save_tensors(path, tensors, config, info)


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
FAULTS = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "cut in the header": lambda path: path.write_bytes(path.read_bytes()[:50]),
    "empty": lambda path: path.write_bytes(b""),
    "pickle": lambda path: torch.save({"network": tensors_of(path)}, path),
    "text": lambda path: path.write_text(POINTER * 9),
    "no header": lambda path: save_file(tensors_of(path), path),
    "foreign header": lambda path: with_header(path, format="pt"),
    "header is not JSON": lambda path: with_header(path, config="{"),
    "header is a list": lambda path: with_header(path, config="[1, 2]"),
    "info is a number": lambda path: with_header(
        path, config=json.dumps(load_tensors(path)[1].to_dict()), info="7"
    ),
    "missing tensor": without_a_tensor,
    "another shape": lambda path: rewrite(path, unet={"dim": 16}),
    "more levels": lambda path: rewrite(path, unet={"dim_mults": [1, 2, 2]}),
    "levels that are no numbers": lambda path: rewrite(path, unet={"dim_mults": ["a", None]}),
    "negative dim": lambda path: rewrite(path, unet={"dim": -8}),
    "unknown field": lambda path: rewrite(path, unet={"dropout": 0.1}),
    "unknown schedule": lambda path: rewrite(path, diffusion={"schedule": "exponential"}),
    "network of a later version": lambda path: rewrite(path, network="transformer"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_unusable_file_is_named(saved, fault):
    FAULTS[fault](saved)
    for load in (load_checkpoint, ddpm.load):
        with pytest.raises(CheckpointError, match=r"model\.safetensors: ."):
            load(saved, "cpu")


def test_a_pickle_is_not_loaded(tmp_path):
    """Unpickling the file would create a folder."""
    canary = tmp_path / "canary"

    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(canary),)

    torch.save(Payload(), tmp_path / "evil.safetensors")
    with pytest.raises(CheckpointError, match="pickle, which is not read for safety"):
        load_checkpoint(tmp_path / "evil.safetensors")
    assert not canary.exists()
