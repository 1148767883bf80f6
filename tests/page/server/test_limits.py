"""The limits: their variables, and their table in docs/SECURITY.md."""

import pytest

from ddpm.settings import settings_of
from devtools import ROOT
from page.server import limits
from page.server.limits import PREFIX, Limits
from page.server.requests.routes import ROUTES

DOCUMENT = (ROOT / "docs" / "SECURITY.md").read_text("utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a title."""
    section = DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_document_has_every_limit_with_its_default():
    shown = {
        variable.strip("`"): (default.replace(",", ""), about)
        for variable, default, about in rows("Limits")
    }
    assert shown == {
        PREFIX + name.upper(): (
            each.default or "empty" if each.kind is str else f"{each.default:.15g}",
            each.about,
        )
        for name, each in settings_of(Limits).items()
    }


def test_the_document_has_every_route():
    assert rows("Requests that are answered") == [
        [f"`{each.path}`", ", ".join(each.methods), each.sender, each.body.value] for each in ROUTES
    ]


def test_a_variable_changes_a_limit(monkeypatch):
    monkeypatch.delenv("DDPM_COMPUTE")  # the tests' own
    monkeypatch.setenv("DDPM_BODY_BYTES", "128000")
    assert limits._from_environment() == Limits(body_bytes=128_000) != Limits()


@pytest.mark.parametrize("value", ["-1", "many", "1e5", ""])
def test_a_wrong_value_is_named(monkeypatch, value):
    monkeypatch.setenv("DDPM_BODY_BYTES", value)
    with pytest.raises(SystemExit) as end:
        limits._from_environment()
    assert "DDPM_BODY_BYTES: body_bytes must be a whole number from 1000" in end.value.code
