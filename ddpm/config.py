"""Every setting of a model and of a training run."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field


def _check(ok: bool, name: str, expected: str, got: object) -> None:
    if not ok:
        raise ValueError(f"{name} must be {expected}, not {got!r}")


def _check_count(name: str, value: object, low: int, high: int) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    _check(whole and low <= value <= high, name, f"a whole number from {low} to {high}", value)


def _check_range(name: str, value: object, low: float, high: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    _check(number and low <= value <= high, name, f"a number from {low} to {high}", value)


def _check_flag(name: str, value: object) -> None:
    _check(isinstance(value, bool), name, "true or false", value)


@dataclass(frozen=True)
class UnetConfig:
    image_size: int = 28  # height and width in pixels; halved once for each level but the last
    channels: int = 1  # 1 for grey, 3 for RGB
    dim: int = 32  # channels at the highest resolution
    dim_mults: tuple[int, ...] = (1, 2, 4)  # width of each level, in units of dim
    block: str = "resnet"  # "resnet" or "convnext"
    dim_head: int = 8  # channels of each of the four attention heads
    patch: int = 1  # the network sees patch x patch pixels as one place
    num_classes: int | None = 10  # None for a network without labels
    learned_variance: bool = False  # predict the variance of a step as well (Nichol & Dhariwal)
    norm_groups: int = 8  # of channels that a resnet block normalises together
    attention: str = "all"  # at all resolutions, the "lowest", or in the "middle" of the network

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one image: (C, H, W)."""
        return self.channels, self.image_size, self.image_size

    def __post_init__(self):
        _check_count("image_size", self.image_size, 2, 1024)
        _check_count("channels", self.channels, 1, 16)
        _check_count("patch", self.patch, 1, 16)
        _check_count("dim", self.dim, 4, 1024)
        _check_count("dim_head", self.dim_head, 1, 256)
        _check_count("norm_groups", self.norm_groups, 1, 256)
        _check_flag("learned_variance", self.learned_variance)
        known = ("all", "lowest", "middle")
        _check(self.attention in known, "attention", f"one of {known}", self.attention)
        _check(self.block in ("resnet", "convnext"), "block", "'resnet' or 'convnext'", self.block)
        _check(len(self.dim_mults) >= 1, "dim_mults", "at least one level", self.dim_mults)
        for mult in self.dim_mults:
            _check_count("each of dim_mults", mult, 1, 64)
        stride = self.patch * 2 ** (len(self.dim_mults) - 1)
        name = f"image_size of a network with {len(self.dim_mults)} levels and patch {self.patch}"
        _check(self.image_size % stride == 0, name, f"divisible by {stride}", self.image_size)
        if self.num_classes is not None:
            _check_count("num_classes", self.num_classes, 1, 100_000)


@dataclass(frozen=True)
class DiffusionConfig:
    schedule: str = "cosine"  # a name in schedules.SCHEDULES
    T: int = 1000  # number of noise levels
    rescale: bool = True  # scale the β range by 1000/T, so that x_T is noise at any T
    objective: str = "v"  # what the network predicts: "eps", "v" or "x0"

    def __post_init__(self):
        _check_count("T", self.T, 2, 10_000)
        _check_flag("rescale", self.rescale)
        known = ("eps", "v", "x0")
        _check(self.objective in known, "objective", f"one of {known}", self.objective)


@dataclass(frozen=True)
class TrainConfig:
    steps: int = 10_000  # optimizer steps of the whole run
    batch_size: int = 64  # images at a time, in each process
    accumulate: int = 1  # batches whose gradients make one step
    optimizer: str = "adamw"  # or "muon", which takes the kernels and leaves AdamW the rest
    learning_rate: float = 2e-3  # between the warm-up and the cooldown
    warmup: int = 200  # steps from 0 to the plateau
    cooldown: float = 0.2  # last share of the steps, in which the rate falls to 0
    weight_decay: float = 0.01  # times the rate, what a step takes away of each weight
    loss: str = "l2"  # "l1", "l2" or "huber", in the space of the objective
    label_dropout: float = 0.1  # share of labels hidden, so that the network also serves without
    ema_decay: float = 0.999  # of the averaged weights, reached after a warm-up
    grad_clip: float = 1.0  # largest gradient norm
    seed: int = 0  # of the weights, the order of the images, t and the noise

    def __post_init__(self):
        _check_count("steps", self.steps, 1, 10_000_000)
        _check_count("batch_size", self.batch_size, 1, 65_536)
        _check_count("accumulate", self.accumulate, 1, 1024)
        _check_range("learning_rate", self.learning_rate, 1e-8, 1.0)
        _check_count("warmup", self.warmup, 0, 10_000_000)
        known = ("adamw", "muon")
        _check(self.optimizer in known, "optimizer", "'adamw' or 'muon'", self.optimizer)
        _check_range("cooldown", self.cooldown, 0.0, 1.0)
        _check_range("weight_decay", self.weight_decay, 0.0, 1.0)
        _check(self.loss in ("l1", "l2", "huber"), "loss", "'l1', 'l2' or 'huber'", self.loss)
        _check_range("label_dropout", self.label_dropout, 0.0, 1.0)
        _check_range("ema_decay", self.ema_decay, 0.0, 0.99999)
        _check_range("grad_clip", self.grad_clip, 1e-6, 1e6)
        _check_count("seed", self.seed, 0, 2**31 - 1)


@dataclass(frozen=True)
class Config:
    """All that is needed to build a model and to repeat its training."""

    unet: UnetConfig = field(default_factory=UnetConfig)
    diffusion: DiffusionConfig = field(default_factory=DiffusionConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def to_dict(self) -> dict:
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> Config:
        """The inverse of `to_dict`, also after a trip through JSON. ValueError on bad content."""
        try:
            unet = dict(values["unet"])
            unet["dim_mults"] = tuple(unet["dim_mults"])
            return cls(
                UnetConfig(**unet),
                DiffusionConfig(**values["diffusion"]),
                TrainConfig(**values["train"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a configuration of this project: {error}") from error


# Where a run may start from. `notebook` is the recipe of The Annotated Diffusion Model with what
# was broken in it repaired (β range rescaled, every skip used, labels, averaged weights).
PRESETS: dict[str, Config] = {
    "minute": Config(
        UnetConfig(dim=32, dim_mults=(1, 2), patch=2, norm_groups=1, attention="middle"),
        DiffusionConfig(),
        TrainConfig(
            steps=610,
            batch_size=48,
            optimizer="muon",
            learning_rate=8e-3,
            warmup=50,
            cooldown=0.7,
            weight_decay=0.1,
            ema_decay=0.99,
        ),
    ),
    "notebook": Config(
        UnetConfig(dim=28, dim_mults=(1, 2, 4), block="convnext"),
        DiffusionConfig(schedule="linear", T=200, objective="eps"),
        TrainConfig(
            steps=2345,  # 5 epochs of 60,000 images
            batch_size=128,
            learning_rate=1e-3,
            warmup=0,
            weight_decay=0.0,
            loss="huber",
            ema_decay=0.99,
        ),
    ),
    # the shipped model's: no pixel is worth a place of its own, see Unet
    "base": Config(UnetConfig(dim=48, dim_mults=(1, 2), patch=2), train=TrainConfig(steps=14_500)),
}
