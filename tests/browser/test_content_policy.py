"""The page under its Content-Security-Policy: alone, in a Space's frame, in a stranger's frame."""

import pytest
from playwright.sync_api import expect

from ddpm.schedules.betas import BETAS
from devtools.tabs import PANEL

pytestmark = pytest.mark.slow

HUB, STRANGER = "https://huggingface.co/spaces/me/mine", "https://stranger.example/"


@pytest.fixture
def framed(new_context, app_url):
    """`framed(url)`: the page in a frame of a site that says it is at `url`, and what Chromium's
    console said."""

    def open_at(url: str):
        page, said = new_context().new_page(), []
        page.on("console", lambda message: message.type == "error" and said.append(message.text))
        frame = f'<iframe allow="camera" width="1200" height="800" src="{app_url}"></iframe>'
        page.route(url, lambda route: route.fulfill(body=frame, content_type="text/html"))
        page.goto(url)
        return page, said

    return open_at


def allows_camera(frame) -> bool:
    return frame.evaluate("document.featurePolicy.allowsFeature('camera')")


def test_the_page_is_shown_in_a_spaces_frame(framed):
    page, said = framed(HUB)
    inner = page.frame_locator("iframe")
    expect(inner.locator(PANEL)).to_have_count(len(BETAS), timeout=60_000)
    assert allows_camera(page.frames[1]) and said == []


def test_a_stranger_can_not_frame_the_page(framed):
    page, said = framed(STRANGER)
    expect(page.frame_locator("iframe").locator("gradio-app")).to_have_count(0)
    assert any("frame-ancestors" in text for text in said)


def test_nothing_comes_from_elsewhere_and_the_camera_is_for_the_page_alone(visit):
    page = visit()
    assert allows_camera(page)
    assert not page.evaluate("document.featurePolicy.allowsFeature('microphone')")
    blocked = page.evaluate(
        """async () => {
            const violated = new Promise((resolve) => {
                const report = (event) => resolve(event.effectiveDirective);
                document.addEventListener("securitypolicyviolation", report);
            });
            const picture = new Image();
            picture.src = "https://stranger.example/a.png";
            return violated;
        }"""
    )
    assert blocked == "img-src"
