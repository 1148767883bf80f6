"""The Noise tab in a browser: it draws q_sample; settings, links, uploads and files."""

import math
import re
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect

import ddpm
from ddpm.schedules.betas import BETAS
from devtools.tabs import PANEL, colours, set_time, shared_link
from devtools.waits import frames

LINEAR = f'{PANEL}[data-schedule="linear"] canvas'
OTHER_THAN = f"""before =>
    document.querySelector('{LINEAR}')?.toDataURL() !== before"""


@pytest.fixture
def photo():
    """A picture with edges, ramps and colours, not square."""
    y, x = np.mgrid[:300, :400]
    pixels = np.stack([x * 255 // 399, y * 255 // 299, (x // 40 + y // 40) % 2 * 255], -1)
    return Image.fromarray(pixels.astype(np.uint8))


@contextmanager
def redrawn(page):
    """Once the canvas has changed."""
    before = page.locator(LINEAR).evaluate("canvas => canvas.toDataURL()")
    yield
    page.wait_for_function(OTHER_THAN, arg=before)


def upload(page, path):
    with redrawn(page):
        page.locator("#noise-image input[type=file]").set_input_files(path)


def test_canvases_and_numbers_are_those_of_the_schedule(noise, tmp_path, photo):
    set_time(noise, 60)
    schedule = ddpm.Schedule.named("cosine", 200)
    decibel = 10 * schedule.log_snr[60].item() / math.log(10)
    expect(noise.locator(f'{PANEL}[data-schedule="cosine"] dd')).to_have_text(
        [f"{schedule.betas[60]:.4f}", f"{schedule.alphas_cumprod[60]:.4f}", f"{decibel:+.1f} dB"]
    )

    for size, channels, seed in ((128, 3, 0), (28, 1, 7)):
        picture = photo if channels == 3 else photo.convert("L").resize((size, size))
        picture.save(path := tmp_path / f"{size}.png")
        upload(noise, path)
        if seed:
            with redrawn(noise):
                noise.locator("#noise-seed input").fill(str(seed))
        x_start = ddpm.from_pil(picture, size, channels)[None]
        eps = ddpm.randn_like(x_start, torch.Generator().manual_seed(seed))
        for t in (0, 7, 60, 199):
            set_time(noise, t)
            for name in BETAS:
                x_t = ddpm.q_sample(ddpm.Schedule.named(name, 200), x_start, torch.tensor([t]), eps)
                canvas = noise.locator(f'{PANEL}[data-schedule="{name}"] canvas')
                drawn = colours(canvas)[..., :3].permute(2, 0, 1)
                difference = drawn - ddpm.to_uint8(x_t)[0].int()
                assert difference.abs().max() <= 1, (size, name, t)

    # the page holds the log-SNR of the first schedule
    noise.locator("#noise-schedules").get_by_label("Linear").uncheck()
    expect(noise.locator(PANEL)).to_have_count(len(BETAS) - 1)
    set_time(noise, 60)
    log_snr = noise.locator("#noise-view [data-log-snr]").get_attribute("data-log-snr")
    quadratic = ddpm.Schedule.named("quadratic", 200)
    assert float(log_snr) == pytest.approx(quadratic.log_snr[60].item(), abs=1e-5)


def test_plain_words_come_first_and_a_badge_says_where_x_T_is_not_noise(noise):
    """What is folded opens in all panels at once; a verdict moves nothing."""
    badges, plots = noise.locator("#noise-view .badge"), noise.locator("#noise-view .plots")
    top = "plots => Math.round(plots.getBoundingClientRect().top + scrollY)"
    folds = noise.locator("#noise-view summary")
    expect(folds).to_have_text(["Details"] * 4)
    expect(noise.locator("#noise-view :is(.shares, .denoise):visible")).to_have_count(8)
    expect(noise.locator("#noise-view :is(.numbers, .is-noise, .there):visible")).to_have_count(0)
    expect(badges).to_have_count(0)
    before = plots.evaluate(top)
    noise.get_by_label("β range as in the notebook").check()
    expect(folds).to_have_text(["xT is not noise yet"] * 2 + ["Details", "xT is not noise yet"])
    assert plots.evaluate(top) == before
    folds.nth(1).click()
    expect(noise.locator("#noise-view :is(.numbers, .there):visible")).to_have_count(8)
    assert "&details=1" in shared_link(noise)
    before = plots.evaluate(top)
    expect(badges).to_have_count(3)
    expect(badges.first).to_contain_text("xT is not noise yet")
    expect(badges.first).to_contain_text("36% amplitude left")
    expect(noise.locator(f'{PANEL}[data-schedule="cosine"] .badge')).to_have_count(0)
    set_time(noise, 199)  # where the bar says the same of the power
    bar = noise.locator(f'{PANEL}[data-schedule="linear"] .share')
    left = bar.locator("i").evaluate("bar => bar.getBoundingClientRect().width")
    assert left / bar.bounding_box()["width"] == pytest.approx(0.36**2, abs=0.01)
    shares = noise.locator(f'{PANEL}[data-schedule="linear"] .shares')
    expect(shares).to_have_text("13% signal87% noise")
    badges.first.click()  # what comes of it
    expect(noise.locator("#mismatch-view img")).to_have_count(2)
    noise.get_by_label("β range as in the notebook").uncheck()
    expect(badges).to_have_count(0)
    assert plots.evaluate(top) == before


def test_samples_show_what_the_notebooks_range_does_and_follow_T(noise):
    noise.get_by_role("button", name="What does the notebook's β range do").click()
    view = noise.locator("#mismatch-view")
    expect(view.get_by_alt_text("Samples from the same noise")).to_have_count(2)
    expect(view).to_contain_text("36% of the picture's amplitude is left in xT")
    broken = view.locator(".broken tr", has_text="Bag").locator("td").last
    assert int(broken.inner_text().rstrip("%")) > 20  # 10 if drawn fairly

    # no horizontal scroll, and on a phone, play and t stay in sight
    for width in (1920, 768, 390):
        noise.set_viewport_size({"width": width, "height": 844})
        frames(noise)
        assert noise.evaluate("document.documentElement.scrollWidth") <= width
    noise.locator("#noise-view .plots").scroll_into_view_if_needed()
    noise.mouse.wheel(0, 300)
    frames(noise)
    expect(noise.get_by_role("button", name="Play")).to_be_in_viewport(ratio=1)
    expect(noise.get_by_label("Time step t")).to_be_in_viewport(ratio=1)

    noise.set_viewport_size({"width": 1280, "height": 900})
    noise.locator("#noise-T input[type=number]").fill("1000")
    expect(view.locator(".broken")).to_have_count(0)
    expect(view).to_contain_text("Linear, T = 1000")
    expect(view).to_contain_text("Try T = 200")


def test_a_corrupt_upload_shows_a_message_and_does_no_harm(noise, tmp_path, photo):
    bad = tmp_path / "holiday.png"
    bad.write_bytes(b"this was a picture once")
    noise.locator("#noise-image input[type=file]").set_input_files(bad)
    message = noise.locator("#noise-image + .message")
    expect(message).to_contain_text("This file is not a picture that we can read")
    picture = noise.locator("#noise-image img")
    expect(picture).to_have_attribute("src", re.compile("cat"))  # as in the panels
    assert picture.evaluate("img => img.naturalWidth") > 0
    photo.save(good := tmp_path / "good.png")
    upload(noise, good)
    expect(message).to_have_count(0)
    expect(noise.locator(PANEL)).to_have_count(len(BETAS))

    # an example loads with one click
    noise.get_by_role("button", name="Trouser").click()
    expect(noise.locator(f"{PANEL} canvas").first).to_have_attribute("width", "28")

    noise.get_by_role("button", name="Make GIF").click()
    picture = noise.locator("#noise-gif img")
    expect(picture).to_be_visible()
    name = f"forward-{'-'.join(BETAS)}-T200-seed0.gif"
    assert name in picture.get_attribute("src")


def test_a_number_being_typed_is_no_mistake(noise):
    T, now = noise.locator("#noise-T input[type=number]"), noise.locator("#noise-view .now")
    T.fill("")
    T.press_sequentially("5000", delay=100)
    T.blur()
    expect(T).to_have_value("1000")
    expect(now).to_have_text("300 / 999")
    expect(noise.locator(".message, .toast-body")).to_have_count(0)

    # time keeps its share of T
    T.fill("200")
    expect(now).to_contain_text("/ 199")
    set_time(noise, 100)
    T.fill("1000")
    expect(now).to_have_text("502 / 999")

    # schedules come and go
    for name in ("Linear", "Quadratic", "Cosine", "Sigmoid"):
        noise.locator("#noise-schedules").get_by_label(name, exact=True).uncheck()
    expect(noise.locator(PANEL)).to_have_count(0)
    expect(noise.get_by_text("Choose at least one schedule.")).to_be_visible()
    noise.locator("#noise-schedules").get_by_label("Cosine", exact=True).check()
    expect(noise.locator(PANEL)).to_have_count(1)
    expect(noise.locator("#noise-view .curve")).to_have_count(3)
