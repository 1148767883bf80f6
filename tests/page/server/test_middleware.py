"""What travels to a browser, asked of the running app."""

from __future__ import annotations

import re

import httpx
import pytest


@pytest.fixture(scope="module")
def page(app_url):
    return httpx.get(app_url, headers={"Accept-Encoding": "gzip"})


def test_the_page_is_compressed_for_those_who_can_read_it(app_url, page):
    assert page.headers["content-encoding"] == "gzip"
    assert page.num_bytes_downloaded < 0.6 * len(page.content)
    plain = httpx.get(app_url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content[:100] == page.content[:100]


def test_a_browser_keeps_what_has_its_hash_in_its_name(app_url, page):
    script = re.search(r'src="\./(assets/index-[\w-]{8}\.js)"', page.text)[1]
    answer = httpx.get(f"{app_url}/{script}")
    assert "immutable" in answer.headers["cache-control"]
    for other in ("", "config", "assets/missing-12345678.js"):
        assert "immutable" not in httpx.get(f"{app_url}/{other}").headers.get("cache-control", "")
