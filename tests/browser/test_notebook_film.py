"""A film in a notebook, which is a browser: its slider goes through the steps, one at a time."""

import io
from base64 import b64decode

import pytest
import torch
from PIL import Image
from playwright.sync_api import expect

import ddpm

LEVELS = torch.linspace(-1, 1, 130)


def test_a_slider_goes_through_a_film(new_context):
    film = ddpm.Film(
        ddpm.Step(k, 129 - k, torch.full((1, 1, 8, 8), float(x)), torch.ones(1, 1, 8, 8))
        for k, x in enumerate(LEVELS)
    )
    page = new_context().new_page()
    page.set_content(film._repr_html_())
    for place, k in ((None, 129), (0, 0), (20, 60)):  # every third, as there are many
        if place is not None:
            page.get_by_role("slider").fill(str(place))
        expect(page.locator("output")).to_have_text(f"t = {129 - k}")
        image = page.locator("img:visible")
        expect(image).to_have_count(1)
        data = b64decode(image.get_attribute("src").partition(",")[2])
        picture = Image.open(io.BytesIO(data)).convert("L")
        grey = picture.getpixel((picture.width // 4, picture.height // 2))  # x, left of x̂_0
        assert grey == pytest.approx((1 + float(LEVELS[k])) * 127.5, abs=1)
    embeddings = ddpm.Step(0, 9, torch.zeros(4, 64), torch.zeros(4, 64))
    assert ddpm.Film()._repr_html_() is None and ddpm.Film([embeddings])._repr_html_() is None
