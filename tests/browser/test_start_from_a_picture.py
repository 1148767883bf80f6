"""Generate from a picture in a browser: sketched, uploaded, or sent by the Noise tab."""

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import expect

import ddpm
from devtools.tabs import (
    PANEL,
    drag,
    grid,
    message,
    pixels,
    set_number,
    set_time,
    shown,
    slider,
    start_from_a_sketch,
    until_drawn,
    where,
)
from devtools.waits import until_still
from page.tabs.generate.from_noise import GARMENT


def test_a_sketch_is_noised_and_finished_and_an_upload_lands_on_the_pad(
    generate, first_model, tmp_path, console_errors
):
    go = generate.locator("#generate-go")
    expect(go).to_have_text("Draw from noise")
    start_from_a_sketch(generate)
    expect(go).to_have_text("Finish the sketch")
    sketch = generate.get_by_role("img", name="Sketch pad")
    expect(sketch).to_be_visible()
    until_still(generate)
    sketch.scroll_into_view_if_needed()
    for y in (8, 14, 20):  # in pixels of the picture
        drag(generate, "#generate-pad canvas", (6 / 28, y / 28), (22 / 28, y / 28), steps=5)
    drawn = pixels(generate, "#generate-pad canvas")
    assert drawn[14, 6:22].min() > 150 and drawn[:5].max() == drawn[11].max() == 0
    generate.get_by_role("button", name="Undo").click()
    drawn = pixels(generate, "#generate-pad canvas")
    assert drawn[20].max() == 0 and drawn[14].max() > 150

    set_number(generate, "count", 4)
    set_number(generate, "noise", 400)
    go.click()
    until_drawn(generate)
    slider(generate).press("Home")
    expect(where(generate)).to_contain_text("t = 400")
    seeds = [torch.Generator().manual_seed(k) for k in range(4)]
    x_start = (drawn / 127.5 - 1).expand(4, 1, -1, -1)
    eps = ddpm.randn_like(torch.empty(4, 1, 28, 28), seeds)
    x_t = ddpm.q_sample(first_model.schedule, x_start, torch.tensor([400] * 4), eps)
    assert (shown(generate)[0] - grid(x_t)).abs().max() <= 1

    y, x = np.mgrid[:28, :28]
    picture = Image.fromarray((x * y // 3).clip(0, 255).astype(np.uint8))
    picture.save(path := tmp_path / "ramp.png")
    upload = generate.locator("#generate-from-picture input[type=file]")
    canvas = generate.locator("#generate-pad canvas").element_handle()
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    upload.set_input_files(path)
    changed = "([canvas, before]) => canvas.toDataURL() !== before"
    generate.wait_for_function(changed, arg=[canvas, before])
    assert (pixels(generate, "#generate-pad canvas") == torch.tensor(np.array(picture))).all()
    damaged = {"name": "<img src=x onerror='window.hurt=1'>.png", "mimeType": "image/png"}
    upload.set_input_files(damaged | {"buffer": path.read_bytes()[:60]})
    expect(message(generate)).to_contain_text("picture")
    expect(generate.locator("img[src=x]")).to_have_count(0)
    assert generate.evaluate("window.hurt") is None  # no script runs
    console_errors.clear()


def test_denoise_from_here(page):
    """Takes the log-SNR of the panel from the Noise tab, and starts the run."""
    expect(page.locator(PANEL)).to_have_count(4, timeout=30_000)
    set_time(page, 90)
    log_snr = ddpm.Schedule.named("quadratic", 200).log_snr[90].item()
    t = (ddpm.Schedule.named("cosine", 1000).log_snr - log_snr).abs().argmin().item()
    panel = page.locator(f'{PANEL}[data-schedule="quadratic"]')
    expect(panel.locator(".there")).to_have_text(f"same SNR in Generate: t = {t} of 999")
    panel.get_by_role("button", name="Denoise from here").click()
    what = page.locator("#generate-label input")
    expect(what).to_have_value("Anything")  # a picture is of a class already
    expect(page.locator("#generate-pad canvas")).to_be_visible()
    until_drawn(page)
    expect(page.locator("#generate-noise input[type=number]")).to_have_value(str(t))
    slider(page).press("Home")
    expect(where(page)).to_contain_text(f"t = {t}")
    images, _ = ddpm.fashion_mnist("train", source="shipped")  # the network knows no cats
    assert (pixels(page, "#generate-pad canvas") == images[GARMENT, 0]).all()
