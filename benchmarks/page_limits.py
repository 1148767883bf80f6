"""What the page promises to stay under, beside what is measured; `benchmarks.page` prints it.

Lighthouse loads each tab as on a slow telephone (a quarter of the processor's speed, 1.6 Mbit/s)
and as on a laptop.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page

from devtools.lighthouse import audit
from devtools.waits import until_loaded

TABS = ("noise", "generate", "train")
WIDTHS = (390, 1280)
PHOTOGRAPHS = 6
SIDES = (4000, 3000)
UNIT = 8  # pixels: the size of a photograph's details

# Milliseconds from a click on Generate's tab until a picture of its film is drawn.
OPEN_GENERATE = """() => new Promise((resolve) => {
    const begin = performance.now();
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...args) {
        if (this.canvas.closest("#generate-view")) {
            CanvasRenderingContext2D.prototype.drawImage = draw;
            resolve(performance.now() - begin);
        }
        return draw.apply(this, args);
    };
    document.querySelector('[role=tab][data-tab-id="generate"]').click();
})"""
# From the choice of a file on: milliseconds until it is shown and until it is in the panels, and
# the longest time between two frames until then.
WATCH_A_PHOTOGRAPH = """() => {
    const choose = document.querySelector("#noise-image input[type=file]");
    window.photograph = new Promise((resolve) => choose.addEventListener("change", () => {
        const begin = performance.now(), seen = { longest: 0 };
        let last = begin;
        const panel = document.querySelector("#noise-view .panel");
        const look = () => {
            const now = performance.now();
            seen.longest = Math.max(seen.longest, now - last);
            last = now;
            if (document.querySelector("#noise-preview")) seen.shown ??= now - begin;
            if (panel.isConnected) return requestAnimationFrame(look);
            resolve({ ...seen, panels: now - begin });
        };
        look();
    }, { once: true, capture: true }));
}"""


def rows(browser: Browser, url: str, chromium: str) -> Iterator[tuple[str, str, str]]:
    """What, as measured, and its limit."""
    page = browser.new_context(locale="en-US").new_page()
    page.goto(url)
    until_loaded(page)
    yield from _photographs(page)
    opened = page.evaluate(OPEN_GENERATE) / 1000
    yield "Generate opened, until its film is drawn", f"{opened:.2f} s", "2 s"
    page.context.close()
    for tab in TABS:
        for width in WIDTHS:
            try:
                found = audit(f"{url}/#{tab}", width, chromium)
            except (OSError, subprocess.SubprocessError) as error:
                yield f"{tab}, {width} pixels: Lighthouse", f"failed: {error}", "–"
                continue
            name = f"{tab.capitalize()}, {width} pixels"
            yield f"{name}: accessibility", f"{found['accessibility']:.0f}", "100"
            yield f"{name}: layout shift", f"{found['layout shift']:.3f}", "0.05"


def _photographs(page: Page) -> Iterator[tuple[str, str, str]]:
    """Uploads some in a row. The slowest counts."""
    seen = []
    with TemporaryDirectory() as folder:
        for k in range(PHOTOGRAPHS):
            path = _photograph(Path(folder) / f"{k}.jpg", seed=k)
            page.evaluate(WATCH_A_PHOTOGRAPH)
            page.locator("#noise-image input[type=file]").set_input_files(path)
            seen.append(page.evaluate("window.photograph"))
            page.locator("#noise-preview").wait_for(state="detached")
    what = f"{PHOTOGRAPHS} photographs of 12 megapixels, the slowest"
    for name, key in (("shown", "shown"), ("in the panels", "panels")):
        slowest = max(each.get(key, each["panels"]) for each in seen) / 1000
        yield f"{what}: {name} after", f"{slowest:.2f} s", "2 s"
    longest = max(each["longest"] for each in seen) / 1000
    yield f"{what}: between two frames", f"{longest:.2f} s", "–"


def _photograph(path: Path, seed: int) -> Path:
    """A JPEG with a telephone's number of pixels and about its size, turned by its EXIF."""
    width, height = SIDES
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // UNIT, width // UNIT, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize(SIDES, Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(path, quality=90, exif=exif)
    return path
