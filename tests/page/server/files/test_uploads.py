"""What visitors may upload, and the error for everything else."""

import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

import ddpm
from devtools.malformed import png, saved
from page.server.files import picture_worker
from page.server.files.picture_checks import MAX_PIXELS, Unacceptable
from page.server.files.uploads import open_upload
from page.texts import TEXTS

RED, WHITE = (255, 0, 0), (255, 255, 255)


def png_of(width, height):
    """A PNG with this size in its header and almost no data."""
    return png(size=(width, height), depth=1, rows=b"\0")


PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'

REFUSED = {
    "empty.png": (b"", "empty"),
    "text.png": (b"this is not a picture", "unknown"),
    "page.html": (b"<html><body>hello</body></html>", "unknown"),
    "drawing.svg": (SVG, "svg"),
    "drawing.png": (SVG, "svg"),
    "icon.ico": (saved(PHOTO, "ICO"), "unknown"),
    "paper.eps": (saved(PHOTO, "EPS"), "unknown"),
    "header_only.png": (saved(PHOTO, "PNG")[:12], "unknown"),
    "truncated.png": (saved(PHOTO, "PNG")[:3000], "damaged"),
    "truncated.jpg": (saved(PHOTO, "JPEG")[:1500], "damaged"),
    "truncated.gif": (saved(PHOTO, "GIF")[:2000], "damaged"),
    "truncated.bmp": (saved(PHOTO, "BMP")[:2000], "damaged"),
    "scrambled.png": (saved(PHOTO, "PNG").replace(b"IDAT\x78", b"IDAT\x00"), "damaged"),
    "9_megapixels.png": (png_of(3000, 3000), "large"),
    "20000.png": (png_of(20_000, 20_000), "large"),
    "bomb.png": (png_of(2**31 - 1, 2**31 - 1), "large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path, name):
    data, why = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(gr.Error) as caught:
        open_upload(path)
    assert TEXTS[f"upload_{why}"][0] in caught.value.message
    assert TEXTS[f"upload_{why}"][1] in caught.value.message


@pytest.mark.parametrize("upload", [None, "", {"path": None}, {}, [], 0])
def test_no_file_is_refused(upload):
    with pytest.raises(gr.Error, match="no picture"):
        open_upload(upload)


def test_a_path_longer_than_any_is_not_resolved(monkeypatch):
    monkeypatch.setattr(Path, "resolve", lambda self: pytest.fail("resolved"))
    with pytest.raises(gr.Error, match=re.escape(TEXTS["upload_foreign"][0])):
        open_upload({"path": "/a" * 3000})


def test_nothing_over_the_limit_is_decoded(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    path.write_bytes(png_of(4000, MAX_PIXELS // 4000 + 1))
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(Unacceptable, match="large"):
        picture_worker.read(str(path))


def test_the_limit_itself_is_allowed(tmp_path):
    Image.new("L", (4000, MAX_PIXELS // 4000)).save(path := tmp_path / "just.png")
    assert open_upload(path).size == (1000, 1000)  # the square in its middle, at half its size


GREY, RGB = Image.new("L", (8, 8), 200), Image.new("RGB", (8, 8), RED)
BLUE = Image.new("RGB", (8, 8), "blue")
DEEP = Image.fromarray(np.full((8, 8), 200 * 257, np.uint16))
ACCEPTED = {
    # name: (picture, format, options, the middle pixel after from_pil)
    "rgb.png": (RGB, "PNG", {}, RED),
    "rgb.jpg": (RGB, "JPEG", {"quality": 100}, RED),
    "rgb.webp": (RGB, "WEBP", {"lossless": True}, RED),
    "rgb.bmp": (RGB, "BMP", {}, RED),
    "rgb.tiff": (RGB, "TIFF", {}, RED),
    "grey.png": (GREY, "PNG", {}, (200,) * 3),
    "bilevel.png": (Image.new("1", (8, 8), 1), "PNG", {}, WHITE),
    "palette.png": (RGB.quantize(), "PNG", {}, RED),
    "rgba.png": (Image.new("RGBA", (8, 8), (*RED, 255)), "PNG", {}, RED),
    "clear.png": (Image.new("RGBA", (8, 8), (*RED, 0)), "PNG", {}, WHITE),
    "clear_grey.png": (Image.new("LA", (8, 8), (0, 0)), "PNG", {}, WHITE),
    "clear_palette.gif": (Image.new("P", (8, 8), 0), "GIF", {"transparency": 0}, WHITE),
    "cmyk.jpg": (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", {"quality": 100}, RED),
    "cmyk.tiff": (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF", {}, RED),
    "16_bit.png": (DEEP, "PNG", {}, (200,) * 3),
    "16_bit_clear.png": (DEEP, "PNG", {"transparency": 7}, (200,) * 3),
    "16_bit.tiff": (DEEP, "TIFF", {}, (200,) * 3),
    "animated.gif": (RGB, "GIF", {"save_all": True, "append_images": [BLUE]}, RED),
    "1x1.png": (Image.new("RGB", (1, 1), RED), "PNG", {}, RED),
    "10x4000.png": (Image.new("RGB", (10, 4000), RED), "PNG", {}, RED),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(tmp_path, name):
    image, format, options, middle = ACCEPTED[name]
    image.save(path := tmp_path / name, format, **options)
    opened = open_upload(path)
    assert opened.size == image.size
    x = ddpm.from_pil(opened, 8, 3)
    assert np.abs(np.array(ddpm.to_pil(x))[4, 4].astype(int) - middle).max() <= 2


@pytest.mark.parametrize(
    "orientation, corner", [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))]
)
def test_exif_rotation_is_undone(tmp_path, orientation, corner):
    """The marked corner of the stored pixels ends up at `corner`, (row, column)."""
    pixels = np.zeros((40, 60), np.uint8)
    pixels[:15, :15] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(path := tmp_path / "phone.jpg", exif=exif, quality=95)
    opened = np.array(open_upload(path))
    assert opened.shape == ((40, 60) if orientation in (1, 3) else (60, 40))
    assert opened[corner] > 200 and (opened > 128).sum() < 300
