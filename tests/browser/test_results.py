"""What one drew in a visit: a strip of it, and files that open it again."""

import base64
import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from devtools.tabs import until_drawn, until_shared

pytestmark = pytest.mark.slow

DROP = """async ({ base64, type, onto }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "dropped", { type }));
    const kind = { bubbles: true, cancelable: true, dataTransfer };
    document.querySelector(onto).dispatchEvent(new DragEvent("drop", kind));
}"""


def drop(page, data: bytes, kind: str, onto: str = "h1") -> None:
    given = {"base64": base64.b64encode(data).decode(), "type": f"image/{kind}", "onto": onto}
    page.evaluate(DROP, given)


def saved(page, kind: str) -> bytes:
    with page.expect_download() as download:
        page.locator(f"#generate-{kind}").click()
    return download.value.path().read_bytes()


LARGE = """(began) => {
    const made = { link: null, words: null, label: null, model: "shipped", sampler: "ddim" };
    const detail = { began, frames: [{ x: `data:,${"x".repeat(1.5e6)}` }], made };
    document.dispatchEvent(new CustomEvent("film", { detail }));
}"""


def test_what_was_drawn_stays_and_files_bring_it_back(noise, app_url):
    # a file without a link says so, and a field keeps what is its own
    plain = io.BytesIO()
    Image.new("L", (28, 28), 90).save(plain, "png")
    drop(noise, plain.getvalue(), "png")
    said = noise.locator("#line")
    expect(said).to_have_text(
        "This file carries no settings of this page. Open a PNG or GIF that was downloaded here."
    )
    for data in (b"", plain.getvalue()[:12], b"GIF89a"):
        drop(noise, data, "gif" if data.startswith(b"GIF") else "png")  # damaged: no harm
    expect(said).to_have_text("")
    drop(noise, plain.getvalue(), "png", "#noise-image")
    expect(said).to_have_text("")

    links = [f"generate?v=1&label={label}&count=4&steps=2&seed={label}" for label in (7, 8)]
    strip = noise.locator("#generate-results li")
    files = {}
    for k, link in enumerate(links, 1):
        noise.evaluate("openLink", link)
        expect(strip).to_have_count(k)
        until_drawn(noise)
        files[link] = [saved(noise, kind) for kind in ("png", "gif")]
    assert [each.inner_text().split("\n") for each in strip.all()] == [
        ["Bag", "First version: DPM-Solver++, 2 calls, seed 8"],
        ["Sneaker", "First version: DPM-Solver++, 2 calls, seed 7"],
    ]
    noise.reload()
    noise.get_by_role("tab", name="Generate").click()
    expect(strip).to_have_count(2)
    strip.nth(1).get_by_role("button").click()
    until_shared(noise, links[0])
    expect(strip).to_have_count(3)  # drawn again
    expect(strip.first).to_contain_text("Sneaker")

    noise.get_by_role("tab", name="Noise").click()
    for link, (png, gif) in files.items():
        picture, film = (Image.open(io.BytesIO(data)) for data in (png, gif))
        assert picture.width >= 800 and film.width >= 800
        assert picture.info["Comment"] == film.info["comment"].decode() == f"{app_url}/#{link}"
    drop(noise, files[links[1]][0], "png")
    until_shared(noise, links[1])
    drop(noise, files[links[0]][1], "gif", "#generate-view .pair")
    until_shared(noise, links[0])
    noise.evaluate("share()")
    with noise.expect_file_chooser() as chooser:
        noise.get_by_role("button", name="Open a picture made here").click()
    png = files[links[1]][0]
    chooser.value.set_files({"name": "saved.png", "mimeType": "image/png", "buffer": png})
    expect(noise.locator("#share dialog")).to_be_hidden()
    until_shared(noise, links[1])
    for began in range(5):
        noise.evaluate(LARGE, began)
    kept = noise.evaluate("JSON.parse(sessionStorage.getItem('results')).length")
    assert 1 < kept == strip.count() < 5  # as many of the newest as the browser has room for
