"""Drawing a schedule in a browser: by mouse, finger and keyboard, and what follows from it."""

import json
import re

import pytest
import safetensors
import torch
from diffusers import DDPMScheduler
from PIL import Image
from playwright.sync_api import expect

import ddpm
from ddpm.exchange.sigmas import drawn_from, sigmas
from devtools.tabs import PANEL, message, pixels, set_number, set_time, shared_link
from devtools.waits import frames, until_loaded, until_still
from page.tabs.noise.tab import CAT

HANDLE = "#noise-view .handle"
COUNT = 10  # that a drawing starts with
EDITOR = "#noise-view .editor"
DRAWN = f'{PANEL}[data-schedule="drawn"]'


def draw_from(page, name="cosine"):
    """A drawing, in the place of the one before."""
    if not page.locator(DRAWN).count():
        page.get_by_role("button", name="Draw your own").click()
    page.get_by_label("Start from").select_option(name)
    expect(page.locator(DRAWN)).to_have_count(1)
    page.locator("#noise-view .snr").scroll_into_view_if_needed()  # for a mouse


def text_of(page) -> str:
    return page.locator("#noise-view [data-drawn]").get_attribute("data-drawn")


def points_of(page) -> list[tuple[float, float]]:
    return [tuple(map(float, part.split("_"))) for part in text_of(page).split("~")[1:]]


def middle(page, k):
    box = page.locator(HANDLE).nth(k).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, k, right, down):
    x, y = middle(page, k)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=8)


