"""What belongs together is in sight together: on a laptop, a projector and a phone."""

from playwright.sync_api import Page, TimeoutError

from devtools.waits import until_still

SCREENS = {  # width, height, and whether somebody presents
    "laptop": (1280, 800, False),
    "projector": (1920, 1080, True),
    "phone": (390, 844, False),
}
# What is not, or not all, between the top of the screen and the bar at a phone's bottom.
OUT_OF_SIGHT = """(selectors) => selectors.filter((selector) => {
    const bottom = innerHeight - document.getElementById("sheet-bar").offsetHeight;
    const boxes = [...document.querySelectorAll(selector)].map((e) => e.getBoundingClientRect());
    return !boxes.length || boxes.some((box) =>
        !box.height || box.top < 0 || box.bottom > bottom + 0.5 || box.right > innerWidth + 0.5);
})"""
FILM = ["canvas.x", "canvas.x_start", ".place", ".where"]
TOGETHER = {
    "noise": [f"#noise-view {each}" for each in (".panels canvas", ".time", ".now", ".shares")],
    "generate": [f"#generate-view {each}" for each in FILM],
    "compare": ["#compare-go"],
    "walk": [f"#walk-view {each}" for each in (".pad", ".now", ".corner canvas", ".bar")],
    "points": [f"#points-backward .seen {each}" for each in ("canvas", ".play", "input")],
    "train": [
        f"#train-view {each}"
        for each in (".frame", "progress", "dl div:first-child", ".plot .axes")
    ],
}
ON_A_PHONE = TOGETHER | {
    # the rest is a short way below
    "noise": [f"#noise-view {each}" for each in (".panel:first-child canvas", ".time", ".now")],
    "train": TOGETHER["train"][:3],
}


def in_sight(page: Page, selectors: list[str], where: object) -> None:
    """Wait until all that these select is, with nothing on its way any more; AssertionError with
    `where` names what isn't."""
    until_still(page)
    try:
        page.wait_for_function(f"(all) => !({OUT_OF_SIGHT})(all).length", arg=selectors)
    except TimeoutError:
        raise AssertionError((where, page.evaluate(OUT_OF_SIGHT, selectors))) from None
