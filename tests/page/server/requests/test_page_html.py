"""The page's HTML: everything that a browser needs of Gradio's configuration, and nothing else."""

import json

import pytest
from gradio.routes import toorjson

from ddpm.patching import PatchError
from page.layout import FIRST_SIGHT
from page.server.requests.page_html import for_browsers

CONFIG, APP = "window.gradio_config = ", "<gradio-app"


def html_of(config: dict) -> str:
    scripts = f"<script>{CONFIG}{toorjson(config)};</script>"
    scripts += "<script>window.gradio_api_info = {};</script>"
    return f"<html><head>{scripts}</head><body>{APP}></gradio-app></body></html>"


def config_of(html: str) -> dict:
    return json.JSONDecoder().raw_decode(html, html.index("{", html.index(CONFIG)))[0]


def ids_in(node: dict) -> set[int]:
    return {node["id"]}.union(*map(ids_in, node.get("children", ())))


@pytest.fixture(scope="module")
def own(built) -> dict:
    """Gradio's configuration of the page, as it writes it."""
    return config_of(html_of(built.get_config_file()))


@pytest.fixture(scope="module")
def sent(own) -> dict:
    return config_of(for_browsers(html_of(own), FIRST_SIGHT))


def test_every_component_that_can_be_seen_is_sent_with_all_that_it_shows(own, sent):
    by_id = {each["id"]: each for each in sent["components"]}
    missing = [each for each in own["components"] if each["id"] not in by_id]
    assert missing and {each["type"] for each in missing} == {"api"}
    for each in own["components"]:
        if each["type"] != "api":
            there = by_id[each["id"]]
            assert {key: each[key] for key in there} == there
            assert {"id", "type", "props", "component_class_id", "key"} <= set(there)
    assert (
        ids_in(sent["layout"])
        == {own["layout"]["id"], *by_id}
        == ids_in(own["layout"]) - {each["id"] for each in missing}
    )


def test_every_event_of_the_page_is_sent(own, sent):
    dropped = [each for each in own["dependencies"] if each not in sent["dependencies"]]
    assert dropped and all(each["api_visibility"] == "public" for each in dropped)
    ids = ids_in(sent["layout"])
    for event in sent["dependencies"]:
        used = {*event["inputs"], *event["outputs"], *(target for target, _ in event["targets"])}
        # 0 is the page itself, None an event that follows another
        assert used - {0, None} <= ids, event["api_name"]


def test_gradios_list_of_what_is_on_the_page_says_the_same(sent):
    page = sent["page"][""]
    for kind in ("components", "dependencies"):
        assert page[kind] == [each["id"] for each in sent[kind]]
    assert page["layout"] == sent["layout"]


def test_what_can_be_read_at_once_comes_before_what_takes_time(own):
    html = for_browsers(html_of(own), FIRST_SIGHT)
    places = [html.index(part) for part in ('<div id="first-sight">', CONFIG, APP)]
    assert places[1] < 10_000 and places == sorted(places)
    assert html.count(CONFIG) == 1


def test_a_page_that_gradio_writes_in_another_way_is_not_guessed_at(own):
    html = html_of(own)
    for missing in (CONFIG, "window.gradio_api_info", APP):
        with pytest.raises(PatchError, match="other parts"):
            for_browsers(html.replace(missing, "other"), FIRST_SIGHT)
