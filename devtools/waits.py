"""Waits for what Playwright's `expect` can't see on the page."""

import itertools

from playwright.sync_api import Page

POLL_MS = 100  # looking at each frame would keep a renderer busy
_calls = itertools.count()

# A page's requests to Gradio that have no answer yet, without the streams, which stay open. A
# script of a context, so that it counts from the start.
COUNT_REQUESTS = """{
    const ask = window.fetch;
    window.unanswered = 0;
    window.fetch = async (input, init) => {
        const isShort = /gradio_api.(run|queue.join)/.test(input.url ?? input);
        window.unanswered += isShort;
        try {
            return await ask(input, init);
        } finally {
            window.unanswered -= isShort;
        }
    };
}"""
# "networkidle" without Gradio's heartbeat, which lasts as long as the page is open.
_NOTHING_ARRIVES = """() => {
    const ends = performance.getEntriesByType("resource").map((entry) => entry.responseEnd);
    const isQuiet = performance.now() - Math.max(0, ...ends) > 500;
    return document.readyState === "complete" && !window.unanswered && isQuiet;
}"""
# Gradio dims what is being answered. Three looks of one call, since an answer may lead to the next
# request.
_NOTHING_MOVES = """(call) => {
    const dimmed = [...document.querySelectorAll(".pending, .generating")];
    const moves = (each) => each.playState === "running" &&
        each.effect.getComputedTiming().iterations !== Infinity;
    const isStill = !window.unanswered && !dimmed.some((it) => it.checkVisibility()) &&
        !document.getAnimations().some(moves);
    const [of, looks] = window.looked ?? [];
    window.looked = [call, isStill ? (of === call ? looks : 0) + 1 : 0];
    return window.looked[1] === 3;
}"""
_FRAMES = """(count) => new Promise((resolve) => {
    const next = () => (count-- > 0 ? requestAnimationFrame(next) : resolve());
    next();
})"""


def until_loaded(page: Page) -> None:
    """Wait until nothing has arrived for half a second: scripts, fonts, answers."""
    page.wait_for_function(_NOTHING_ARRIVES, polling=POLL_MS)


def until_still(page: Page) -> None:
    """Wait until nothing is being answered, and transitions and finite animations have ended."""
    call = next(_calls)
    page.wait_for_function(_NOTHING_MOVES, arg=call, polling=POLL_MS // 2)


def frames(page: Page, count: int = 10) -> None:
    """Wait for this many animation frames, in which the page may redraw itself."""
    page.evaluate(_FRAMES, count)
