"""In Chinese, every visible text is translated, on every tab."""

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
    "The Annotated Diffusion Model", "English", "EDM", "sigmoid", "Lin", "Kingma", "Gao", "Imagen",
    "Kynkäänniemi",
}  # fmt: skip
SAID = {
    "generate?v=1&model=words&words=咕噜&steps=2": ("#generate-view .said", "略过了：咕噜"),
    "generate?v=1&model=words&words=咕噜&steps=3": ("#generate-view .said", "由它自己决定"),
    "generate?v=1&model=cascade&steps=2&count=1&from_one=1": ("#generate-view .said", "同一张小图"),
    "compare?v=1&steps=1": ("#compare-view .same", "共同的设置："),
}


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


def test_no_english_is_left_in_chinese_nor_in_what_a_run_says(visit):
    page = visit(locale="zh-CN")
    expect(page.get_by_role("tab").first).to_have_text("加噪")
    assert {text for tab in range(3) for text in texts(page, tab) if english(text)} == set()
    for link, (where, says) in SAID.items():
        page.evaluate("link => openLink(link, true)", link)
        expect(page.locator(where)).to_contain_text(says)
        until_still(page)
        left = [text for text in page.evaluate(VISIBLE_TEXTS) if english(text)]
        assert left == [], link
