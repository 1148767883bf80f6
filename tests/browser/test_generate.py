"""The Generate tab in a browser: a run streams, is scrubbed without a request, and downloads."""

import torch
from PIL import Image
from playwright.sync_api import expect

from ddpm.checkpoint import best_device
from devtools.tabs import choose, grid, more_settings, set_number, shown, slider, until_drawn, where
from devtools.waits import until_loaded
from page.compute import this_process
from page.models.registry import Request, trajectory
from page.models.request import EACH
from page.widgets.film.scrubber import Film


def test_the_scrubber_shows_the_trajectory_without_requests(generate, first_model):
    more_settings(generate)
    for field, value in (("steps", 6), ("count", 4), ("seed", 3)):
        set_number(generate, field, value)
    generate.get_by_label("DDIM").check()
    generate.locator("#generate-go").click()
    until_drawn(generate)
    requests = []
    generate.on("request", lambda request: requests.append(request.url))

    x, run = trajectory(first_model, Request("shipped", EACH, 4, "ddim", 6, "cosine", 1.0, 3))
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
    expect(where(generate)).to_contain_text("Step 2 of 6")  # it started again, and moves on
    expect(play).to_contain_text("Pause")
    play.click()
    expect(play).to_contain_text("Play")
    assert [url for url in requests if url.startswith("http")] == []


def test_a_film_is_sent_once(page, first_model):
    """A run sends the browser hardly more than the pictures of its film."""
    received, streams = [], set()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.dataReceived", lambda event: received.append(event))
    network.on(
        "Network.requestWillBeSent",
        lambda event: "/queue/data" in event["request"]["url"] and streams.add(event["requestId"]),
    )
    page.reload()  # so that a stream opened on load, which may stay open, is seen too
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator("#generate-go")).to_be_visible()
    until_loaded(page)
    received.clear()
    page.locator("#generate-go").click()
    until_drawn(page)
    network.send("Network.enable")  # answered only after all earlier events
    _, run = trajectory(first_model, Request())
    film = Film(torch.zeros(16, 1, 28, 28), 999, 10)
    for step in run:
        film.add(step)
    size = sum(len(frame["x"]) + len(frame["x_start"]) for frame in film.frames)
    sent = sum(event["dataLength"] for event in received if event["requestId"] in streams)
    assert 0.8 * size < sent < 1.3 * size


def test_frames_stream_and_files_download(generate):
    set_number(generate, "steps", 12)
    choose(generate, "generate-label", "Sneaker")
    set_number(generate, "guidance", 2)
    generate.get_by_label("DDIM").check()
    generate.get_by_role("button", name="Show the code").click()
    expect(generate.locator("#generate-code")).to_contain_text("def ddim(")
    height = generate.locator("#generate-view").bounding_box()["height"]
    generate.locator("#generate-go").click()
    expect(where(generate)).to_contain_text("of 12 · t =")  # while it runs
    assert abs(generate.locator("#generate-view").bounding_box()["height"] - height) < 1
    expect(where(generate)).to_contain_text("Step 12 of 12")
    assert abs(generate.locator("#generate-view").bounding_box()["height"] - height) < 1
    note = generate.locator("#generate-view .note")
    expect(note).to_contain_text("Network calls: 12 ·")
    expect(note).to_contain_text(this_process.device_name(best_device()))
    expect(note).to_contain_text("doubles the batch")
    expect(generate.get_by_role("img", name="The picture so far")).to_be_visible()
    for button, name in (("#generate-png", "PNG"), ("#generate-gif", "GIF")):
        expect(generate.locator(button)).to_be_enabled()
        with generate.expect_download() as download:
            generate.locator(button).click()
        assert download.value.suggested_filename.startswith("sneaker-ddim-12-steps-seed-0")
        picture = Image.open(download.value.path())
        assert picture.format == name
    assert picture.n_frames == 13


def test_settings_are_explained(generate):
    # the slider's places are even from 1 to 1000; the box takes any number, and both follow
    box = generate.locator("#generate-steps input[type=number]")
    scale = generate.locator("#generate-steps input[type=range]")
    expect(box).to_have_value("10")
    seen = []
    scale.press("Home")
    for _ in range(10):
        seen.append(int(box.input_value()))
        scale.press("ArrowRight")
    assert seen == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    box.fill("140")
    expect(scale).to_have_attribute("aria-valuetext", "140")
    expect(scale).to_have_value("6")  # 100 is the nearest of them
    box.fill("4")
    generate.locator("#generate-go").click()
    expect(generate.locator("#generate-view .note")).to_contain_text("calls: 4")

    # what is chosen says what it is good for, the model that isn't there yet, too; once there is
    # one: test_train.py
    model, sampler = generate.locator("#generate-model"), generate.locator("#generate-sampler")
    expect(model).to_contain_text("Train your own, and it joins this list.")
    generate.locator("#generate-model input").click()
    expect(generate.get_by_role("option", name="Pretrained")).to_be_visible()
    expect(generate.get_by_role("option", name="Trained here")).to_have_count(0)
    generate.keyboard.press("Escape")
    expect(sampler).to_contain_text("The usual choice")
    sampler.get_by_label("DDPM", exact=True).check()
    expect(sampler).to_contain_text("each with fresh noise")
    generate.evaluate("setLanguage", "zh-CN")
    expect(sampler).to_contain_text("每步加入新噪声")
