"""Small untrained models of every kind that is shipped, and a checkout whose page finds them."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import ddpm
from ddpm.checkpoint import build_network, save_parts
from ddpm.config import Config, DistillConfig, UnetConfig
from ddpm.presets import CLASSIFIER, COLOUR
from ddpm.systems import imagen, unclip
from ddpm.systems.cascade import CASCADE
from devtools import ROOT

AUG = 150  # of the cascade
CALLS = {"sampler": "consistency", "steps": 2, "times": {"1": [999], "2": [999, 500]}}
# it sees patches of 7 × 7 pixels, 16 of a picture, so that a call costs little but its overhead
SMALL = {"dim": 8, "dim_mults": (1,), "patch": 7, "attention": "middle"}


def save_network(path: Path, config: Config | None = None, **info) -> Path:
    config = config or Config(UnetConfig(**SMALL))
    ddpm.save_checkpoint(path, build_network(config), config, **info)
    return path


def save_student(path: Path) -> Path:
    config = Config(UnetConfig(**SMALL), distill=DistillConfig())
    return save_network(path, config, sampling=CALLS)


def save_noisy_classifier(path: Path) -> Path:
    return save_network(path, replace(CLASSIFIER, unet=UnetConfig(**SMALL)))


def _save_parts(configs: dict[str, Config], path: Path, **info) -> Path:
    parts = {}
    for name, config in configs.items():
        size, classes = config.unet.image_size, config.unet.num_classes
        unet = UnetConfig(image_size=size, dim_head=4, num_classes=classes, **SMALL)
        tiny = replace(config, unet=unet)
        parts[name] = (build_network(tiny), tiny)
    save_parts(path, parts, **info)
    return path


save_cascade = partial(_save_parts, vars(CASCADE), aug=AUG)
# of other weights, so that there is something to be guided away from
WORSE = Config(UnetConfig(**SMALL | {"dim": 16}))
EMOJI = replace(COLOUR, unet=replace(COLOUR.unet, dim=8, dim_mults=(1,), patch=8))
SAVE: dict[str, Callable[[Path], Path]] = {
    "fashion_mnist": save_network,
    "fashion_mnist_taught": save_network,
    "fashion_mnist_few": save_student,
    "fashion_mnist_minute": partial(save_network, config=WORSE),
    "emoji": partial(save_network, config=EMOJI),
    "noisy_classifier": save_noisy_classifier,
    **dict.fromkeys(("cascade", "cascade_longer"), save_cascade),
    **dict.fromkeys(
        ("text_to_image", "text_to_image_longer"), partial(_save_parts, imagen.CONFIGS)
    ),
    "unclip": partial(_save_parts, unclip.CONFIGS),
}


def save_all(folder: Path) -> list[Path]:
    """One of each kind, under the shipped names."""
    return [save(folder / f"{name}.safetensors") for name, save in SAVE.items()]


def checkout_with(weights: Iterable[Path], folder: Path) -> Path:
    """`folder` as a checkout like this one, with these files in place of the shipped ones of the
    same name."""
    shutil.copy(ROOT / "app.py", folder)  # Python follows a link, and would look beside its target
    for package in ("ddpm", "page"):
        (folder / package).symlink_to(ROOT / package)
    (folder / "checkpoints").mkdir()
    found = {file.name: file for file in (ROOT / "checkpoints").iterdir()}
    for name, file in (found | {file.name: file for file in weights}).items():
        (folder / "checkpoints" / name).symlink_to(file)
    return folder
