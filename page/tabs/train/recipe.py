"""A training run's settings on the page: a preset, and the fields that override it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace

import gradio as gr

from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig
from ddpm.presets import PRESETS
from ddpm.schedules.text_form import parse
from ddpm.settings import like, setting, settings_of
from page.server.listeners.pools import UNREAD, quick
from page.server.listeners.validation import check, check_setting
from page.texts import Refusal, both, text
from page.widgets.controls import control, say_good_for

TAB = "train"
DEFAULT = "minute"
MAX_MEMORY = 3_000_000_000  # bytes per run; two runs and the program fit into 8 GB
RENAMED = {"rate": "learning_rate"}  # fields with another name in `Config`


@dataclass(frozen=True)
class Recipe:
    """A preset, and the fields that override it. Everything else is as in the preset."""

    preset: str = setting(
        DEFAULT, "recipe for everything that has no argument here", choices="presets.PRESETS"
    )
    schedule: str = like(DiffusionConfig, "schedule")
    T: int = like(DiffusionConfig, "T", low=10, high=1000, step=10)
    objective: str = like(DiffusionConfig, "objective")
    loss: str = like(TrainConfig, "loss")
    block: str = like(UnetConfig, "block")
    optimizer: str = like(TrainConfig, "optimizer")
    dim: int = like(UnetConfig, "dim", low=8, high=64, step=4)
    steps: int = like(TrainConfig, "steps", low=10, high=20_000, step=5)
    batch_size: int = like(
        TrainConfig, "batch_size", about="images per step", low=8, high=256, step=8
    )
    rate: float = like(TrainConfig, "learning_rate")
    seed: int = like(TrainConfig, "seed")

    def __post_init__(self):
        check(self, TAB)
        if (needed := memory_needed(self.config())) > MAX_MEMORY:
            raise Refusal("train_too_large", needed=needed / 1e9, limit=MAX_MEMORY / 1e9)

    @classmethod
    def of(cls, preset: str) -> Recipe:
        """The fields with the preset's values."""
        values = {}
        for part in PRESETS[preset].parts().values():
            values |= vars(part)
        names = [field.name for field in fields(cls) if field.name != "preset"]
        return cls(preset, **{name: values[RENAMED.get(name, name)] for name in names})

    def config(self) -> Config:
        base = PRESETS[self.preset]
        changed = {RENAMED.get(name, name): value for name, value in asdict(self).items()}
        changed["warmup"] = min(base.train.warmup, self.steps // 10)
        parts = {
            name: replace(part, **{key: changed[key] for key in changed if key in vars(part)})
            for name, part in base.parts().items()
        }
        return Config(**parts)


SETTINGS = settings_of(Recipe)


def memory_needed(config: Config) -> int:
    """Estimated bytes of a run, without the program: the activations that each block keeps for the
    backward pass. Fitted to the peaks of runs with 28 to 64 channels and 64 to 256 images.
    """
    unet = config.unet
    side = unet.image_size // unet.patch
    numbers = sum(mult * (side >> level) ** 2 for level, mult in enumerate(unet.dim_mults))
    per_number = {"resnet": 300, "convnext": 340}[unet.block]  # bytes, over all layers
    return 150_000_000 + config.train.batch_size * unet.dim * numbers * per_number


def build() -> tuple[list[gr.components.Component], gr.Accordion]:
    """The controls, in the order of `Recipe`'s fields. The preset fills in the others, which are
    folded away but for the steps; and the fold."""
    values = asdict(Recipe.of(DEFAULT))
    in_sight = {name: _control(name, values) for name in ("preset", "steps")}
    with gr.Accordion(text("train_advanced"), open=False, elem_id="train-advanced") as fold:
        folded = {name: _control(name, values) for name in SETTINGS if name not in in_sight}
    controls = [(in_sight | folded)[name] for name in SETTINGS]
    preset, *rest = controls
    say_good_for(preset, TAB, SETTINGS["preset"])
    preset.input(quick(fields_of_preset), preset, rest, **UNREAD)
    return controls, fold


def of_drawing(schedule: str, T: int | None) -> tuple[int, gr.Accordion]:
    """The T of a schedule drawn on the Noise tab, as near as a run may have it, in the open fold;
    and says so, as few look there."""
    setting = SETTINGS["T"]
    check_setting(replace(setting, step=1), T, TAB)
    T = setting.step * round(T / setting.step)
    message = both("train_drawn").format(T=T)
    if parse(schedule).zero_terminal:
        message = f"{message}<br>{both('train_drawn_zero')}"
    gr.Info(message)
    return T, gr.Accordion(open=True)


def _control(name: str, values: dict) -> gr.components.Component:
    return control(TAB, SETTINGS[name], value=values[name])


def fields_of_preset(preset: str) -> list:
    check_setting(SETTINGS["preset"], preset, TAB)
    return list(asdict(Recipe.of(preset)).values())[1:]
