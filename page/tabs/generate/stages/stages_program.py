"""The end of a program that draws with a model of two stages."""

from __future__ import annotations

from page.widgets import data_uri

FILM = """
film = {{"base": [], "super_resolution": []}}
for found in steps:
    film[found.stage].append(ddpm.to_pil(ddpm.make_grid(found.step.x, nrow={nrow})))

film["base"][-1].save("small_pictures.png")
ddpm.to_pil(ddpm.make_grid(found.low, nrow={nrow})).save("given_to_the_second.png")
film["super_resolution"][-1].save("pictures.png")
ddpm.save_gif(film["super_resolution"], "film.gif", scale=2)
"""


def film(count: int) -> str:
    """Saves what the steps of both stages made."""
    return FILM.format(nrow=data_uri.columns(count))
