"""What a visitor can set of a training run: presets, fields and their ranges."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import gradio as gr

import ddpm
from ddpm.config import PRESETS, Config
from page.server.validation import MAX_SEED, check_choice, check_number, check_whole
from page.texts import both, text

DEFAULT = "minute"
RANGES = {
    "T": (10, 1000),
    "dim": (8, 64),
    "steps": (10, 20_000),
    "batch_size": (8, 256),
    "seed": (0, MAX_SEED),
}
RATES = (1e-8, 1.0)
MOST_MEMORY = 3_000_000_000  # bytes of one run; two of them fit beside the program into 8 GB
CHOICES = {
    "preset": list(PRESETS),
    "schedule": list(ddpm.SCHEDULES),
    "objective": ["eps", "v", "x0"],
    "loss": ["l1", "l2", "huber"],
    "block": ["resnet", "convnext"],
    "optimizer": ["adamw", "muon"],
}


@dataclass(frozen=True)
class Recipe:
    """A preset, and the fields that stand over it. What has no field stays as in the preset."""

    preset: str
    schedule: str
    T: int
    objective: str
    loss: str
    block: str
    optimizer: str
    dim: int
    steps: int
    batch_size: int
    rate: float
    seed: int

    def __post_init__(self):
        """gr.Error, in both languages, which names the field and what it takes."""
        for name, known in CHOICES.items():
            check_choice(_key(name), getattr(self, name), known)
        for name, (low, high) in RANGES.items():
            check_whole(_key(name), getattr(self, name), low, high)
        check_number(_key("rate"), self.rate, *RATES)
        if (needed := memory_needed(self.config())) > MOST_MEMORY:
            message = both("train_too_large")
            raise gr.Error(message.format(needed=needed / 1e9, limit=MOST_MEMORY / 1e9))

    @classmethod
    def of(cls, preset: str) -> Recipe:
        """The fields as the preset has them."""
        unet, diffusion, run = vars(config := PRESETS[preset]).values()
        return cls(
            preset, diffusion.schedule, diffusion.T, diffusion.objective, run.loss, unet.block,
            run.optimizer, unet.dim, run.steps, run.batch_size, run.learning_rate,
            config.train.seed,
        )  # fmt: skip

    def config(self) -> Config:
        base = PRESETS[self.preset]
        return Config(
            replace(base.unet, dim=self.dim, block=self.block),
            replace(base.diffusion, schedule=self.schedule, T=self.T, objective=self.objective),
            replace(
                base.train,
                optimizer=self.optimizer,
                steps=self.steps,
                batch_size=self.batch_size,
                learning_rate=self.rate,
                warmup=min(base.train.warmup, self.steps // 10),
                loss=self.loss,
                seed=self.seed,
            ),
        )


def _key(setting: str) -> str:
    """Of what a setting is called on the page."""
    return "seed" if setting == "seed" else f"train_{setting}"


def memory_needed(config: Config) -> int:
    """Bytes that a run takes beside the program itself, roughly: what each block keeps of its
    input for the backward pass. From peaks of runs with 28 to 64 channels and 64 to 256 images.
    """
    unet = config.unet
    side = unet.image_size // unet.patch
    numbers = sum(mult * (side >> level) ** 2 for level, mult in enumerate(unet.dim_mults))
    each = {"resnet": 300, "convnext": 340}[unet.block]  # bytes, over all layers
    return 150_000_000 + config.train.batch_size * unet.dim * numbers * each


def build() -> list[gr.components.Component]:
    """The controls, in the order of `Recipe`'s fields; the first fills the others."""
    values = asdict(Recipe.of(DEFAULT))

    def pick(name: str, **more) -> gr.Radio:
        choices = [(text(_label(name, value)), value) for value in CHOICES[name]]
        return gr.Radio(
            choices,
            value=values[name],
            label=text(f"train_{name}"),
            elem_id=f"train-{name}",
            **more,
        )

    def slide(name: str, step: int) -> gr.Slider:
        elem_id, label = f"train-{name}".replace("_", "-"), text(f"train_{name}")
        return gr.Slider(*RANGES[name], values[name], step=step, label=label, elem_id=elem_id)

    controls = [
        pick("preset", info=text("train_preset_info")),
        pick("schedule"),
        slide("T", 10),
        pick("objective"),
        pick("loss"),
        pick("block"),
        pick("optimizer", info=text("train_optimizer_info")),
        slide("dim", 4),
        slide("steps", 5),
        slide("batch_size", 8),
        gr.Number(values["rate"], label=text("train_rate"), elem_id="train-rate"),
        gr.Number(
            values["seed"], precision=0, minimum=0, maximum=MAX_SEED, label=text("seed"),
            elem_id="train-seed",
        ),
    ]  # fmt: skip
    preset, *fields = controls
    preset.input(
        _fields,
        preset,
        fields,
        preprocess=False,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    return controls


def _fields(preset: str) -> list:
    check_choice(_key("preset"), preset, CHOICES["preset"])
    return list(asdict(Recipe.of(preset)).values())[1:]


def _label(name: str, value: str) -> str:
    """The key of what a choice is called on the page."""
    return f"schedule_{value}" if name == "schedule" else f"train_{name}_{value}"
