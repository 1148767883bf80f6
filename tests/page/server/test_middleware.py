"""What the running app sends to a browser: compression and caching."""

from __future__ import annotations

import re

import httpx
import pytest


@pytest.fixture(scope="module")
def page(app_url):
    return httpx.get(app_url, headers={"Accept-Encoding": "gzip"})


def test_the_page_is_compressed_if_the_client_accepts_it(app_url, page):
    assert page.headers["content-encoding"] == "gzip"
    assert page.num_bytes_downloaded < 0.6 * len(page.content)
    plain = httpx.get(app_url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content[:100] == page.content[:100]


def test_only_files_with_a_hash_in_their_name_are_cached_for_good(app_url, page):
    script = re.search(r'src="\./(assets/index-[\w-]{8}\.js)"', page.text)[1]
    answer = httpx.get(f"{app_url}/{script}")
    assert "immutable" in answer.headers["cache-control"]
    for other in ("", "config", "assets/missing-12345678.js"):
        assert "immutable" not in httpx.get(f"{app_url}/{other}").headers.get("cache-control", "")
