"""A network as a folder that diffusers loads, with the code that it needs beside it."""

import ast
import dataclasses
import importlib.util
import inspect
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch

from ddpm.checkpoint import Part
from ddpm.networks import attention, blocks, time_embedding, unet
from ddpm.sampling.sample import begin

MISSING = "an export to diffusers needs that package: pip install diffusers"
PREDICTS = {"eps": "epsilon", "v": "v_prediction", "x0": "sample"}
NETWORK = "ddpm_unet"  # the module beside the weights
# What stands before the network's code, in place of what it imports from this project
HEAD = '''"""The network of ddpm-lab (MIT licence), written by `ddpm export --to diffusers`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from torch import nn

Given = Any


class UnetConfig(SimpleNamespace):
    @property
    def shape(self):
        return self.channels, self.image_size, self.image_size


class Network(nn.Module):
    pass


def as_condition(given: Any) -> Any:
    return SimpleNamespace(labels=given)
'''


def export_diffusers(
    model: Part, folder: str | Path, *, dtype: torch.dtype = torch.float32, classes: tuple = ()
) -> None:
    """Write a model of one network as a folder of diffusers, whole or not at all: config and
    safetensors of the network, its scheduler, and a pipeline of its own.

        DiffusionPipeline.from_pretrained(folder, custom_pipeline=folder, trust_remote_code=True)

    then draws the pictures of `ddpm.sample(model)` from the same generators, with nothing of this
    project installed. `dtype` is that of the stored weights; `classes` are names for its readers.
    ValueError if the folder is there, if packages are missing, or if the model is not one network
    that draws, or a flow map.
    """
    if importlib.util.find_spec("diffusers") is None:
        raise ValueError(MISSING)
    if model.config.network != "unet":
        raise ValueError(
            f"only a model of one network that draws becomes a pipeline: this is a "
            f"{model.config.network}"
        )
    if model.config.distill is not None and model.config.distill.flow_map:
        raise ValueError("a flow map is told where it goes, and no pipeline of diffusers tells it")
    folder = Path(folder)
    if folder.exists():
        raise ValueError(f"{folder} is there already: name a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as work:
        made = Path(work) / folder.name
        _write(model, made, dtype, classes)
        os.replace(made, folder)


def _write(model: Part, folder: Path, dtype: torch.dtype, classes: tuple) -> None:
    from ddpm.exchange import diffusers_pipeline, diffusers_unet  # import diffusers

    config = model.config.unet
    settings = dataclasses.asdict(config) | {"dim_mults": list(config.dim_mults)}
    network = diffusers_unet.DdpmUnet(
        settings, config.image_size, config.channels, config.num_classes
    )
    network.network.to(dtype).load_state_dict(model.network.state_dict())
    # the times at which it draws best: with its usual number of steps first, and with others
    usual = begin(model, 1).timesteps
    times = {str(len(usual)): usual} | model.info.get("sampling", {}).get("times", {})
    pipeline = diffusers_pipeline.DdpmPipeline(
        network.eval(),
        _scheduler(model),
        usual_steps=len(usual),
        times=times,
        eps_scale=model.info.get("sampling", {}).get("eps_scale", 1.0),
        classes=[*classes] or None,
    )
    pipeline.save_pretrained(folder)
    index = folder / "model_index.json"
    parts = json.loads(index.read_text("utf-8"))
    parts |= {"_class_name": ["pipeline", "DdpmPipeline"], "unet": [NETWORK, "DdpmUnet"]}
    index.write_text(json.dumps(parts, indent=2, ensure_ascii=False), "utf-8")
    shutil.copyfile(diffusers_pipeline.__file__, folder / "pipeline.py")
    code = [HEAD, *map(_code, (time_embedding, attention, blocks, unet, diffusers_unet))]
    (folder / "unet" / f"{NETWORK}.py").write_text("\n\n".join(code), "utf-8")


def _code(module: Any) -> str:
    """The source of a module without what it says of itself and imports from this project."""
    source = inspect.getsource(module)
    lines = source.splitlines()
    for node in ast.parse(source).body:
        ours = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("ddpm", "__future__")
        )
        if ours or node.lineno == 1:
            first, after = node.lineno - 1, node.end_lineno or node.lineno
            lines[first:after] = [""] * (after - first)
    return "\n".join(lines).strip() + "\n"


def _scheduler(model: Part) -> Any:
    """That of its usual sampler, with this project's clipping of x̂_0."""
    from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
    from diffusers.schedulers.scheduling_lcm import LCMScheduler

    settings: dict[str, Any] = {
        "num_train_timesteps": model.schedule.T,
        "trained_betas": model.schedule.betas.tolist(),
        "prediction_type": PREDICTS[model.model.objective],
    }
    if model.config.distill is not None:
        # LCM's c_skip, a share of x_t that falls with t, is nothing even at t = 1
        scaling = {"timestep_scaling": 1e4, "original_inference_steps": model.schedule.T}
        return LCMScheduler(**settings, **scaling, clip_sample=True)
    return DPMSolverMultistepScheduler(
        **settings,
        solver_type="heun",  # the exact integral
        final_sigmas_type="zero",
        timestep_spacing="trailing",
        thresholding=True,  # whose threshold, held to 1, clips
        sample_max_value=1.0,
    )
