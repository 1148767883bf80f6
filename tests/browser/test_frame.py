"""The frame of the page: what a visit keeps, its two languages, its messages, its sizes."""

import json
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from devtools.tabs import PANEL, set_time, unfold_training
from docs import screenshots

pytestmark = pytest.mark.slow


def test_language_and_theme_switch_in_place_and_are_remembered(noise):
    loads = []
    noise.on("load", lambda: loads.append(1))
    noise.get_by_role("button", name="中文").click()
    expect(noise.get_by_role("tab")).to_have_text(["加噪", "生成", "训练"])
    expect(noise.get_by_role("slider", name="时间步 t")).to_be_visible()
    expect(noise.locator(f"{PANEL} .name").first).to_have_text("线性")
    noise.get_by_role("button", name="深色").click()
    expect(noise.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    noise.get_by_role("tab", name="训练").click()
    expect(noise.get_by_role("button", name="开始训练")).to_be_visible()
    assert not loads
    noise.reload()
    expect(noise.get_by_role("tab")).to_have_text(["加噪", "生成", "训练"])
    expect(noise.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    expect(noise.get_by_role("tab", name="训练")).to_have_attribute("aria-selected", "true")
    noise.get_by_role("button", name="English").click()
    expect(noise.get_by_role("tab")).to_have_text(["Noise", "Generate", "Train"])
    expect(noise.locator("footer a")).to_have_text(re.compile("Gradio"))  # and no other view


def test_a_visitor_from_elsewhere_reads_one_language(visit):
    """Gradio has texts in German, this page has none: no mixture."""
    page = visit(locale="de-DE")
    expect(page.get_by_role("tab").first).to_have_text("Noise")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_reload_brings_back_settings_and_the_picture(noise, tmp_path):
    Image.new("L", (28, 28), 77).save(path := tmp_path / "grey.png")
    noise.locator("#noise-image input[type=file]").set_input_files(path)
    canvas = noise.locator(f"{PANEL} canvas").first
    expect(canvas).to_have_attribute("width", "28")
    noise.locator("#noise-schedules").get_by_label("Linear").uncheck()
    noise.locator("#noise-T input[type=number]").fill("400")
    expect(noise.locator("#noise-view .now")).to_have_text("120 / 399")
    set_time(noise, 300, T=400)
    noise.reload()
    expect(noise.locator("#noise-view .now")).to_have_text("300 / 399")
    expect(canvas).to_have_attribute("width", "28")
    expect(noise.locator(PANEL)).to_have_count(3)
    expect(noise.locator("#noise-image img")).to_have_attribute("src", re.compile("grey"))


def test_a_message_is_in_one_language_beside_its_field(page, console_errors):
    page.get_by_role("tab", name="Train").click()
    unfold_training(page)
    page.locator("#train-rate input").fill("7")
    page.locator("#train-go").click()
    message = page.locator("#train-rate + .message")
    expect(message).to_have_text("Learning rate must be a number from 1e-08 to 1.0.")
    expect(page.locator(".toast-body")).to_have_count(0)
    page.locator("#train-rate input").fill("0.01")
    expect(message).to_have_count(0)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="开始训练")).to_be_visible()
    page.locator("#train-rate input").fill("7")
    page.locator("#train-go").click()
    expect(message).to_have_text("学习率必须是 1e-08 到 1.0 之间的数。")
    console_errors.clear()


def test_it_fits_a_laptop_a_projector_and_a_phone(noise):
    # the head leaves a laptop its screen, and type grows
    noise.set_viewport_size({"width": 1280, "height": 800})
    tabs = noise.get_by_role("tablist").bounding_box()
    assert tabs["y"] + tabs["height"] <= 120
    expect(noise.locator("#noise-T span").first).to_be_visible()
    size = "parseFloat(getComputedStyle(document.querySelector('#noise-T span')).fontSize)"
    on_a_laptop = noise.evaluate(size)
    noise.set_viewport_size({"width": 1920, "height": 1080})
    assert noise.evaluate(size) >= 1.2 * on_a_laptop >= 1.2 * 16

    # presenting hides what is set and fits one screen, also after a reload
    noise.get_by_role("button", name="Present").click()
    expect(noise.locator("#noise-settings")).to_be_hidden()
    expect(noise.locator("#noise-make-gif")).to_be_in_viewport(ratio=0.9)
    assert noise.evaluate("scrollY") == 0
    noise.reload()
    expect(noise.locator(PANEL)).to_have_count(4)
    expect(noise.locator("#noise-settings")).to_be_hidden()
    noise.keyboard.press("Escape")
    expect(noise.locator("#noise-settings")).to_be_visible()
    assert "present" not in noise.url

    # a telephone has the settings in a sheet
    noise.set_viewport_size({"width": 390, "height": 844})
    sheet, button = noise.locator("#noise-settings"), noise.locator("#sheet-button")
    expect(sheet).to_be_hidden()
    button.click()
    for setting in ("#noise-image", "#noise-T", "#noise-notebook", "#noise-seed"):
        noise.locator(setting).scroll_into_view_if_needed()
        expect(noise.locator(setting)).to_be_in_viewport()
    noise.get_by_label("β range as in the notebook").check()
    expect(noise.locator("#noise-view .badge")).to_have_count(3)
    noise.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(button).to_be_focused()


def test_a_device_without_a_camera_has_no_button_for_it(noise):
    buttons = noise.locator("#noise-image [data-testid=source-select] button:visible")
    for kind, count in (("audioinput", 2), ("videoinput", 3)):  # upload, clipboard, and camera
        found = f"navigator.mediaDevices.enumerateDevices = async () => [{{ kind: '{kind}' }}]"
        noise.add_init_script(found)  # after the one before
        noise.reload()
        expect(noise.locator(PANEL)).to_have_count(4)
        expect(buttons).to_have_count(count)


def test_the_pictures_of_the_readme_show_the_controls_of_today(page):
    stored = json.loads(screenshots.NAMES.read_text("utf-8"))
    for name, controls in screenshots.shown(page, "light", train_ms=0):
        old = f"docs/{name}.png is older than the page: make screenshots"
        assert controls == stored[name], old
