"""The plans of a lesson and the glossary agree with the page and the code."""

import re
import subprocess

import pytest

from devtools import ROOT
from docs import teaching


@pytest.mark.parametrize("length", teaching.LENGTHS)
def test_the_minutes_of_a_lesson_add_up(length):
    at = teaching.LENGTHS.index(length)
    assert sum(step["minutes"][at] for step in teaching.steps()) == length


@pytest.mark.parametrize(("language", "name"), teaching.FILES.items())
def test_the_plans_are_those_of_the_tour(language, name):
    written = (ROOT / "docs" / name).read_text("utf-8")
    assert written == teaching.plan(language), "run python -m docs.teaching"


def test_the_glossary_names_what_the_code_has():
    rows = (ROOT / "docs" / "GLOSSARY.md").read_text("utf-8").splitlines()[6:]
    assert len(rows) == 40
    for row in rows:
        for name in re.findall(r"`([\w.]+)`", row):
            found = ["git", "grep", "-qw", name.rpartition(".")[2], "--", "ddpm/**.py"]
            assert subprocess.run(found, cwd=ROOT).returncode == 0, name
