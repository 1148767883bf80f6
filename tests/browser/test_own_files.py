"""A visitor's own pictures are shown from the browser's file, before the server has read them."""

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from devtools.tabs import PANEL, colours, message, open_training

pytestmark = pytest.mark.slow

NOISE_FILE, TRAIN_FILES = "#noise-image input[type=file]", "#train-own input[type=file]"
PREVIEW = "#noise-preview"
PREVIEWED = """(count) => {
    const picture = document.querySelector("#train-view .frame img");
    const canvas = Object.assign(document.createElement("canvas"), { width: 302, height: 62 });
    canvas.getContext("2d").drawImage(picture, 0, 0);
    const [x, y] = [((count - 1) % 10) * 30 + 16, Math.floor((count - 1) / 10) * 30 + 16];
    return canvas.getContext("2d").getImageData(x, y, 1, 1).data[3] > 0;
}"""  # whether this many pictures are drawn
ROTATED = {0x0112: 6}  # EXIF: its top is on the right, as telephones write it


@pytest.fixture
def held(page):
    """Uploads wait until `held(Route.continue_)` or `held(Route.abort)`."""
    waiting = []
    page.route("**/gradio_api/upload*", lambda route: waiting.append(route))

    def end(how):
        while len(waiting) < 2:  # the upload, and the request for its progress
            page.wait_for_timeout(20)
        for _ in range(2):
            how(waiting.pop())

    return end


def photograph(path, shade: int, size=(4000, 3000)):
    """A photograph whose left quarter is dark, which EXIF turns to be its upper quarter."""
    pixels = np.full((size[1], size[0], 3), shade, np.uint8)
    pixels[:, : size[0] // 4] = 20
    exif = Image.Exif()
    exif.update(ROTATED)
    Image.fromarray(pixels).save(path, quality=85, exif=exif)
    return path


def test_a_photograph_is_shown_before_it_arrives_and_not_when_it_is_lost(
    noise, held, tmp_path, console_errors
):
    noise.locator(NOISE_FILE).set_input_files(photograph(tmp_path / "one.jpg", 200))
    preview = noise.locator(PREVIEW)
    expect(preview).to_be_visible()
    red = colours(preview)[..., 0].numpy()
    height, width = red.shape
    assert width / height == pytest.approx(3 / 4, abs=0.01)  # right side up
    assert (red[: height // 5] < 40).all()
    assert (abs(red[height // 3 :] - 200) < 10).all()
    held(Route.continue_)
    expect(preview).to_have_count(0)
    expect(noise.locator("#noise-image img")).to_have_attribute("src", re.compile("one"))

    noise.locator(NOISE_FILE).set_input_files(photograph(tmp_path / "one.jpg", 200, (400, 300)))
    expect(preview).to_be_visible()
    held(Route.abort)
    expect(preview).to_have_count(0)
    console_errors.clear()


def test_a_heic_photograph_is_refused_in_words_and_six_others_come(noise, tmp_path, console_errors):
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000))
    noise.locator(NOISE_FILE).set_input_files(path)
    expect(message(noise)).to_contain_text("This is a HEIC photo")
    expect(noise.locator(PREVIEW)).to_have_count(0)
    expect(noise.locator("#noise-image img")).to_have_attribute("src", re.compile("cat"))
    console_errors.clear()

    # of twelve megapixels each; the last one stays, in the panels as well
    noise.get_by_label("Time step t").fill("0")
    for k in range(6):
        path = photograph(tmp_path / f"{k}.jpg", 80 + 20 * k)
        noise.locator(NOISE_FILE).set_input_files(path)
        noise.wait_for_function(
            """([selector, red]) => {
                const canvas = document.querySelector(selector);
                const data = canvas.getContext("2d").getImageData(64, 100, 1, 1).data;
                return Math.abs(data[0] - red) < 20;
            }""",
            arg=[f"{PANEL} canvas", 80 + 20 * k],
        )
    expect(noise.locator(PREVIEW)).to_have_count(0)
    expect(noise.locator(".message, .toast-body")).to_have_count(0)


def own_pictures(page):
    open_training(page, 20)
    page.get_by_label("My own pictures").check()
    expect(page.locator("#train-own")).to_be_visible()


def test_pictures_to_train_on_are_shown_before_they_arrive_and_train(page, held, tmp_path):
    own_pictures(page)
    files = [photograph(tmp_path / f"{k:02}.jpg", 100 + 10 * k, (400, 300)) for k in range(12)]
    page.locator(TRAIN_FILES).set_input_files(files)
    picture = page.locator("#train-view .frame img:not(.half)")
    expect(picture).to_be_visible()
    expect(page.locator("#train-view figcaption").first).to_contain_text("the first of your")
    page.wait_for_function(PREVIEWED, arg=12)
    from_the_browser = colours(picture)[..., 0].numpy()
    held(Route.continue_)
    data = page.locator("#train-view .data")
    expect(data).to_have_text("Training data: your own pictures (12 pictures).")
    from_the_server = colours(picture)[..., 0].numpy()
    assert from_the_browser.shape == from_the_server.shape
    for k in range(12):
        row, column = divmod(k, 10)
        cell = slice(30 * row + 2, 30 * row + 30), slice(30 * column + 2, 30 * column + 30)
        difference = abs(from_the_browser[cell] - from_the_server[cell])
        assert np.median(difference) < 5 and difference[[0, -1]].max() < 15, k

    page.locator("#train-go").click()
    expect(page.locator("#train-use")).to_be_enabled()
    expect(page.locator("#train-view figcaption").first).to_contain_text("Twenty pictures")
    page.locator("#train-use").click()
    expect(page.locator("#generate-model input")).to_have_value("Trained here")
    expect(page.locator("#generate-view .note")).to_contain_text("calls: 10")


def test_too_few_pictures_leave_no_preview(page, tmp_path, console_errors):
    own_pictures(page)
    files = [photograph(tmp_path / f"{k}.jpg", 150, (40, 30)) for k in range(3)]
    page.locator(TRAIN_FILES).set_input_files(files)
    expect(message(page)).to_contain_text("Pictures chosen: 3")
    expect(page.locator("#train-view .frame img:not(.half)")).to_be_hidden()
    page.reload()  # brings them back, and what is said about them
    expect(page.locator(".toast-body")).to_have_count(1)
    said = page.locator("[data-testid=toast-text]")
    expect(said).to_have_text(["Pictures chosen: 3. Choose 10 to 5000."])
    page.evaluate("document.querySelector('#train-go').click()")  # not by hand: it joins the first
    none = "Choose 10 to 5000 pictures of your own first."
    expect(said).to_have_text(["Pictures chosen: 3. Choose 10 to 5000.", none])
    console_errors.clear()
