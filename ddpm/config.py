"""Every setting of a model and of a training run, declared once; see `ddpm.settings`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from ddpm.settings import check_settings, setting


@dataclass(frozen=True)
class UnetConfig:
    """Size and build of a network; each field says what it is and its range. ValueError for a value
    out of it, or for sizes that don't fit each other."""

    image_size: int = setting(28, "height and width of the images in pixels", low=2, high=1024)
    channels: int = setting(1, "1 for grey images, 3 for RGB", low=1, high=16)
    dim: int = setting(32, "channels at the highest resolution", low=4, high=1024)
    dim_mults: tuple[int, ...] = setting(
        (1, 2, 4),
        "width of each level, in units of dim; each level halves the size",
        low=1,
        high=64,
    )
    block: str = setting("resnet", "its building block", choices="networks.blocks.BLOCKS")
    dim_head: int = setting(8, "channels of each of the four attention heads", low=1, high=256)
    patch: int = setting(1, "the network sees patch x patch pixels as one place", low=1, high=16)
    num_classes: int | None = setting(
        10, "number of labels; none for a network without labels", low=1, high=100_000
    )
    learned_variance: bool = setting(
        False, "predict the variance of a step as well (Nichol & Dhariwal 2021)"
    )
    norm_groups: int = setting(
        8, "groups in which a resnet block normalises its channels", low=1, high=256
    )
    attention: str = setting(
        "all", "which resolutions have attention", choices="networks.blocks.ATTENTION"
    )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one image: (C, H, W)."""
        return self.channels, self.image_size, self.image_size

    def __post_init__(self):
        check_settings(self)
        if not self.dim_mults:
            raise ValueError("dim_mults must be a list of at least one level, not ()")
        object.__setattr__(self, "dim_mults", tuple(self.dim_mults))  # a list equals no tuple
        stride = self.patch * 2 ** (len(self.dim_mults) - 1)
        if self.image_size % stride:
            raise ValueError(
                f"image_size of a network with {len(self.dim_mults)} levels and patch "
                f"{self.patch} must be divisible by {stride}, not {self.image_size}"
            )


@dataclass(frozen=True)
class DiffusionConfig:
    """The forward process, and what the network predicts; each field says its choices and its
    range."""

    schedule: str = setting(
        "cosine", "noise schedule", choices="schedules.SCHEDULES", form="schedules.is_schedule"
    )
    T: int = setting(1000, "number of noise levels", low=2, high=10_000)
    rescale: bool = setting(
        True, "scale the range of β by 1000/T, so that x_T is noise whatever T is"
    )
    objective: str = setting(
        "v", "what the network predicts", choices="diffusion.denoiser.OBJECTIVES"
    )

    def __post_init__(self):
        check_settings(self)


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained; each field says what it is and its range."""

    steps: int = setting(10_000, "optimizer steps of the whole run", low=1, high=10_000_000)
    batch_size: int = setting(64, "images at a time, in each process", low=1, high=65_536)
    accumulate: int = setting(1, "batches whose gradients make one step", low=1, high=1024)
    optimizer: str = setting(
        "adamw", "what moves the weights", choices="training.optimizers.OPTIMIZERS"
    )
    learning_rate: float = setting(
        2e-3, "learning rate between the warm-up and the cooldown", low=1e-8, high=1.0
    )
    warmup: int = setting(200, "steps in which the rate rises from 0", low=0, high=10_000_000)
    cooldown: float = setting(
        0.2, "last share of the steps, in which the rate falls to 0", low=0.0, high=1.0
    )
    weight_decay: float = setting(
        0.01, "share of each weight that a step takes away, times the rate", low=0.0, high=1.0
    )
    loss: str = setting(
        "l2", "distance to what the network should predict", choices="diffusion.process.LOSSES"
    )
    label_dropout: float = setting(
        0.1, "share of labels hidden, so that the network also works without", low=0.0, high=1.0
    )
    ema_decay: float = setting(
        0.999, "decay of the averaged weights, reached after a warm-up", low=0.0, high=0.99999
    )
    grad_clip: float = setting(1.0, "largest gradient norm", low=1e-6, high=1e6)
    seed: int = setting(
        0, "seed of the weights, the order of the images, t and the noise", low=0, high=2**31 - 1
    )

    def __post_init__(self):
        check_settings(self)


@dataclass(frozen=True)
class DistillConfig:
    """How a student is trained from its teacher's paths; each field says what it is and its
    range."""

    flow_map: bool = setting(
        False,
        "a student that is also told the time it goes to, and learns to go from any state of a "
        "path to any later one, in all its steps",
    )
    few: float = setting(
        0.0,
        "last share of a flow map's steps, which teach it nothing but the jumps that it makes to "
        "draw in one, two or four calls",
        low=0.0,
        high=1.0,
    )
    trajectories: int = setting(
        8_000, "the teacher's paths from noise to a picture, drawn once", low=1, high=10_000_000
    )
    calls: int = setting(10, "network calls of the teacher on each path", low=1, high=1000)
    regression: float = setting(
        0.8,
        "first share of the steps, which teach the network the ends of the teacher's paths; those "
        "after it train it to be consistent across noise levels",
        low=0.0,
        high=1.0,
    )
    tuning_rate: float = setting(
        1e-4, "learning rate after these steps, which the cooldown lowers", low=1e-8, high=1.0
    )
    judged: float = setting(
        0.0,
        "last share of the steps, which teach the ends of the paths once more, and to draw as a "
        "classifier judges, or without one as the teacher does",
        low=0.0,
        high=1.0,
    )
    judged_rate: float = setting(
        5e-4, "learning rate in the last share, which the cooldown lowers", low=1e-8, high=1.0
    )

    def __post_init__(self):
        check_settings(self)


@dataclass(frozen=True)
class Config:
    """All that is needed to build a model and to repeat its training."""

    unet: UnetConfig = field(default_factory=UnetConfig)
    diffusion: DiffusionConfig = field(default_factory=DiffusionConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    distill: DistillConfig | None = None  # of a student; None for a network that denoises
    network: str = "unet"  # which of `networks.systems.NETWORKS`
    data: str = "fashion_mnist"  # which of `data.DATASETS`; or a name for pictures of one's own

    def __post_init__(self):
        if self.network == "classifier" and self.unet.num_classes is None:
            raise ValueError("a classifier needs num_classes, the number of labels, not none")
        size = self.train.batch_size
        if self.distill is not None and self.distill.trajectories < size:
            raise ValueError(
                f"trajectories must be at least batch_size, {size}, not {self.distill.trajectories}"
            )

    def parts(self) -> dict[str, Any]:
        """Its settings dataclasses by name, without `distill` where that is None."""
        parts = vars(self).items()
        return {name: part for name, part in parts if dataclasses.is_dataclass(part)}

    def to_dict(self) -> dict:
        """All settings as plain values, for JSON: {"unet": {…}, "diffusion": {…}, …}."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> Config:
        """The inverse of `to_dict`, also after a trip of its `values` through JSON. ValueError on
        bad content."""
        try:
            unet = dict(values["unet"])
            unet["dim_mults"] = tuple(unet["dim_mults"])
            distill = values.get("distill")  # files from before there were students lack it
            return cls(
                UnetConfig(**unet),
                DiffusionConfig(**values["diffusion"]),
                TrainConfig(**values["train"]),
                None if distill is None else DistillConfig(**distill),
                *(values.get(name, getattr(cls, name)) for name in ("network", "data")),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a configuration of this project: {error}") from error