def is_q_sample(page, T=200):
    """Whether the canvas, the strip and the numbers are those of Python's schedule through the same
    points."""
    schedule = ddpm.Schedule.named(text_of(page), T)
    x_start = ddpm.from_pil(Image.open(CAT), 128, 3)[None]
    eps = ddpm.randn_like(x_start, torch.Generator().manual_seed(0))

    def is_there(canvas, t):
        x_t = ddpm.to_uint8(ddpm.q_sample(schedule, x_start, torch.tensor([t]), eps))[0]
        difference = pixels(page, canvas) - x_t[0].int()  # red
        assert difference.abs().max() <= 1, t

    for k in (0, 7):
        piece = f"{EDITOR} .strip canvas:nth-child({k + 1})"
        is_there(piece, int((k + 0.5) / 8 * (T - 1) + 0.5))
    for t in (0, T // 3, T // 2, T - 1):
        set_time(page, t, T)
        is_there(f"{DRAWN} canvas", t)
        numbers = page.locator(f"{DRAWN} dd")
        expect(numbers.nth(0)).to_have_text(f"{schedule.betas[t]:.4f}")
        expect(numbers.nth(1)).to_have_text(f"{schedule.alphas_cumprod[t]:.4f}")


def test_a_hand_draws_without_a_request_and_the_canvas_is_q_sample(noise):
    draw_from(noise)
    set_time(noise, 100)
    until_loaded(noise)
    before = points_of(noise)
    curves = {
        name: noise.locator(f"#noise-view .{name} .curve").last.get_attribute("d")
        for name in ("signal", "snr", "steps")
    }
    picture = pixels(noise, f"{DRAWN} canvas")
    requests = []
    noise.on("request", lambda request: requests.append(request.url))
    drag(noise, 4, 60, 40)
    for name, d in curves.items():  # all follow before the hand lets go
        curve = noise.locator(f"#noise-view .{name} .curve").last
        expect(curve).not_to_have_attribute("d", d)
    assert (pixels(noise, f"{DRAWN} canvas") != picture).any()
    noise.mouse.up()
    after = points_of(noise)
    assert after[4][0] > before[4][0] and after[4][1] < before[4][1]
    assert [*after[:4], *after[5:]] == [*before[:4], *before[5:]]
    is_q_sample(noise)
    undo, redo = (noise.locator(f"{EDITOR} .{name}") for name in ("undo", "redo"))
    undo.click()
    assert points_of(noise) == before
    redo.click()
    assert points_of(noise) == after
    noise.locator(HANDLE).nth(4).press("Control+z")
    assert points_of(noise) == before
    expect(redo).to_be_enabled()
    is_q_sample(noise)
    assert requests == []

    # a point stays between its neighbours
    draw_from(noise)
    for right, down in ((500, -400), (-500, 400), (3, 700), (0, -700)):
        drag(noise, 4, right, down)
        noise.mouse.up()
        points = points_of(noise)
        ddpm.Schedule.drawn(points, 200)  # raises if they are not monotone
        assert points[3][0] < points[4][0] < points[5][0]
        assert points[3][1] >= points[4][1] >= points[5][1]

    # a double click adds, and a key and a button delete
    draw_from(noise)
    (x1, y1), (x2, y2) = middle(noise, 3), middle(noise, 4)
    noise.mouse.dblclick((x1 + x2) / 2, (y1 + y2) / 2)
    expect(noise.locator(HANDLE)).to_have_count(COUNT + 1)
    expect(noise.locator(HANDLE).nth(4)).to_be_focused()
    x, y = middle(noise, 4)
    assert abs(x - (x1 + x2) / 2) < 3 and abs(y - (y1 + y2) / 2) < 3
    noise.keyboard.press("Delete")
    expect(noise.locator(HANDLE)).to_have_count(COUNT)
    for left in range(COUNT - 1, 1, -1):
        noise.get_by_role("button", name="Delete the point").click()
        expect(noise.locator(HANDLE)).to_have_count(left)
    expect(noise.get_by_role("button", name="Delete the point")).to_be_disabled()
    noise.locator(HANDLE).first.press("Delete")
    expect(noise.locator(f"{EDITOR} .how")).to_have_text("A schedule needs at least 2 points.")
    is_q_sample(noise)

    # the handles may be on the other curve
    draw_from(noise, "rectified_flow")
    noise.get_by_role("button", name="ᾱ", exact=True).click()
    expect(noise.locator("#noise-view .signal .handle")).to_have_count(COUNT)
    expect(noise.locator("#noise-view .snr .handle")).to_have_count(0)
    noise.locator("#noise-view .signal").scroll_into_view_if_needed()
    noise.locator(HANDLE).nth(4).focus()
    before = points_of(noise)[4][1]
    sigmoid = torch.sigmoid(torch.tensor(before)).item()
    noise.keyboard.press("ArrowUp")
    after = points_of(noise)[4][1]
    assert torch.sigmoid(torch.tensor(after)).item() == pytest.approx(sigmoid + 0.01, abs=1e-4)
    drag(noise, 4, 0, -20)
    noise.mouse.up()
    assert points_of(noise)[4][1] > after
    is_q_sample(noise)


def test_the_keyboard_alone_draws_one(noise):
    keys = noise.keyboard
    noise.get_by_role("button", name="Draw your own").focus()
    keys.press("Enter")
    expect(noise.locator(HANDLE).first).to_be_focused()
    before = points_of(noise)
    keys.press("Tab")
    keys.press("Tab")
    handle = noise.locator(HANDLE).nth(2)
    expect(handle).to_be_focused()
    assert handle.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        keys.press(key)
    after = points_of(noise)
    assert after[2][0] == pytest.approx(before[2][0] + 0.01, abs=1e-4)
    assert after[2][1] == pytest.approx(max(before[2][1] - 0.5, before[3][1]), abs=1e-4)
    expect(handle).to_have_attribute("aria-valuetext", re.compile(r"^t = \d+, log-SNR"))
    keys.press("Enter")
    expect(noise.locator(HANDLE)).to_have_count(len(before) + 1)
    keys.press("Backspace")
    expect(noise.locator(HANDLE)).to_have_count(len(before))
    assert points_of(noise) == after
    is_q_sample(noise)

    # what is pressed again keeps the focus
    for pressed, key in (
        (noise.locator("#noise-view .editor select"), "ArrowDown"),
        (noise.get_by_role("button", name="Undo"), "Enter"),
    ):
        pressed.focus()
        for _ in range(2):
            drawn = points_of(noise)
            keys.press(key)
            expect(pressed).to_be_focused()
            assert points_of(noise) != drawn

    # no more than 32 points
    draw_from(noise)
    for _ in range(32 - COUNT):  # the widest gap first, as a hand would
        gaps = [b[0] - a[0] for a, b in zip(*[points_of(noise)[k:] for k in (0, 1)], strict=False)]
        noise.locator(HANDLE).nth(gaps.index(max(gaps))).press("Enter")
    expect(noise.locator(HANDLE)).to_have_count(32)
    expect(noise.get_by_role("button", name="Add a point")).to_be_disabled()
    noise.locator(HANDLE).nth(3).press("Enter")
    expect(noise.locator(f"{EDITOR} .how")).to_contain_text("at most 32")
    expect(noise.locator(HANDLE)).to_have_count(32)
    ddpm.Schedule.named(text_of(noise), 200)

    # the badge follows the hand
    draw_from(noise, "cosine")
    expect(noise.locator(f"{DRAWN} .is-noise")).to_have_count(1)
    for k in (-3, -2, -1):  # each stops at the one before
        for _ in range(12):
            noise.locator(HANDLE).nth(k).press("Shift+ArrowUp")
    expect(noise.locator(f"{DRAWN} .badge")).to_contain_text("xT is not noise yet")


def test_a_drawing_is_listed_in_the_gif_and_made_to_end_in_noise(noise):
    # a list of another tool becomes the curve and the curve a list, as Python reads and writes it,
    # which tests compare with diffusers
    draw_from(noise)
    listed = noise.get_by_label("σ of ten steps, then 0; paste")
    schedule = ddpm.Schedule.named(text_of(noise), 200)
    shown = [float(each) for each in listed.input_value().split(", ")]
    expected = sigmas(schedule, ddpm.spaced_timesteps(schedule, 10, "trailing"))
    assert shown == pytest.approx(expected, rel=1e-3)
    betas = DDPMScheduler(1000).betas.tolist()
    for values in ([14.6, 6.5, 2.9, 1.1, 0.4, 0.03, 0.0], betas):
        listed.fill(str(values))
        listed.press("Enter")
        expect(noise.locator(HANDLE)).to_have_count(min(32, len(values) - (values[-1] == 0)))
        assert text_of(noise) == drawn_from(values)
        expect(listed).not_to_have_value(str(values))  # it shows the curve's own
    before = text_of(noise)
    listed.fill("3, 4, 5")
    listed.press("Enter")
    expect(noise.locator(f"{EDITOR} .how")).to_contain_text("decreasing σ, or β below 1")
    assert text_of(noise) == before

    draw_from(noise, "edm")
    noise.get_by_role("button", name="Make GIF").click()
    picture = noise.locator("#noise-gif img")
    expect(picture).to_be_visible()
    assert "-sigmoid-drawn-T200" in picture.get_attribute("src")

    draw_from(noise, "laplace")
    expect(noise.locator(f"{DRAWN} .badge")).to_contain_text("xT is not noise yet")
    noise.get_by_label("Zero terminal SNR").check()
    badges = noise.locator("#noise-view .is-noise")
    expect(badges).to_have_count(5)
    for badge in badges.all():
        expect(badge).to_contain_text("xT is noise exactly")
        expect(badge).to_contain_text("sampling starts one step earlier, at t = 198")
    assert text_of(noise).endswith("~zero_terminal")
    is_q_sample(noise)
    expect(noise.locator(f"{DRAWN} dd").nth(2)).to_have_text("−∞ dB")


def test_a_finger_draws_one_on_a_phone(phone):
    expect(phone.locator(PANEL)).to_have_count(4)
    phone.get_by_role("button", name="Draw your own").tap()
    expect(phone.locator(DRAWN)).to_have_count(1)
    phone.locator("#noise-view .snr").scroll_into_view_if_needed()
    until_still(phone)
    before, scroll = points_of(phone), phone.evaluate("scrollY")
    x, y = middle(phone, 4)
    touch = phone.context.new_cdp_session(phone)

    def send(kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", (x + 8, y + 8))  # fingers miss
    for k in range(1, 9):
        send("touchMove", (x + 8 + 2 * k, y + 8 + 4 * k))
    send("touchEnd")
    frames(phone, 3)
    after = points_of(phone)
    assert after[4][0] > before[4][0] and after[4][1] < before[4][1]
    assert phone.evaluate("scrollY") == scroll
    x1, y1 = middle(phone, 7)
    x2, y2 = middle(phone, 8)
    # a busy machine may be too slow for two taps to be one
    while (found := phone.locator(HANDLE).count()) == len(before):
        phone.touchscreen.tap((x1 + x2) / 2 - 25, (y1 + y2) / 2 + 25)
        frames(phone, 2)
    assert found == len(before) + 1
    phone.get_by_role("button", name="Delete the point").tap()
    expect(phone.locator(HANDLE)).to_have_count(len(before))
    is_q_sample(phone)
    small = phone.evaluate("""() => [...document.querySelectorAll("#noise-view button, select")]
        .filter((each) => each.checkVisibility())
        .filter((each) => {
            const { width, height } = each.getBoundingClientRect();
            return width < 43.5 || height < 43.5;
        })
        .map((each) => each.outerHTML)""")
    assert small == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_link_and_a_reload_bring_it_back(noise, visit, app_url):
    draw_from(noise, "edm")
    noise.locator(HANDLE).nth(3).press("ArrowDown")
    drawn = text_of(noise)
    noise.locator("#noise-view .chips").get_by_role("button", name="Quadratic").click()
    link = shared_link(noise)
    assert drawn in link
    other = visit(link)
    expect(other.locator(DRAWN)).to_have_count(1)
    assert text_of(other) == drawn
    expect(other.locator(PANEL)).to_have_count(4)  # without Quadratic, which has only its curves
    expect(other.locator("#noise-view .snr .curve")).to_have_count(5)
    until_loaded(other)
    other.locator("#noise-T input[type=number]").fill("500")  # later answers keep the drawing
    expect(other.locator("#noise-view .now")).to_contain_text("/ 499")
    other.locator(HANDLE).nth(5).press("ArrowDown")
    changed = text_of(other)
    assert changed != drawn
    other.locator("#noise-T input[type=number]").fill("300")
    expect(other.locator("#noise-view .now")).to_contain_text("/ 299")
    assert text_of(other) == changed
    is_q_sample(other, 300)
    noise.reload()
    expect(noise.locator(DRAWN)).to_have_count(1)
    assert text_of(noise) == drawn

    # what is wrong in a link, here one of before links had versions, is said, and the schedule of
    # before stays; what else is wrong: tests/page/tabs/noise/drawing/test_drawing.py
    noise.goto(f"{app_url}/?schedules=linear,drawn~0_9~0.4_")
    expect(message(noise)).to_contain_text("doesn't take it: Noise schedules")
    expect(noise.locator(PANEL)).to_have_count(2)
    assert text_of(noise) == drawn

    # what float32 cannot tell apart is held and said
    noise.evaluate("openLink", "noise?v=1&schedules=linear,drawn~0_25~0.5_0~1_-25&T=100")
    expect(noise.locator(f"{EDITOR} .how")).to_contain_text("The curve is clipped at ±69 dB")
    expect(noise.locator("#noise-view .now")).to_contain_text("/ 99")
    expect(noise.locator(DRAWN)).to_have_count(1)
    is_q_sample(noise, 100)

    noise.get_by_role("button", name="Remove the drawing").click()
    expect(noise.locator(DRAWN)).to_have_count(0)
    expect(noise.get_by_role("button", name="Draw your own")).to_be_focused()


def test_generate_and_train_take_it_and_the_checkpoint_has_its_points(noise):
    draw_from(noise, "edm")
    noise.locator(HANDLE).nth(4).press("Shift+ArrowDown")
    drawn = text_of(noise)
    noise.get_by_role("button", name="Use in Generate").click()
    expect(noise.locator("#generate-go")).to_be_visible()
    field = noise.get_by_role("combobox", name="Noise schedule")
    for again in (False, True):
        if again:
            noise.reload()
        noise.locator("#generate-more button.label-wrap").click()
        expect(field).to_have_value("Drawn")
    set_number(noise, "count", 2)
    set_number(noise, "steps", 2)
    noise.locator("#generate-go").click()
    where = noise.locator("#generate-view .where")
    expect(where).to_contain_text("done")
    noise.get_by_role("tab", name="Noise").click()
    noise.get_by_role("button", name="Use in Train").click()
    expect(noise.locator("#train-go")).to_be_visible()
    expect(noise.locator("#train-schedule input")).to_have_value("Drawn")  # the fold has opened
    for name, value in (("dim", 8), ("steps", 10), ("batch-size", 8)):
        noise.locator(f"#train-{name} input[type=number]").fill(str(value))
    noise.locator("#train-go").click()
    expect(noise.locator("#train-use")).to_be_enabled()
    with noise.expect_download() as download:
        noise.locator("#train-file").click()
    with safetensors.safe_open(download.value.path(), "pt") as file:
        config = json.loads(file.metadata()["config"])
    assert config["diffusion"]["schedule"] == drawn
    loaded = ddpm.load_checkpoint(download.value.path())
    T = config["diffusion"]["T"]
    assert torch.equal(loaded.schedule.betas, ddpm.Schedule.named(drawn, T).betas)


def test_panels_can_be_chosen_and_the_third_plot_is_the_density_of_the_steps(noise):
    """The area under a curve between two decibels is the share of the steps between them."""
    boxes, others = noise.locator("#noise-schedules"), ("Linear", "Quadratic", "Sigmoid")
    boxes.get_by_label("Cosine", exact=True).scroll_into_view_if_needed()
    for name in others:
        boxes.get_by_label(name, exact=True).uncheck()
    expect(noise.locator(PANEL)).to_have_count(1)
    plot = noise.locator("#noise-view .steps")
    d = plot.locator(".curve").get_attribute("d")
    xy = torch.tensor([[float(v) for v in part.split()] for part in d[1:].split("L")])
    grid = [float(path.split("H")[0].split()[1]) for path in plot.locator(".grid").evaluate_all(
        "paths => paths.map((each) => each.getAttribute('d'))")]  # fmt: skip
    most = float(plot.locator("text").nth(2).text_content())
    percent = (grid[0] - xy[:, 1]) / (grid[0] - grid[2]) * most
    decibel = ddpm.Schedule.named("cosine", 200).log_snr * 10 / torch.tensor(10.0).log()
    for low, high in ((-45, 45), (-20, 0), (0, 20), (20, 40)):
        inside = percent[45 - high : 45 - low + 1]
        area = (inside.sum() - (inside[0] + inside[-1]) / 2).item()
        share = 100 * ((decibel >= low) & (decibel < high)).float().mean().item()
        assert area == pytest.approx(share, abs=2.5), (low, high)

    for name in (*others, "Rectified flow", "EDM", "Shifted cosine", "Laplace", "Sigmoid in ᾱ"):
        boxes.get_by_label(name, exact=True).check()
    expect(noise.locator(PANEL)).to_have_count(9)
    chips = noise.locator("#noise-view .chip")
    expect(chips).to_have_count(9)
    width = noise.locator(f"{PANEL} canvas").first.bounding_box()["width"]
    assert width >= 120  # five in a row
    for k in range(9):
        chips.nth(k).click()
    expect(noise.locator(PANEL)).to_have_count(0)
    expect(noise.get_by_text("No picture is shown")).to_be_visible()
    expect(noise.locator("#noise-view .snr .curve")).to_have_count(9)
    chips.nth(8).click()
    expect(noise.locator(PANEL)).to_have_count(1)
    expect(chips.nth(8)).to_have_attribute("aria-pressed", "true")
