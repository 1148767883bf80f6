"""What to wait for on the page where Playwright's `expect` can't see it."""

from __future__ import annotations

from playwright.sync_api import Page

WAIT_MS = 60_000  # at most; two cores may be shared

# While a visitor is there, Gradio's heartbeat never ends: this is "networkidle" without it.
_NOTHING_ARRIVES = """() => {
    const ends = performance.getEntriesByType("resource").map((entry) => entry.responseEnd);
    return document.readyState === "complete" && performance.now() - Math.max(0, ...ends) > 500;
}"""
_NOTHING_MOVES = """() => document.getAnimations().every((each) =>
    each.playState !== "running" || each.effect.getComputedTiming().iterations === Infinity)"""
_FRAMES = """(count) => new Promise((resolve) => {
    const next = () => (count-- > 0 ? requestAnimationFrame(next) : resolve());
    next();
})"""
_NOBODY_DRAWS = """async () => {
    const health = await (await fetch("/health")).json();
    return health.sampling.at_work + health.sampling.waiting === 0;
}"""


def until_loaded(page: Page) -> None:
    """Until nothing has arrived for half a second: scripts, fonts, answers."""
    page.wait_for_function(_NOTHING_ARRIVES, timeout=WAIT_MS)


def until_still(page: Page) -> None:
    """Until colours have faded in and whatever moves has come to rest."""
    page.wait_for_function(_NOTHING_MOVES, timeout=WAIT_MS)


def frames(page: Page, count: int = 10) -> None:
    """That many frames, in which the page may have drawn itself again."""
    page.evaluate(_FRAMES, count)


def until_nobody_draws(page: Page) -> None:
    """Until the server has no sampling run at work or in line."""
    page.wait_for_function(_NOBODY_DRAWS, timeout=WAIT_MS, polling=100)
