"""Points in the plane, in Noise and in Generate: one page for each tab, by mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

from devtools.axe import violations
from devtools.tabs import drag
from devtools.waits import until_still

pytestmark = pytest.mark.slow

FORWARD, BACKWARD = "#points-forward", "#points-backward"
INK = """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
    .reduce((sum, value, k) => sum + (k % 4 === 3 ? value : 0), 0)"""


def asked(page) -> list[str]:
    """What the server is asked for from now on, but for what counts visitors."""
    found = []
    of_server = re.compile("/gradio_api/(?!heartbeat)")
    page.on("request", lambda sent: of_server.search(sent.url) and found.append(sent.url))
    return found


def wrong(page, view: str) -> list[str]:
    """What axe-core finds in it, in light and in dark, and whether it is too wide."""
    found = []
    for is_dark in (False, True):
        page.evaluate("setDark", is_dark)
        until_still(page)  # colours have faded in
        found += violations(page, view)
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth")
    return found + [f"{wide} px wide"] * (wide > 390)


def test_a_cloud_dissolves_with_the_picture(noise):
    """At its t in both directions, under its schedules; a mouse and the keyboard draw a cloud. The
    server is asked for nothing, and nothing is fetched before the fold is open."""
    view = noise.locator(FORWARD)
    scripts = "performance.getEntriesByType('resource').filter(e => e.name.includes('/points/'))"
    assert noise.evaluate(f"{scripts}.length") == 0
    noise.locator("#noise-points button.label-wrap").click()
    planes, status = view.locator(".planes canvas"), view.locator(".summary")
    expect(planes).to_have_count(4)
    expect(status).to_contain_text("Linear 38%")
    found = asked(noise)
    view.get_by_label("Time step t").fill("120")
    expect(noise.locator("#noise-view .now")).to_have_text("120 / 199")
    noise.locator("#noise-view .time").fill("199")
    expect(view.locator(".now")).to_have_text("199 / 199")
    expect(status).to_contain_text("Cosine 0%")
    noise.locator("#noise-view .chip", has_text="Linear").click()
    expect(planes).to_have_count(3)

    view.get_by_role("button", name="Draw your own").click()
    pad = view.locator(".drawn-by-hand canvas")
    heart = pad.evaluate(INK)
    drag(noise, f"{FORWARD} .drawn-by-hand canvas", (0.2, 0.2), (0.6, 0.6), steps=12)
    places = view.locator(".drawn-by-hand output")
    expect(places).to_have_text(re.compile(r"Places drawn: \d\d"))
    before = int(places.inner_text().split()[-1])
    pad.press("ArrowLeft")
    pad.press("ArrowLeft")
    pad.press("Enter")
    expect(places).to_have_text(f"Places drawn: {before + 1}")
    touch, box = noise.context.new_cdp_session(noise), pad.bounding_box()
    finger = {"x": box["x"] + 90, "y": box["y"] + 150}
    for kind, points in (
        ("Start", [finger]),
        ("Move", [{**finger, "y": box["y"] + 60}]),
        ("End", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    expect(places).not_to_have_text(f"Places drawn: {before + 1}")
    assert pad.evaluate(INK) < heart
    assert found == []
    assert wrong(noise, FORWARD) == []


def test_points_follow_a_sampler_and_reflow_straightens_them(generate, app_url):
    """What a screen reader hears names the calls and where points end; one call is enough after
    reflow. A link brings back the settings. The server is asked for nothing."""
    generate.get_by_role("tab", name="Points").click()
    view = generate.locator(BACKWARD)
    status = view.locator(".summary")
    expect(status).to_contain_text("2,000 points, DDIM, calls of the denoiser: 20.")
    expect(generate.locator("#generate-equation")).to_contain_text("exact denoiser")
    generate.locator("button.label-wrap:visible").last.click()
    expect(generate.locator("#generate-code")).to_contain_text("def exact_eps")
    found = asked(generate)
    plane, slider = view.locator(".seen canvas"), view.get_by_label("Calls so far")
    slider.press("Home")
    noise = plane.evaluate(INK)
    slider.press("End")
    expect(view.locator(".now")).to_have_text("20 / 20")
    assert plane.evaluate(INK) != noise

    def far() -> float:
        return float(re.search(r"end ([\d.]+) from", status.inner_text())[1])

    calls = view.locator("input[type=number]")
    view.get_by_role("button", name="Rectified flow").click()
    calls.fill("1")
    expect(status).to_contain_text("Euler's method, calls of the denoiser: 1.")
    flow = far()
    view.get_by_role("button", name="Reflow: straighten the paths").click()
    before, after = view.locator(".reflow dd").all()
    expect(after).to_have_text(re.compile(r"0\.0\d"))
    assert float(before.inner_text()) > 1
    chosen = view.locator("[data-value=reflow]")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(status).to_contain_text("Euler's method, calls of the denoiser: 1.")
    assert far() < flow / 4
    assert found == []
    assert wrong(generate, BACKWARD) == []

    link = "points?v=1&cloud=gaussians&sampler=ddpm&calls=5&guide=class&label=2"
    generate.goto(f"{app_url}/#{link}")
    expect(status).to_contain_text("DDPM, calls of the denoiser: 5.")
    expect(status).to_contain_text("class 3 100%")
    generate.evaluate("share()")
    written = generate.locator("#share").get_by_role("textbox").first
    expect(written).to_have_value(f"{app_url}/#{link}")
    generate.keyboard.press("Escape")
    generate.emulate_media(reduced_motion="reduce")
    calls.fill("100")
    assert "Play" in view.locator(".play").inner_text()  # it waits for the end, and shows that
    expect(status).to_contain_text("calls of the denoiser: 100.")
    expect(view.locator(".now")).to_have_text("100 / 100")
    generate.goto(f"{app_url}/#points?v=1&way=reflow&calls=1")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(status).to_contain_text("Euler's method, calls of the denoiser: 1.")
