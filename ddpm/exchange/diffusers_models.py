"""Networks of Hugging Face's diffusers under this project's samplers."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ddpm.checkpoint import Part
from ddpm.config import Config, DiffusionConfig, UnetConfig
from ddpm.devices import chosen_device
from ddpm.diffusion.denoiser import Denoiser
from ddpm.exchange.sigmas import drawn_from
from ddpm.files import CheckpointError
from ddpm.hub import CONFIG
from ddpm.networks.network import NEEDS_LABEL, Given, Network, as_condition
from ddpm.networks.systems import FOREIGN
from ddpm.schedules import SCHEDULES, Schedule

OBJECTIVES = {"epsilon": "eps", "v_prediction": "v", "sample": "x0"}
# not by way of empty weights, for which Accelerate changes nn.Module in all threads
PLAIN = {"use_safetensors": True, "low_cpu_mem_usage": False}


class DiffusersUnet(Network):
    """A diffusers `UNet2DModel`, asked as this project asks.

    `no_label`: whether its last class stands for "none". Without such a class it can't be guided by
    its labels.
    """

    def __init__(self, unet: Any, no_label: bool):
        super().__init__()
        size, classes = unet.config.sample_size, unet.config.num_class_embeds
        if size is None:
            raise ValueError("this UNet2DModel doesn't say its sample_size, so no noise can begin")
        if no_label and not classes:
            raise ValueError("this UNet2DModel has no classes, so none of them stands for no label")
        height, width = (size, size) if isinstance(size, int) else size
        self.unet = unet
        self.shape = (unet.config.in_channels, height, width)
        self.num_classes = classes - no_label if classes else None
        self.no_label = no_label
        self.needs_label = bool(classes) and not no_label

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        if self.num_classes is None:
            return self.unet(x, t).sample
        labels = as_condition(condition).labels
        if labels is None:
            labels = torch.full((len(x),), self.num_classes, device=x.device)
        if labels.is_floating_point():
            raise ValueError("a UNet2DModel takes one label for each picture, not weights of them")
        if self.needs_label and bool((labels == self.num_classes).any()):
            raise ValueError(NEEDS_LABEL)
        return self.unet(x, t, class_labels=labels).sample


def from_diffusers(
    source: Any, *, no_label: bool = False, device: torch.device | str | None = None
) -> Denoiser:
    """A `UNet2DModel` with its scheduler's settings, for `ddpm.sample` and all that takes a
    Denoiser. Where x̂_0 is clipped, samplers here go on with the ε of the clipped one, as diffusers
    does with `use_clipped_model_output=True`.

    Args:
        source: a diffusers pipeline with a `unet` and a `scheduler`; or the folder of one, or its
            id on the Hugging Face Hub, such as "google/ddpm-cifar10-32". Only safetensors are read.
        no_label: its last class was trained as "no label", so that guidance can do without.
        device: None for the best there is.

    CheckpointError says what can't be read, ValueError what can't be asked in this way.
    """
    pipeline = _opened(source) if isinstance(source, str | Path) else source
    unet, scheduler = getattr(pipeline, "unet", None), getattr(pipeline, "scheduler", None)
    if type(unet).__name__ != "UNet2DModel":
        raise ValueError(
            f"a pipeline with a UNet2DModel is needed; this is {type(pipeline).__name__} with "
            f"{type(unet).__name__}"
        )
    betas = getattr(scheduler, "betas", None)
    kind = getattr(getattr(scheduler, "config", None), "prediction_type", None)
    if betas is None or kind not in OBJECTIVES:
        raise ValueError(
            f"{type(scheduler).__name__} has no β, or none of the predictions "
            f"{', '.join(OBJECTIVES)}: only models of such a forward process can be asked"
        )
    schedule = Schedule(betas.double())
    model = Denoiser(DiffusersUnet(unet, no_label), schedule, OBJECTIVES[kind])
    return model.to(chosen_device(device)).eval().requires_grad_(False)


def part_of(file: Path, device: torch.device | str | None = None) -> Part:
    """The model whose `model_index.json` this is, as `ddpm.load` returns it. Its config says of the
    network no more than its pictures and classes, and of the schedule the name, or a drawn one
    through the same log-SNRs: what it learned under is its own `schedule`."""
    model = from_diffusers(file.parent, device=device)
    channels, height, width = model.network.shape
    try:
        if height != width:
            raise ValueError(f"its pictures have {height} × {width} pixels, and must be square")
        unet = UnetConfig(height, channels, dim_mults=(1,), num_classes=model.network.num_classes)
        named = DiffusionConfig(_name_of(model.schedule), model.schedule.T, False, model.objective)
        config = Config(unet, named, network=FOREIGN, data="own")
    except ValueError as error:
        raise CheckpointError(f"{file.parent}: not a model for this project ({error})") from error
    return Part(model, config, model.schedule, {})


def _name_of(schedule: Schedule) -> str:
    for name in SCHEDULES:
        same = Schedule.named(name, schedule.T, rescale=False).exact_log_snr
        if torch.allclose(same, schedule.exact_log_snr, rtol=0, atol=1e-3):
            return name
    return drawn_from(schedule.betas.tolist())


def _opened(source: str | Path) -> Any:
    try:
        from diffusers.pipelines.pipeline_utils import DiffusionPipeline
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "models of diffusers need that package: pip install diffusers"
        ) from error
    try:
        # before gigabytes of another kind are read
        parts: Any = DiffusionPipeline.load_config(source)
        if "UNet2DModel" not in (parts.get("unet") or ()):
            raise CheckpointError(
                f"{source}: a {parts.get('_class_name')}, not a pipeline with a UNet2DModel"
            )
        folder = Path(source)
        if not folder.is_dir():
            folder = Path(DiffusionPipeline.download(source, use_safetensors=True))
        return DiffusionPipeline.from_pretrained(folder, unet=_unet(folder), **PLAIN)
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{source}: not a pipeline that diffusers can load from safetensors ({error})"
        ) from error


def _unet(folder: Path) -> Any:
    """The network of a pipeline's folder. ValueError unless its weights are those that its config
    describes: diffusers draws at random what is missing, and only logs it."""
    from diffusers.models.unets.unet_2d import UNet2DModel

    where = folder / "unet" if (folder / "unet").is_dir() else folder
    try:
        loaded: Any = UNet2DModel.from_pretrained(where, output_loading_info=True, **PLAIN)
    except RuntimeError as error:  # a tensor has another shape
        said = " ".join(str(error).split())
        raise ValueError(
            f"its weights do not fit the network of its {CONFIG}: {said:.300}"
        ) from error
    unet, found = loaded
    if missing := sorted(found["missing_keys"]):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ValueError(
            f"its weights lack {missing[0]}{more}, which the network of its {CONFIG} has"
        )
    return unet
