import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from ddpm.data.images import from_pil, make_grid, save_gif, to_pil, to_uint8


def ramp() -> Image.Image:
    """A 16 × 16 picture of all 256 greys."""
    return Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))


def test_to_uint8_clamps_and_rounds():
    """1.01 must be white: the notebook's astype wrapped it to 0."""
    x = torch.tensor([-9.0, -1.01, -1.0, -0.999, 0.0, 0.999, 1.0, 1.01, 9.0])
    assert to_uint8(x).tolist() == [0, 0, 0, 0, 128, 255, 255, 255, 255]
    assert to_uint8(x).dtype == torch.uint8


def test_every_grey_survives_the_round_trip():
    x = from_pil(ramp(), 16, 1)
    assert x.shape == (1, 16, 16) and x.dtype == torch.float32
    assert x.min() == -1 and x.max() == 1
    # grey value g is g / 127.5 - 1
    assert torch.allclose(x.flatten(), torch.arange(256) / 127.5 - 1)
    assert np.array_equal(to_pil(x), ramp())
    assert to_pil(x).mode == "L"


def test_every_colour_channel_survives_the_round_trip():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    x = from_pil(Image.fromarray(pixels), 16, 3)
    assert torch.equal(to_uint8(x).permute(1, 2, 0), torch.from_numpy(pixels))
    assert to_pil(x).mode == "RGB"
    assert np.array_equal(to_pil(x), pixels)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "mode, colour, expected",
    [
        ("1", 1, (255, 255, 255)),
        ("L", 200, (200, 200, 200)),
        ("LA", (200, 255), (200, 200, 200)),
        ("LA", (200, 0), (255, 255, 255)),  # transparent, so white
        ("LA", (0, 51), (204, 204, 204)),  # a fifth black over white
        ("P", (10, 120, 250), (10, 120, 250)),
        ("PA", None, (128, 128, 128)),
        ("RGB", (10, 120, 250), (10, 120, 250)),
        ("RGBA", (10, 120, 250, 255), (10, 120, 250)),
        ("RGBA", (10, 120, 250, 0), (255, 255, 255)),
        ("CMYK", (255, 0, 0, 0), (0, 255, 255)),
        ("I;16", 200 * 257, (200, 200, 200)),
        ("I", 200 * 257, (200, 200, 200)),
        ("I", 200, (200, 200, 200)),
        ("F", 200.0, (200, 200, 200)),
    ],
)
def test_every_mode_is_shown_as_it_looks(mode, colour, expected, channels):
    if mode == "P":
        image = Image.new("RGB", (6, 6), colour).convert("P", palette=Image.Palette.ADAPTIVE)
    elif mode == "PA":
        image = Image.new("P", (6, 6), 128)
        image.putpalette([v for v in range(256) for _ in range(3)])  # entry v is grey v
        image = image.convert("PA")
    else:
        image = Image.new(mode, (6, 6), colour)
    assert image.mode == mode
    x = to_uint8(from_pil(image, 4, channels)).permute(1, 2, 0).reshape(16, channels)
    if channels == 1:  # ITU-R 601-2, which PIL documents for its grey
        r, g, b = expected
        expected = (round(0.299 * r + 0.587 * g + 0.114 * b),)
    assert (x - torch.tensor(expected)).abs().max() <= 1, x[0].tolist()


def test_a_transparent_palette_entry_is_white():
    """As in a GIF: the palette says which entry is transparent."""
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.info["transparency"] = 1
    assert to_uint8(from_pil(image, 4, 3)).min() == 255


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_colour_of_a_png_is_white(mode, tmp_path):
    colour = 7 if mode == "L" else (7, 8, 9)
    image = Image.new(mode, (4, 4), colour)
    image.save(tmp_path / "a.png", transparency=colour)
    with Image.open(tmp_path / "a.png") as again:
        assert again.has_transparency_data
        assert to_uint8(from_pil(again, 4, 3)).min() == 255


def test_a_transparent_grey_of_a_16_bit_png_does_not_crash(tmp_path):
    image = Image.fromarray(np.full((4, 4), 51 * 257, dtype=np.uint16))
    image.save(tmp_path / "a.png", transparency=7)
    with Image.open(tmp_path / "a.png") as again:
        assert again.mode == "I;16" and again.has_transparency_data
        assert to_uint8(from_pil(again, 4, 1)).unique().tolist() == [51]


@pytest.mark.parametrize("width, height", [(1, 1), (10, 4000), (4000, 10), (1, 50), (28, 28)])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_size_becomes_the_requested_square(width, height, channels):
    x = from_pil(Image.new("RGB", (width, height), (90, 90, 90)), 28, channels)
    assert x.shape == (channels, 28, 28)
    assert to_uint8(x).unique().tolist() == [90]


