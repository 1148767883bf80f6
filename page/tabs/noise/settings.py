"""The settings of the Noise tab."""

from dataclasses import dataclass

from ddpm.config import DiffusionConfig, TrainConfig
from ddpm.schedules.betas import BETAS
from ddpm.settings import like, setting, settings_of
from page.server.listeners.validation import check_setting

TAB = "noise"


@dataclass(frozen=True)
class Settings:
    seed: int = like(TrainConfig, "seed", about="seed of the noise ε")
    T: int = like(DiffusionConfig, "T", 200, low=10, high=1000, step=1)
    schedules: tuple[str, ...] = setting(  # the notebook's four, until others are chosen
        tuple(BETAS),
        "noise schedules, from left to right",
        choices="schedules.SCHEDULES",
        form="schedules.is_schedule",
    )
    notebook: bool = setting(
        False, "true keeps β from 0.0001 to 0.02 at any T, so that a small T never reaches noise"
    )
    zero_terminal: bool = setting(
        False, "true shifts and scales √ᾱ so that it ends at 0 exactly: Lin et al. 2023"
    )


SETTINGS = settings_of(Settings)


def check(**values: object) -> None:
    """gr.Error unless each of these settings accepts its value."""
    for name, value in values.items():
        check_setting(SETTINGS[name], value, TAB)


def half_typed(T: int | None) -> bool:
    """Whether T is empty or still being typed; Gradio corrects it when the field loses focus."""
    setting = SETTINGS["T"]
    return T is None or (isinstance(T, int) and not setting.low <= T <= setting.high)
