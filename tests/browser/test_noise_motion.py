"""The Noise tab in a browser: dragging, the keyboard and playing."""

from playwright.sync_api import expect

from devtools.tabs import PANEL, set_time
from devtools.waits import frames, until_loaded

COUNT_DRAWINGS = """() => {
    window.drawings = 0;
    const put = CanvasRenderingContext2D.prototype.putImageData;
    CanvasRenderingContext2D.prototype.putImageData = function (...args) {
        if (this.canvas.closest('[data-schedule="linear"]')) window.drawings += 1;
        return put.apply(this, args);
    };
}"""
DRAG_OF_60_FRAMES = """async () => {
    const slider = document.querySelector("#noise-view .time");
    for (let frame = 1; frame <= 60; frame++) {
        await new Promise(requestAnimationFrame);
        slider.value = (slider.max * frame) / 60;
        slider.dispatchEvent(new Event("input"));
    }
}"""


def test_dragging_draws_every_frame_without_requests(noise):
    until_loaded(noise)
    noise.evaluate(COUNT_DRAWINGS)
    requests = []
    noise.on("request", lambda request: requests.append(request.url))
    box = noise.get_by_label("Time step t").bounding_box()
    middle = box["y"] + box["height"] / 2
    noise.mouse.move(box["x"] + 2, middle)
    noise.mouse.down()
    for k in range(60):
        noise.mouse.move(box["x"] + 2 + (box["width"] - 4) * (k + 1) / 60, middle)
        if k % 6 == 0:
            frames(noise, 1)
    noise.mouse.up()
    frames(noise, 2)
    assert noise.evaluate("window.drawings") >= 10  # one for each frame that was waited for
    assert requests == []
    assert int(noise.locator("#noise-view .now").inner_text().split(" / ")[0]) > 190

    # moved by a script in the page: Playwright's mouse waits for each event to be handled
    noise.evaluate("window.drawings = 0")
    noise.evaluate(DRAG_OF_60_FRAMES)
    assert noise.evaluate("window.drawings") >= 58  # every move but the last is drawn


def test_keyboard_cursors_and_playing(noise):
    set_time(noise, 50)
    noise.get_by_label("Time step t").press("ArrowRight")
    expect(noise.locator("#noise-view .now")).to_have_text("51 / 199")
    noise.get_by_label("Time step t").press("End")
    expect(noise.locator("#noise-view .now")).to_have_text("199 / 199")

    # both cursors follow t
    def cursors():
        lines = noise.locator("#noise-view .cursor").all()
        return [line.bounding_box()["x"] for line in lines]

    set_time(noise, 20)
    before = cursors()
    set_time(noise, 180)
    assert len(before) == 2
    assert all(new > old + 100 for new, old in zip(cursors(), before, strict=True))

    # space plays and pauses from the slider and from nowhere
    slider, now = noise.get_by_label("Time step t"), noise.locator("#noise-view .now")
    set_time(noise, 0)
    slider.press(" ")
    expect(now).not_to_have_text("0 / 199")
    slider.press(" ")
    expect(noise.get_by_role("button", name="Play")).to_be_visible()
    slider.blur()
    noise.keyboard.press(" ")
    expect(noise.get_by_role("button", name="Pause")).to_be_visible()
    noise.keyboard.press(" ")
    expect(noise.get_by_role("button", name="Play")).to_be_visible()
    assert noise.evaluate("scrollY") == 0

    # and the button does
    set_time(noise, 0)
    noise.get_by_role("button", name="Play").click()
    expect(now).not_to_have_text("0 / 199")
    noise.get_by_role("button", name="Pause").click()
    expect(noise.get_by_role("button", name="Play")).to_be_visible()
    stopped = now.inner_text()
    frames(noise, 20)
    assert now.inner_text() == stopped != "0 / 199"

    # a changed setting redraws the view, which keeps playing at the same pace: no second loop
    noise.get_by_role("button", name="Play").click()
    for schedule, left in (("Linear", 3), ("Quadratic", 2), ("Sigmoid", 1), ("Linear", 2)):
        noise.get_by_label(schedule).first.click()
        expect(noise.locator(PANEL)).to_have_count(left)
    noise.evaluate("""() => {
        window.asked = 0;
        const ask = window.requestAnimationFrame;
        window.requestAnimationFrame = (f) => { window.asked += f.name === "play"; return ask(f); };
    }""")
    passed = noise.evaluate("""() => new Promise((resolve) => {
        let frames = 0;
        const count = () => (++frames === 30 ? resolve(frames) : setTimeout(next, 0));
        const next = () => requestAnimationFrame(count);
        next();
    })""")
    assert 0 < noise.evaluate("window.asked") <= 2 * passed + 2