@pytest.mark.parametrize("tall", [False, True])
def test_the_centre_is_kept(tall):
    """Black, white, black: the white middle third is the whole of the crop."""
    pixels = np.zeros((30, 90), dtype=np.uint8)
    pixels[:, 30:60] = 255
    image = Image.fromarray(pixels.T.copy() if tall else pixels)
    assert to_uint8(from_pil(image, 30, 1)).unique().tolist() == [255]


def test_wrong_shapes_are_refused():
    for shape in ((2, 4, 4), (4, 4), (1, 1, 4, 4)):
        with pytest.raises(ValueError, match="1 or 3"):
            to_pil(torch.zeros(shape))
    with pytest.raises(ValueError, match="channels must be 1 or 3, not 4"):
        from_pil(ramp(), 16, 4)
    with pytest.raises(ValueError, match="make_grid needs"):
        make_grid(torch.zeros(1, 4, 4), 2)
    with pytest.raises(ValueError, match="nrow of at least 1"):
        make_grid(torch.zeros(2, 1, 4, 4), 0)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("n, nrow", [(1, 3), (2, 8), (5, 3), (6, 3)])
def test_make_grid_equals_torchvision(channels, n, nrow):
    """Row by row, with two white pixels between and around; empty places are white too."""
    x = torch.rand(n, channels, 4, 5) * 2 - 1
    theirs = torchvision.utils.make_grid(x, nrow, padding=2, pad_value=1.0)
    assert torch.equal(make_grid(x, nrow).expand(3, -1, -1), theirs)


@pytest.mark.parametrize("n, height, width", [(2, 2, 1), (5, 3, 2), (7, 3, 3), (16, 4, 4)])
def test_a_grid_of_no_given_width_is_about_square(n, height, width):
    assert make_grid(torch.zeros(n, 1, 4, 4)).shape == (1, 6 * height + 2, 6 * width + 2)


def read_gif(path) -> tuple[list[np.ndarray], list[int], dict]:
    with Image.open(path) as gif:
        frames, durations, info = [], [], dict(gif.info)
        for k in range(gif.n_frames):
            gif.seek(k)
            frames.append(np.asarray(gif.convert("RGB")))
            durations.append(gif.info["duration"])
    return frames, durations, info


def test_a_gif_holds_every_frame_to_the_pixel(tmp_path):
    """All 256 greys in each frame: no rescaling per frame, no dithering."""
    frames = [Image.fromarray(np.roll(np.asarray(ramp()), 5 * k)) for k in range(8)]
    path = save_gif(frames, tmp_path / "a.gif", seconds=2.0)
    assert path == tmp_path / "a.gif"
    read, durations, info = read_gif(path)
    assert len(read) == 8
    for frame, original in zip(read, frames, strict=True):
        for channel in range(3):
            assert np.array_equal(frame[..., channel], original)
    assert info["loop"] == 0  # forever
    assert durations == [250] * 7 + [2000]


@pytest.mark.parametrize(
    "mode, colours", [("L", (100, 110, 255, 0)), ("RGB", ((255, 0, 0), (0, 128, 255)))]
)
def test_a_frame_keeps_its_colour_whatever_the_others_hold(tmp_path, mode, colours):
    """The notebook's GIF stretched the contrast of each frame on its own."""
    frames = [Image.new(mode, (6, 6), colour) for colour in colours]
    for read, frame in zip(read_gif(save_gif(frames, tmp_path / "a.gif"))[0], frames, strict=True):
        assert np.array_equal(read, frame.convert("RGB"))


def test_scale_enlarges_by_whole_pixels(tmp_path):
    frames = [ramp(), ramp().rotate(90)]
    save_gif(frames, tmp_path / "a.gif", scale=3)
    for frame, original in zip(read_gif(tmp_path / "a.gif")[0], frames, strict=True):
        assert np.array_equal(frame[..., 0], np.kron(np.asarray(original), np.ones((3, 3))))


def test_many_frames_are_not_too_short_for_a_browser(tmp_path):
    frames = [Image.new("L", (2, 2), k) for k in range(256)]
    save_gif(frames, tmp_path / "a.gif", seconds=1.0)
    assert read_gif(tmp_path / "a.gif")[1] == [20] * 255 + [2000]


def test_frames_that_do_not_change_keep_their_time(tmp_path):
    """Pillow merges equal frames; the clip must still last as long."""
    save_gif([ramp(), ramp(), ramp().rotate(90)], tmp_path / "a.gif", seconds=3.0)
    read, durations, _ = read_gif(tmp_path / "a.gif")
    assert len(read) == 2 and durations == [2000, 2000]
    (frame,) = read_gif(save_gif([ramp()] * 3, tmp_path / "b.gif"))[0]
    assert np.array_equal(frame, ramp().convert("RGB"))


def test_a_gif_of_one_frame_and_of_none(tmp_path):
    (frame,) = read_gif(save_gif([ramp()], tmp_path / "a.gif"))[0]
    assert np.array_equal(frame, ramp().convert("RGB"))
    with pytest.raises(ValueError, match="at least one frame"):
        save_gif([], tmp_path / "b.gif")
    assert not (tmp_path / "b.gif").exists()
