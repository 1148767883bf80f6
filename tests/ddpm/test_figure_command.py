"""`ddpm figure`: every kind makes its file, and says what is wrong."""

import json

import pytest
from PIL import Image

from devtools import ROOT
from devtools.command import refused, run


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Logs of two, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        lines = [json.dumps({"step": k, "loss": 1 / k}) for k in range(1, 30)]
        (tmp_path / name / "log.jsonl").write_text("\n".join(lines))


CALLS = [
    ["schedules"],
    ["schedules", "cosine", "rectified_flow~shift_3", "--T", "50", "--language", "zh"],
    ["noise", "--T", "200", "--notebook"],
    ["noise", "cosine", "--picture", ROOT / "page/tabs/noise/examples/cat.jpg", "--seed", "3"],
    ["trajectory", "--count", "1", "--steps", "2"],
    ["compare", "sampler", "ddim", "dpm_solver", "--count", "2", "--label", "7", "--steps", "1"],
    ["compare", "label", "0", "9", "--count", "1", "--steps", "1"],
    ["compare", "schedule", "linear", "--count", "1", "--steps", "1"],
    ["loss", "first"],
    ["loss", "first", "second", "--log"],
    ["quality", ROOT / "benchmarks/samplers.json", "--floor", "0.035"],
    ["quality", ROOT / "benchmarks/schedules.jsonl", "--by", "schedule"],
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: "-".join(map(str, call))[:30])
def test_each_kind_of_figure(runs, call, tmp_path):
    assert run("figure", *call, "--out", "figure.png") == "figure.png\n"
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.width == 1600 and len(set(picture.convert("L").getdata())) > 20


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (["schedules", "unknown"], "unknown schedule"),
        (["schedules", "--out", "figure.jpg"], ".png or .svg"),
        (["noise", "--picture", "none.png"], "No such file"),
        (["compare", "steps", "many"], "must be a number"),
        (["loss", "nowhere"], "No such file"),
        (["loss", "first", "first"], "different names"),
        (["quality", ROOT / "README.md"], "JSON rows"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(runs, call, says):
    said = refused("figure", *call)
    assert says in said and said.count("\n") == 1
