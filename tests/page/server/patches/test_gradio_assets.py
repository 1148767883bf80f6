"""The files that the page names at once are those that Gradio's scripts would ask for."""

import pytest

from page.server.patches import gradio_assets
from page.server.patches.gradio_assets import ASSETS, needed, styles
from page.server.requests.page_html import TEMPLATE

HTML = TEMPLATE.read_text("utf-8")


@pytest.fixture(scope="module")
def names(built):
    return needed(HTML, built.get_config_file())


def test_they_exist_and_each_is_named_once(names):
    assert len(names) == len(set(names)) > 50
    assert all((ASSETS / name).is_file() for name in names)
    for start in ("Index-", "Blocks-", "core-", "HTML-", "statustracker-"):
        assert any(name.startswith(start) for name in names)


def test_what_is_not_seen_at_first_is_not_named():
    def component(id_: int, kind: str, **props) -> dict:
        return {"id": id_, "type": kind, "props": props}

    config = {
        "components": [
            component(1, "tabs"), component(2, "tabitem"), component(3, "slider"),
            component(4, "tabitem"), component(5, "audio"), component(6, "accordion", open=False),
            component(7, "chatbot"), component(8, "video", visible=False),
            component(9, "accordion", open=True), component(10, "radio"),
        ],
        "layout": {"id": 0, "children": [
            {"id": 1, "children": [
                {"id": 2, "children": [
                    {"id": 3}, {"id": 6, "children": [{"id": 7}]}, {"id": 8},
                    {"id": 9, "children": [{"id": 10}]}]},
                {"id": 4, "children": [{"id": 5}]},
            ]},
        ]},
    }  # fmt: skip
    names = set(needed(HTML, config))
    for kind, is_named in {
        "slider": True, "radio": True, "accordion": True, "tabitem": True,
        "audio": False, "chatbot": False, "video": False,
    }.items():  # fmt: skip
        core = next(name for name in names if gradio_assets.CORE.fullmatch(name))
        own = gradio_assets.files_of(core, gradio_assets.COMPONENT)[kind][0]
        assert (own in names) == is_named, kind


def test_styles_that_name_other_files_stay_files(names):
    texts = styles(names)
    assert len(texts) > 20 and not any("url(" in text for text in texts.values())
    left = {name for name in names if name.endswith(".css")} - set(texts)
    assert all("url(" in (ASSETS / name).read_text("utf-8") for name in left)


def test_other_scripts_are_not_guessed_at():
    assert needed("<html></html>", {"components": [], "layout": {"id": 0}}) == []
