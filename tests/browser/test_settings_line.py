"""Settings fold to one line, which says what differs from the usual."""

import re

from playwright.sync_api import expect

from devtools.tabs import PANEL
from devtools.waits import until_still

DIFFERS = "Settings: T = 1000 · seed 7; the rest at their defaults"


def test_settings_fold_to_a_line_that_says_what_differs(noise):
    line, T = noise.locator("#noise-settings-line button"), noise.locator("#noise-T input").first
    expect(line).to_contain_text("Settings: all at their defaults")
    T.fill("1000")
    noise.locator("#noise-seed input").fill("7")
    expect(line).to_contain_text(DIFFERS)
    until_still(noise)  # panels of the new T are there
    narrow = noise.locator(f"{PANEL} canvas").first.bounding_box()["width"]
    line.click()
    expect(T).to_be_hidden()
    expect(line).to_have_attribute("aria-expanded", "false")
    assert noise.locator(f"{PANEL} canvas").first.bounding_box()["width"] > 1.2 * narrow

    noise.get_by_role("tab", name="Generate").click()
    drawing = noise.locator("#generate-settings-line button")
    expect(drawing).to_have_attribute("aria-expanded", "true")
    noise.get_by_role("tab", name="Compare").click()
    expect(noise.locator("#generate-model input")).to_be_hidden()  # Compare has the whole width
    assert noise.locator("#compare-view").bounding_box()["width"] > 1100
    noise.get_by_role("tab", name="Walk").click()  # takes the settings off the page
    noise.get_by_role("tab", name="Draw").click()
    expect(noise.locator("#generate-model input")).to_be_visible()
    expect(drawing).to_contain_text("Settings: all at their defaults")

    noise.reload()  # this browser remembers both
    noise.get_by_role("tab", name="Noise").click()
    expect(line).to_contain_text(DIFFERS)
    expect(T).to_be_hidden()
    line.click()
    expect(T).to_be_visible()


def test_on_a_phone_the_sheet_s_button_says_it(phone, app_url):
    phone.goto(f"{app_url}/#train?v=1&preset=notebook")
    expect(phone.locator("#sheet-button")).to_have_text("Settings · The notebook's, repaired")
    phone.locator("#sheet-button").tap()
    expect(phone.locator("#sheet-button")).to_have_text("Close")
    expect(phone.locator("#train-settings-line")).to_be_hidden()
    expect(phone.get_by_label(re.compile("Training steps")).first).to_be_visible()
