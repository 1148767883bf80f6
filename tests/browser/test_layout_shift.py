"""Nothing jumps while a tab loads, on a slow machine too: the sum of what Chromium reports stays
under 0.01."""

import pytest
from playwright.sync_api import expect

from devtools.waits import until_loaded

pytestmark = pytest.mark.slow

SLOWER = 2  # than this machine: Chromium slows a page down by keeping a core busy
OBSERVE = """
    window.shifts = [];
    new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((shift) => [
        shift.value, ...shift.sources.map(({ node }) => node?.outerHTML?.slice(0, 100)),
    ]))).observe({ type: "layout-shift", buffered: true });
"""
LAST = {"noise": "#noise-view canvas", "generate": "#generate-gif", "train": "#train-view .data"}


@pytest.mark.parametrize("tab", LAST)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_jumps(new_context, app_url, tab, width):
    context = new_context(viewport={"width": width, "height": 844})  # it has kept no file yet
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(OBSERVE)
    page.goto(f"{app_url}/#{tab}")
    expect(page.locator(LAST[tab]).first).to_be_visible()
    until_loaded(page)
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, *_ in shifts) < 0.01, shifts
