"""What the browser gets is the picture to the pixel, and no larger than it need be."""

import base64
import io

import numpy as np
import pytest
import torch

import ddpm
from devtools.visit import picture_of
from page.widgets import data_uri
from page.widgets.film.scrubber import Film

NROW = 2


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grid_has_every_pixel_and_transparent_gaps(channels):
    x = torch.rand(4, channels, 28, 28) * 2 - 1
    read = np.asarray(picture_of(data_uri.grid_uri(x, NROW)))
    colours, opacity = read[..., :-1], read[..., -1]
    drawn = np.asarray(ddpm.to_pil(ddpm.make_grid(x, NROW))).reshape(colours.shape)
    assert np.array_equal(colours, drawn)
    inside = np.zeros((62, 62))
    for row, column in ((2, 2), (2, 32), (32, 2), (32, 32)):
        inside[row : row + 28, column : column + 28] = 255
    assert np.array_equal(opacity, inside)


def test_noise_and_garments_are_no_larger_than_zlib_makes_them():
    """At its own settings, which look for what is repeated, and take five times as long."""
    garments = ddpm.fashion_mnist("test", source="shipped")[0][:16]
    for x in (torch.randn(16, 1, 28, 28), garments / 127.5 - 1):
        uri = data_uri.grid_uri(x, 4)
        thorough = io.BytesIO()
        picture_of(uri).save(thorough, "png")
        assert len(base64.b64decode(uri.partition(",")[2])) < 1.05 * len(thorough.getvalue())


def test_a_film_ends_with_its_last_guess_or_with_what_a_cut_run_had():
    x = torch.rand(4, 1, 28, 28) * 2 - 1
    for last in (x / 2, x):  # x_0 is x̂_0 after the last step alone
        film = Film(torch.randn(4, 1, 28, 28), 999, 1)
        film.add(ddpm.Step(0, 999, x, last), cut=True)
        shown = film.frames[-1]
        assert shown["x"] == data_uri.grid_uri(x, NROW)
        assert shown["x_start"] == data_uri.grid_uri(last, NROW)
