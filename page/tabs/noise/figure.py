"""The Noise tab's figures: the curves of the chosen schedules, and a row of x_t for each."""

from pathlib import Path

from ddpm import figures
from page.tabs.noise.forward import color_of, named_schedules, start_and_noise
from page.texts import Refusal
from page.widgets.figure_menu.figure_menu import Choice, Drawn
from page.widgets.names import schedule_name

CURVES, ROWS = "noise_figure_curves", "noise_figure_rows"


def draw(
    choice: Choice, image: dict | Path | None, seed: int, T: int, schedules: list[str], *ranges
) -> Drawn:
    """`ranges`: notebook and zero_terminal."""
    chosen = named_schedules(T, schedules, *ranges)
    if not chosen:
        raise Refusal("noise_none")
    named = {schedule_name(text, choice): schedule for text, schedule in chosen.items()}
    if choice.figure == CURVES:
        styles = [color_of(text) for text in chosen]
        return f"schedules-T{T}", figures.schedules(named, styles=styles, language=choice.language)
    x_start, _ = start_and_noise(image, seed)
    return f"noise-T{T}-seed{seed}", figures.noise(named, x_start[0], seed=seed)
