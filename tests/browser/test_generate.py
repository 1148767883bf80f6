"""The Generate tab in a browser: a run streams, is scrubbed without a request, and downloads."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect

import ddpm
from ddpm.checkpoint import best_device
from devtools.waits import until_loaded, until_nobody_draws
from page.compute import COMPUTE, models
from page.tabs.generate.request import Request, trajectory
from page.tabs.noise.tab import CAT
from page.widgets.film.scrubber import Film

SLOW_MS = 120_000  # two cores may be shared
PIXELS = """canvas => [...canvas.getContext("2d").getImageData(
    0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 0)]"""


@pytest.fixture
def generate(page):
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator("#generate-go")).to_be_visible()
    return page


def set_number(page, field, value):
    page.locator(f"#generate-{field} input[type=number]").fill(str(value))


def where(page):
    return page.locator("#generate-view .where")


def slider(page):
    return page.get_by_label("Position in the run")


def pixels(page, canvas):
    canvas = page.locator(canvas)
    size = canvas.evaluate("canvas => [canvas.height, canvas.width]")
    return torch.tensor(canvas.evaluate(PIXELS), dtype=torch.int32).reshape(size)


def shown(page):
    """x_t and x̂_0 as they stand on the page."""
    return [pixels(page, f"#generate-view canvas.{key}") for key in ("x", "x_start")]


def grid(x):
    return ddpm.to_uint8(ddpm.make_grid(x, 2))[0].int()


def test_the_scrubber_shows_the_trajectory_and_asks_nobody(generate):
    for field, value in (("steps", 6), ("count", 4), ("seed", 3)):
        box = generate.locator(f"#generate-{field} input[type=number]")
        box.fill(str(value))
        box.blur()
    generate.get_by_label("DDIM").check()
    generate.locator("#generate-go").click()
    expect(where(generate)).to_contain_text("done", timeout=SLOW_MS)
    expect(generate.locator("#generate-gif")).to_be_enabled(timeout=SLOW_MS)  # all has arrived
    asked = []
    generate.on(
        "request", lambda request: request.url.startswith("http") and asked.append(request.url)
    )

    x, run = trajectory(models.shipped(), Request(False, -1, 4, "ddim", 6, "cosine", 1.0, 3))
    steps = list(run)
    frames = [
        (f"Step {step.i} of 6 · t = {step.t}", before, step.x_start)
        for step, before in zip(steps, [x, *(step.x for step in steps)], strict=False)
    ]
    frames.append(("Step 6 of 6 · done, x₀", steps[-1].x, steps[-1].x_start))
    slider(generate).press("Home")
    for k, (sentence, *pair) in enumerate(frames):
        if k:
            slider(generate).press("ArrowRight")
        expect(where(generate)).to_have_text(sentence)
        for on_page, expected in zip(shown(generate), pair, strict=True):
            assert (on_page - grid(expected)).abs().max() <= 1, k
    play = generate.locator("#generate-view .play")
    play.click()
    expect(where(generate)).to_contain_text("Step 2 of 6")  # it began anew, and moves on
    expect(play).to_contain_text("Pause")
    play.click()
    expect(play).to_contain_text("Play")
    assert asked == []


def test_a_film_is_sent_once(page):
    """What the browser receives of a run is hardly more than the pictures of its film."""
    received, streams = [], set()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.dataReceived", lambda event: received.append(event))
    network.on(
        "Network.requestWillBeSent",
        lambda event: "/queue/data" in event["request"]["url"] and streams.add(event["requestId"]),
    )
    page.reload()  # a stream that is open by then may stay so: it must be seen, too
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator("#generate-go")).to_be_visible(timeout=SLOW_MS)
    until_loaded(page)
    received.clear()
    page.locator("#generate-go").click()
    expect(page.locator("#generate-gif")).to_be_enabled(timeout=SLOW_MS)  # all has arrived
    network.send("Network.enable")  # its answer comes after all events before it
    _, run = trajectory(models.shipped(), Request())
    film = Film(torch.zeros(16, 1, 28, 28), 999, 10)
    for step in run:
        film.add(step)
    size = sum(len(frame["x"]) + len(frame["x_start"]) for frame in film.frames)
    sent = sum(event["dataLength"] for event in received if event["requestId"] in streams)
    assert 0.8 * size < sent < 1.3 * size


def test_frames_stream_and_files_download(generate):
    set_number(generate, "steps", 12)
    generate.locator("#generate-label input").click()
    generate.get_by_role("option", name="Sneaker").click()
    set_number(generate, "guidance", 2)
    generate.get_by_label("DDIM").check()
    generate.get_by_role("button", name="Show the code").click()
    expect(generate.locator("#generate-code")).to_contain_text("def ddim(")
    height = generate.locator("#generate-view").bounding_box()["height"]
    generate.locator("#generate-go").click()
    expect(where(generate)).to_contain_text("of 12 · t =", timeout=SLOW_MS)  # before the end
    assert abs(generate.locator("#generate-view").bounding_box()["height"] - height) < 1
    expect(where(generate)).to_contain_text("Step 12 of 12", timeout=SLOW_MS)
    assert abs(generate.locator("#generate-view").bounding_box()["height"] - height) < 1
    note = generate.locator("#generate-view .note")
    expect(note).to_contain_text("Network calls: 12 ·")
    expect(note).to_contain_text(COMPUTE.device_name(best_device()))
    expect(note).to_contain_text("doubles the batch")
    expect(generate.get_by_role("img", name="The sampler’s picture")).to_be_visible()
    for button, name in (("#generate-png", "PNG"), ("#generate-gif", "GIF")):
        expect(generate.locator(button)).to_be_enabled(timeout=SLOW_MS)
        with generate.expect_download() as download:
            generate.locator(button).click()
        assert download.value.suggested_filename.startswith("sneaker-ddim-12-steps-seed-0")
        with open(download.value.path(), "rb") as file:
            picture = Image.open(io.BytesIO(file.read()))
        assert picture.format == name
    assert picture.n_frames == 13


def test_the_first_frame_comes_at_once(page):
    """Within 0.3 s of the click on an idle machine; the rest is room for a busy one. A visitor
    reads, while the model loads.
    """
    expect(page.locator("#noise-view .panel")).to_have_count(4, timeout=SLOW_MS)
    is_warm_up = "requestfinished", lambda request: request.url.endswith("/run/predict")
    with page.expect_event(*is_warm_up, timeout=SLOW_MS):
        page.get_by_role("tab", name="Generate").click()
    page.evaluate("""() => {
        let click;
        document.querySelector("#generate-go").addEventListener(
            "click", () => (click = performance.now()));
        const view = document.querySelector("#generate-view");
        new MutationObserver(() => {
            if (view.textContent.includes("Step 0 of")) {
                window.first_ms ??= performance.now() - click;
            }
        }).observe(view, { subtree: true, childList: true, characterData: true });
    }""")
    page.locator("#generate-go").click()
    page.wait_for_function("window.first_ms", timeout=SLOW_MS)
    first_ms = page.evaluate("window.first_ms")
    print(f"first frame after {first_ms:.0f} ms")
    assert first_ms < 1500


def test_a_sketch_is_noised_and_finished(generate):
    generate.get_by_role("button", name="Start from a picture").click()
    sketch = generate.get_by_role("img", name="Sketch pad")
    expect(sketch).to_be_visible()
    box = sketch.bounding_box()

    def point(x, y):  # in pixels of the picture
        return box["x"] + x / 28 * box["width"], box["y"] + y / 28 * box["height"]

    for y in (8, 14, 20):
        generate.mouse.move(*point(6, y))
        generate.mouse.down()
        generate.mouse.move(*point(22, y), steps=5)
        generate.mouse.up()
    drawn = pixels(generate, "#generate-pad canvas")
    assert drawn[14, 6:22].min() > 150 and drawn[:5].max() == drawn[11].max() == 0
    generate.get_by_role("button", name="Undo").click()
    drawn = pixels(generate, "#generate-pad canvas")
    assert drawn[20].max() == 0 and drawn[14].max() > 150

    set_number(generate, "count", 4)
    set_number(generate, "noise", 400)
    generate.locator("#generate-finish").click()
    expect(where(generate)).to_contain_text("done", timeout=SLOW_MS)
    slider(generate).press("Home")
    expect(where(generate)).to_contain_text("t = 400")
    seeds = [torch.Generator().manual_seed(k) for k in range(4)]
    x_start = (drawn / 127.5 - 1).expand(4, 1, -1, -1)
    eps = ddpm.randn_like(torch.empty(4, 1, 28, 28), seeds)
    x_t = ddpm.q_sample(models.shipped().schedule, x_start, torch.tensor([400] * 4), eps)
    assert (shown(generate)[0] - grid(x_t)).abs().max() <= 1


def test_an_upload_lands_on_the_pad(generate, tmp_path, console_errors):
    generate.get_by_role("button", name="Start from a picture").click()
    y, x = np.mgrid[:28, :28]
    picture = Image.fromarray((x * y // 3).clip(0, 255).astype(np.uint8))
    picture.save(path := tmp_path / "ramp.png")
    upload = generate.locator("#generate-from-picture input[type=file]")
    upload.set_input_files(path)
    canvas = generate.locator("#generate-pad canvas")
    generate.wait_for_function(
        f"canvas => ({PIXELS})(canvas).some((v) => v)", arg=canvas.element_handle()
    )
    assert (pixels(generate, "#generate-pad canvas") == torch.tensor(np.array(picture))).all()
    (damaged := tmp_path / "damaged.png").write_bytes(path.read_bytes()[:60])
    upload.set_input_files(damaged)
    expect(generate.locator(".toast-body").first).to_contain_text("picture", timeout=SLOW_MS)
    console_errors.clear()


def test_denoise_from_here(page):
    """From the Noise tab with its picture and its log-SNR, and the run begins by itself."""
    expect(page.locator("#noise-view .panel")).to_have_count(4, timeout=30_000)
    there = ddpm.Schedule.named("linear", 200).log_snr[90].item()
    page.evaluate(f"""() => {{
        const told = document.querySelector("#noise-view [data-log-snr]")
            ?? document.querySelector("#noise-view").appendChild(document.createElement("i"));
        told.dataset.logSnr = "{there}";
    }}""")
    page.locator("#noise-denoise").click()
    expect(page.locator("#generate-pad canvas")).to_be_visible(timeout=SLOW_MS)
    expect(where(page)).to_contain_text("done", timeout=SLOW_MS)
    t = (ddpm.Schedule.named("cosine", 1000).log_snr - there).abs().argmin().item()
    expect(page.locator("#generate-noise input[type=number]")).to_have_value(str(t))
    slider(page).press("Home")
    expect(where(page)).to_contain_text(f"t = {t}")
    with Image.open(CAT) as cat:
        expected = ddpm.to_uint8(ddpm.from_pil(cat, 28, 1))[0].int()
    assert (pixels(page, "#generate-pad canvas") - expected).abs().max() <= 1


def test_a_seed_out_of_range_is_told(generate, console_errors):
    box = generate.locator("#generate-seed input")
    box.fill("-5")
    box.blur()
    generate.locator("#generate-go").click()
    expect(generate.locator(".toast-body").first).to_be_visible(timeout=SLOW_MS)
    console_errors.clear()


def test_stop_ends_a_long_run(generate):
    set_number(generate, "steps", 1000)
    generate.locator("#generate-go").click()
    expect(where(generate)).to_contain_text("of 1000", timeout=SLOW_MS)
    generate.locator("#generate-stop").click()
    until_nobody_draws(generate)
    assert "done" not in where(generate).inner_text()


def test_trained_here_without_a_model_is_told(generate, console_errors):
    generate.get_by_label("Trained here").check()
    generate.locator("#generate-go").click()
    expect(generate.get_by_text("You have not trained a model yet")).to_be_visible(timeout=SLOW_MS)
    console_errors.clear()
