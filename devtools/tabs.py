"""What browser tests do on the Noise and Generate tabs, and how they read them."""

import base64
import io

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from torch import Tensor

import ddpm
from devtools.waits import frames, until_still

PANEL = "#noise-view .panel"
# A canvas or an image as a PNG: a list of its pixels takes a hundred times as long to arrive.
_PNG = """picture => {
    const { naturalWidth: width = picture.width, naturalHeight: height = picture.height } = picture;
    const copy = Object.assign(document.createElement("canvas"), { width, height });
    copy.getContext("2d").drawImage(picture, 0, 0);
    return copy.toDataURL().split(",")[1];
}"""


def drag(page: Page, selector: str, *places: tuple[float, float], steps: int = 1) -> None:
    """The mouse from place to place of an element, each (x, y) in its width and height."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    for k, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=steps)
        if k == 0:
            page.mouse.down()
    page.mouse.up()


def set_time(page: Page, t: int, T: int = 200) -> None:
    page.get_by_label("Time step t").fill(str(t))
    expect(page.locator("#noise-view .now")).to_have_text(f"{t} / {T - 1}")


def set_number(page: Page, field: str, value: int) -> None:
    """Fill a number of the Generate tab."""
    unfold(page)
    page.locator(f"#generate-{field} input[type=number]").fill(str(value))


def unfold(page: Page) -> None:
    """Show the settings of Generate, which Compare begins without."""
    folded = page.locator("#generate-settings-line button[aria-expanded=false]:visible")
    if folded.count():
        folded.click()


def choose(page: Page, dropdown: str, name: str) -> None:
    unfold(page)
    field = page.locator(f"#{dropdown}")
    field.locator("input").click()
    field.get_by_role("option", name=name).click()  # another's list may still be fading


def message(page: Page) -> Locator:
    """What the page says about a request that it refused, beside its field or in a corner."""
    return page.locator(".message, .toast-body:visible").first


def shared_link(page: Page) -> str:
    """The link to the page as it is, which "Share" shows."""
    page.evaluate("share()")
    dialog = page.locator("#share dialog")
    expect(dialog).to_be_visible()
    link = page.locator("#share-link").input_value()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    return link


def until_shared(page: Page, link: str) -> None:
    """Wait until "Share" shows a link that ends like this: settings arrive one after another."""
    for _ in range(40):
        until_still(page)
        if (found := shared_link(page)).endswith(f"/#{link}"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the page is at {found}, not at {link}")


def start_from_a_sketch(page: Page) -> None:
    """Show the sketch pad of the Generate tab."""
    page.get_by_label("A sketch or a photo").check()
    expect(page.locator("#generate-pad canvas")).to_be_visible()


def open_training(page: Page, steps: int) -> None:
    """The Train tab, with the settings of a small network."""
    page.get_by_role("tab").nth(2).click()
    expect(page.locator("#train-view .data")).to_contain_text("0,000")
    unfold_training(page)
    for name, value in (("dim", 8), ("steps", steps), ("batch-size", 8)):
        page.locator(f"#train-{name} input[type=number]").fill(str(value))


def unfold_training(page: Page) -> None:
    page.locator("#train-advanced > button").click()
    expect(page.locator("#train-dim")).to_be_visible()
    frames(page)  # Gradio sets the values of what a fold shows for the first time


def start_long_training(page: Page) -> None:
    """It lasts longer than a test."""
    open_training(page, 20_000)
    page.locator("#train-go").click()


def start_long_drawing(page: Page) -> None:
    """A fast machine isn't done soon."""
    page.get_by_role("tab").nth(1).click()
    for name, value in (("count", 64), ("steps", 1000)):
        set_number(page, name, value)
    page.locator("#generate-go").click()


def more_settings(page: Page) -> None:
    """Unfold the settings of the Generate tab that most people never touch."""
    unfold(page)
    page.locator("#generate-more button.label-wrap").click()
    expect(page.locator("#generate-seed input")).to_be_visible()


def until_drawn(page: Page) -> None:
    """Wait until a visit's first run has ended and its files are there. That the film says "done"
    means less: before the run's first frame, it is the film that plays when the tab opens.
    """
    expect(page.locator("#generate-gif")).to_be_enabled()


def where(page: Page) -> Locator:
    """The line that says where in the run the film is."""
    return page.locator("#generate-view .where")


def slider(page: Page) -> Locator:
    return page.get_by_label("Position in the run")


def colours(picture: Locator) -> Tensor:
    """A canvas or an image, (H, W, 4): red, green, blue and opacity, int32."""
    png = Image.open(io.BytesIO(base64.b64decode(picture.evaluate(_PNG))))
    return torch.tensor(np.array(png.convert("RGBA")), dtype=torch.int32)


def pixels(page: Page, selector: str) -> Tensor:
    """Grey levels (H, W) of a canvas, int32."""
    return colours(page.locator(selector))[..., 0]


def shown(page: Page) -> list[Tensor]:
    """x_t and x̂_0 as shown on the page."""
    return [pixels(page, f"#generate-view canvas.{key}") for key in ("x", "x_start")]


def grid(x: Tensor) -> Tensor:
    """The grey levels that the page shows for pictures (B, 1, H, W), in two columns; 0 in the
    transparent gaps between them."""
    gaps = ddpm.make_grid(torch.full_like(x, -1), 2)[0] == 1
    return ddpm.to_uint8(ddpm.make_grid(x, 2))[0].int().masked_fill(gaps, 0)
