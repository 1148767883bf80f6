"""A file that isn't a checkpoint is named in the error, and no code in it runs."""

from __future__ import annotations

import json
import os

import pytest
import torch
from safetensors.torch import load_file, save_file

from ddpm import load_checkpoint
from ddpm.checkpoint import CheckpointError, load_tensors, save_tensors


def tensors_of(path) -> dict:
    """Copies, as the loaded tensors are backed by the file, which is about to be overwritten."""
    return {name: tensor.clone() for name, tensor in load_file(path).items()}


def rewrite(path, **changes) -> None:
    """The same tensors under a changed config."""
    values = load_tensors(path)[1].to_dict()
    for group, fields in changes.items():
        values[group] |= fields
    save_file(tensors_of(path), path, {"config": json.dumps(values)})


def truncated(path):
    path.write_bytes(path.read_bytes()[:-100])


def cut_in_the_header(path):
    path.write_bytes(path.read_bytes()[:50])


def empty(path):
    path.write_bytes(b"")


def pickle(path):
    torch.save({"network": tensors_of(path)}, path)


def text(path):
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n" * 9)


def no_header(path):
    save_file(tensors_of(path), path)


def foreign_header(path):
    save_file(tensors_of(path), path, {"format": "pt"})


def header_is_not_json(path):
    save_file(tensors_of(path), path, {"config": "{"})


def info_is_a_number(path):
    header = {"config": json.dumps(load_tensors(path)[1].to_dict()), "info": "7"}
    save_file(tensors_of(path), path, header)


def header_is_a_list(path):
    save_file(tensors_of(path), path, {"config": "[1, 2]"})


def missing_tensor(path):
    tensors, config, info = load_tensors(path)
    del tensors["init_conv.weight"]
    save_tensors(path, tensors, config, info)


def another_shape(path):
    rewrite(path, unet={"dim": 16})


def more_levels(path):
    rewrite(path, unet={"dim_mults": [1, 2, 2]})


def levels_that_are_not_numbers(path):
    rewrite(path, unet={"dim_mults": ["a", None]})


def negative_dim(path):
    rewrite(path, unet={"dim": -8})


def unknown_field(path):
    rewrite(path, unet={"dropout": 0.1})


def unknown_schedule(path):
    rewrite(path, diffusion={"schedule": "exponential"})


FAULTS = [
    truncated, cut_in_the_header, empty, pickle, text, no_header, foreign_header,
    header_is_not_json, header_is_a_list, info_is_a_number, missing_tensor, another_shape,
    more_levels, levels_that_are_not_numbers, negative_dim, unknown_field, unknown_schedule,
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_an_unusable_file_is_named(saved, fault):
    fault(saved)
    with pytest.raises(CheckpointError, match=r"model\.safetensors: ."):
        load_checkpoint(saved, "cpu")


@pytest.mark.parametrize("name", ["nothing.safetensors", ""])
def test_a_missing_file_or_a_directory_is_named(tmp_path, name):
    with pytest.raises(CheckpointError, match=f"{tmp_path / name}: there is no such"):
        load_checkpoint(tmp_path / name)


def test_a_pickle_is_not_loaded(tmp_path):
    """Unpickling the file would create a folder."""
    canary = tmp_path / "canary"

    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(canary),)

    torch.save(Payload(), tmp_path / "evil.safetensors")
    with pytest.raises(CheckpointError, match="pickle"):
        load_checkpoint(tmp_path / "evil.safetensors")
    assert not canary.exists()
