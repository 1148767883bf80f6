"""The documentation as pages: MkDocs builds them, and the reference has all that is public."""

import re
import subprocess
import sys

import pytest

import ddpm
from devtools import ROOT


@pytest.mark.slow
def test_every_public_function_and_class_is_in_the_reference(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "REFERENCE" / "index.html").read_text("utf-8")
    ids = {*re.findall(r'id="ddpm\.(\w+)"', page)}
    public = {name for name in ddpm.__all__ if callable(getattr(ddpm, name))}
    others = {name for name in public if getattr(ddpm, name).__name__ != name}  # aliases, and made
    assert public - others <= ids
    assert "Ancestral sampling" in page and "eps_fn" in page  # with its parameters
    for lesson in ("LESSON", "LESSON.zh"):
        page = (tmp_path / lesson / "index.html").read_text("utf-8")
        words = re.sub("<pre.*?</pre>", "", page, flags=re.S)
        assert words.count("<math") > 30 and "$" not in words
