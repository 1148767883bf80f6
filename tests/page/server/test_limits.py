"""The limits: their variables, and their table in docs/SECURITY.md."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ddpm.settings import settings_of
from devtools import ROOT
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


def limit(**variables):
    program = "from page.server.limits import LIMITS; print(LIMITS.body_bytes)"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ | variables,
        capture_output=True, text=True,
    )  # fmt: skip


def test_a_variable_changes_a_limit():
    assert limit(DDPM_BODY_BYTES="128000").stdout == "128000\n"


@pytest.mark.parametrize("value", ["-1", "many", "1e5", ""])
def test_a_wrong_value_is_named(value):
    run = limit(DDPM_BODY_BYTES=value)
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert "DDPM_BODY_BYTES: body_bytes must be a whole number from 1000" in run.stderr
