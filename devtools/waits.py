"""Waits for what Playwright's `expect` can't see on the page."""

from __future__ import annotations

from playwright.sync_api import Page

SLOW_MS = 90_000  # at most; two cores may be shared
POLL_MS = 100  # looking at each frame would keep a renderer busy

# "networkidle" without Gradio's heartbeat, which lasts as long as the page is open.
_NOTHING_ARRIVES = """() => {
    const ends = performance.getEntriesByType("resource").map((entry) => entry.responseEnd);
    return document.readyState === "complete" && performance.now() - Math.max(0, ...ends) > 500;
}"""
# Gradio dims what is being answered.
_NOTHING_MOVES = """() =>
    ![...document.querySelectorAll(".pending, .generating")].some((it) => it.checkVisibility()) &&
    document.getAnimations().every((each) =>
        each.playState !== "running" || each.effect.getComputedTiming().iterations === Infinity)"""
_FRAMES = """(count) => new Promise((resolve) => {
    const next = () => (count-- > 0 ? requestAnimationFrame(next) : resolve());
    next();
})"""


def until_loaded(page: Page) -> None:
    """Wait until nothing has arrived for half a second: scripts, fonts, answers."""
    page.wait_for_function(_NOTHING_ARRIVES, timeout=SLOW_MS, polling=POLL_MS)


def until_still(page: Page) -> None:
    """Wait until nothing is being answered, and transitions and finite animations have ended."""
    page.wait_for_function(_NOTHING_MOVES, timeout=SLOW_MS, polling=POLL_MS)


def frames(page: Page, count: int = 10) -> None:
    """Wait for this many animation frames, in which the page may redraw itself."""
    page.evaluate(_FRAMES, count)
