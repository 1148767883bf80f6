"""Stop in the Generate tab: it answers at once, and what is on the screen can be downloaded."""

import re

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import expect

from devtools.tabs import choose, grid, message, set_number, shown, slider, where

NOTES = """(selector) => {  // what a line says from now on
    const line = document.querySelector(selector);
    window.notes = [];
    new MutationObserver(() => window.notes.push(line.textContent)).observe(
        line, { childList: true });
}"""


def after_the_click(page) -> list[str]:
    """What the line has said since Stop, after "Stopping …", which it said at once."""
    notes = page.evaluate("window.notes")
    return list(dict.fromkeys(notes[notes.index("Stopping …") :]))[1:]


def test_stop_keeps_what_was_drawn(generate, console_errors):
    """A second run is stopped: its pictures are downloaded, not those of the first."""
    go, stop = generate.locator("#generate-go"), generate.locator("#generate-stop")
    png = generate.locator("#generate-png")
    expect(stop).to_be_disabled()
    set_number(generate, "count", 4)
    set_number(generate, "steps", 2)
    go.click()
    expect(png).to_be_enabled()
    expect(stop).to_be_disabled()
    set_number(generate, "steps", 1000)
    go.click()
    expect(where(generate)).to_contain_text(re.compile(r"Step \d+ of 1000"))
    expect(png).to_be_disabled()
    expect(go).to_be_disabled()
    generate.evaluate(NOTES, "#generate-view .note")
    stop.click()
    expect(where(generate)).to_contain_text("ended here")
    (stopped,) = after_the_click(generate)
    (calls,) = re.findall(r"^Stopped after step (\d+) of 1000 · ", stopped)
    expect(where(generate)).to_have_text(f"Step {calls} of 1000 · ended here")
    expect(go).to_be_enabled()
    expect(stop).to_be_disabled()
    with generate.expect_download() as download:
        png.click()
    assert "1000-steps" in download.value.suggested_filename
    with Image.open(download.value.path()) as picture:
        assert min(picture.size) >= 480
        slider(generate).press("End")  # the film loops
        expect(where(generate)).to_contain_text("ended here")
        on_screen = shown(generate)[0].numpy()
        filled = grid(torch.ones(4, 1, 28, 28)).numpy() > 0  # gaps are transparent on the page
        small = picture.resize(on_screen.shape[::-1], Image.Resampling.NEAREST)
        assert np.abs(np.asarray(small).astype(int) - on_screen)[filled].max() <= 1

    # a refused run leaves its button on, and the pictures on the screen keep their downloads
    set_number(generate, "steps", 5000)
    go.click()
    expect(message(generate)).to_contain_text("1 to 1000")
    expect(go).to_be_enabled()
    expect(stop).to_be_disabled()
    expect(png).to_be_enabled()
    console_errors.clear()


def test_stop_ends_a_comparison(generate):
    set_number(generate, "steps", 100)
    generate.get_by_role("tab", name="Compare").click()
    choose(generate, "compare-axis", "What to draw")
    generate.locator("#compare-go").click()
    work = generate.locator("#compare-view .cost").nth(1)
    expect(work).to_contain_text("100")  # of the calls, or all of them: ten rows are left then
    generate.evaluate(NOTES, "#compare-view [role=status]")
    generate.locator("#compare-stop").click()
    expect(generate.locator("#compare-go")).to_be_enabled()
    (stopped,) = after_the_click(generate)
    (calls,) = re.findall(r"^Stopped after (\d+) of 1100 network calls", stopped)
    assert int(calls) < 1100
    if int(calls) < 100:  # the first row's own count says the same
        assert work.inner_text().startswith(f"Step {calls} / 100")
