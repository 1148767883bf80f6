"""The end of a program that draws with a model of two stages."""

from __future__ import annotations

from page.widgets import data_uri
from page.widgets.programs import scale

FILM = """
film = {{"base": [], "super_resolution": []}}
for found in steps:
    film[found.stage].append(ddpm.to_pil(ddpm.make_grid(found.step.x, nrow={nrow})))

film["base"][-1].save("small_pictures.png")
given = ddpm.make_grid(found.low, nrow={nrow})
ddpm.to_pil(given, scale={scale}).save("given_to_the_second.png")
ddpm.to_pil(ddpm.make_grid(found.step.x, nrow={nrow}), scale={scale}).save("pictures.png")
ddpm.save_gif(film["super_resolution"], "film.gif", scale={scale})
"""


def film(count: int) -> str:
    """Saves what the steps of both stages made."""
    nrow = data_uri.columns(count)
    return FILM.format(nrow=nrow, scale=scale(count, nrow))
