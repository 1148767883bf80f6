"""In Chinese, every visible text is translated, on every tab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from devtools.waits import until_loaded, until_still

pytestmark = pytest.mark.slow

VISIBLE_TEXTS = """() => {
    const texts = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        const around = node.parentElement;
        if (around.closest("script, style, .cm-editor, .katex, footer, #names-elsewhere")) continue;
        const isSeen = around.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        if (isSeen && node.data.trim()) texts.add(node.data.trim());
    }
    return [...texts];
}"""
# what appears last on each tab
READY = ("#noise-view .panel canvas", "#generate-view canvas", "#train-view img")
# the same in any language: symbols, numbers with their units, and names, a language's own too
NAMES = {
    "DDPM", "DDIM", "DPM-Solver++", "DEIS", "ResNet", "ConvNeXt", "Huber", "L1", "L2", "Sigmoid",
    "AdamW", "Muon", "Fashion-MNIST", "GIF", "PNG", "CPU", "SNR", "dB", "zip", "notebook",
    "checkpoint", "Python",
    "The Annotated Diffusion Model", "English", "EDM", "sigmoid", "Lin", "Kingma", "Gao",
}  # fmt: skip


def texts(page, tab: int) -> set[str]:
    page.get_by_role("tab").nth(tab).click()
    expect(page.locator(READY[tab]).first).to_be_visible()
    until_loaded(page)
    closed = page.locator("button.label-wrap:not(.open):visible")
    while closed.count():
        closed.first.click()
    until_still(page)
    return set(page.evaluate(VISIBLE_TEXTS))


def english(text: str) -> list[str]:
    """The English words of a text, without names that are the same in any language."""
    for name in sorted(NAMES, key=len, reverse=True):
        text = text.replace(name, "")
    return re.findall(r"[A-Za-z]{3,}", text)


def test_no_english_is_left_in_chinese(browser, app_url):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(app_url)
    expect(page.get_by_role("tab").first).to_have_text("加噪")
    left = {text for tab in range(3) for text in texts(page, tab) if english(text)}
    context.close()
    assert left == set()
