"""The Generate tab in a browser: frames stream, files download, bad input is told in words."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from ddpm.checkpoint import best_device
from tabs.models import device_name

SLOW_MS = 120_000  # two cores may be shared


@pytest.fixture
def generate(page):
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator("#generate-go")).to_be_visible()
    return page


def test_frames_stream_and_files_download(generate):
    generate.locator("#generate-steps input[type=number]").fill("12")
    generate.locator("#generate-class input").click()
    generate.get_by_role("option", name="Sneaker").click()
    generate.get_by_label("DDIM").check()
    generate.get_by_role("button", name="Show the code").click()
    expect(generate.locator("#generate-code")).to_contain_text("def ddim(")
    generate.locator("#generate-go").click()
    note = generate.locator("#generate-view .note")
    expect(note).to_contain_text("/ 12", timeout=SLOW_MS)  # a first frame, before the end
    expect(note).to_contain_text("12 / 12", timeout=SLOW_MS)
    expect(note).to_contain_text(device_name(best_device()))
    expect(generate.locator("#generate-view img")).to_have_count(2)
    expect(generate.get_by_alt_text("What the sampler holds")).to_be_visible()
    expect(generate.locator("#generate-gif img")).to_be_visible(timeout=SLOW_MS)
    for button, name in (("#generate-png", "PNG"), ("#generate-gif-file", "GIF")):
        with generate.expect_download() as download:
            generate.locator(button).click()
        assert download.value.suggested_filename.startswith("sneaker-ddim-12-steps-seed-0")
        with open(download.value.path(), "rb") as file:
            picture = Image.open(io.BytesIO(file.read()))
        assert picture.format == name
    assert picture.n_frames == 13


def test_a_seed_out_of_range_is_told(generate, console_errors):
    box = generate.locator("#generate-seed input")
    box.fill("-5")
    box.blur()
    generate.locator("#generate-go").click()
    expect(generate.locator(".toast-body").first).to_be_visible(timeout=SLOW_MS)
    console_errors.clear()


def test_stop_ends_a_long_run(generate):
    generate.locator("#generate-steps input[type=number]").fill("1000")
    generate.locator("#generate-go").click()
    note = generate.locator("#generate-view .note")
    expect(note).to_contain_text("/ 1000", timeout=SLOW_MS)
    generate.locator("#generate-stop").click()
    generate.wait_for_timeout(3000)  # the step under way may still arrive
    stopped = note.inner_text()
    generate.wait_for_timeout(2000)
    assert note.inner_text() == stopped


def test_trained_here_without_a_model_is_told(generate, console_errors):
    generate.get_by_label("Trained here").check()
    generate.locator("#generate-go").click()
    expect(generate.get_by_text("You have not trained a model yet")).to_be_visible(timeout=SLOW_MS)
    console_errors.clear()
