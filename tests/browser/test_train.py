"""The Train tab in a browser: loss and samples arrive while it runs, Stop keeps the model."""

import safetensors
from playwright.sync_api import expect

SLOW_MS = 120_000  # two cores may be shared


def fill(page, name, value):
    page.locator(f"#train-{name} input[type=number]").fill(value)


def test_train_stop_use_and_download(page):
    page.get_by_role("tab", name="Train").click()
    expect(page.locator("#train-source")).to_contain_text("0,000 images", timeout=SLOW_MS)
    fill(page, "dim", "8")
    fill(page, "steps", "2000")
    fill(page, "batch-size", "8")
    page.locator("#train-go").click()
    note = page.locator("#train-view .note")
    expect(note).to_contain_text("steps/s", timeout=SLOW_MS)
    expect(page.locator("#train-view img")).to_be_visible(timeout=SLOW_MS)
    expect(page.locator("#train-plot canvas, #train-plot svg").first).to_be_visible()
    first = page.locator("#train-view img").get_attribute("src")
    # the samples change while it learns
    expect(page.locator("#train-view img")).not_to_have_attribute("src", first, timeout=SLOW_MS)
    expect(page.locator("#train-use")).to_be_disabled()

    page.locator("#train-stop").click()
    expect(page.locator("#train-use")).to_be_enabled(timeout=SLOW_MS)
    with page.expect_download() as download:
        page.locator("#train-file").click()
    with safetensors.safe_open(download.value.path(), "pt") as file:
        assert '"dim": 8' in file.metadata()["config"]

    page.locator("#train-use").click()
    expect(page.locator("#generate-go")).to_be_visible()
    expect(page.get_by_label("Trained here")).to_be_checked()
    fill_steps = page.locator("#generate-steps input[type=number]")
    fill_steps.fill("5")
    page.locator("#generate-go").click()
    expect(page.locator("#generate-view .note")).to_contain_text("5 / 5", timeout=SLOW_MS)


def test_bad_learning_rate_is_told(page, console_errors):
    page.get_by_role("tab", name="Train").click()
    page.locator("#train-rate input").fill("7")
    page.locator("#train-go").click()
    expect(page.locator(".toast-body").first).to_be_visible(timeout=SLOW_MS)
    console_errors.clear()
