"""`ddpm figure`: every kind makes its file, and says what is wrong."""

import json
import sys

import pytest
from PIL import Image

from ddpm.__main__ import main
from devtools import ROOT


@pytest.fixture
def figure(monkeypatch, tmp_path, capsys):
    """Calls `ddpm figure`; returns its exit code and what it printed, files in tmp_path."""
    monkeypatch.chdir(tmp_path)

    def call(*args: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["ddpm", "figure", *map(str, args)])
        code = main()
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


@pytest.fixture
def runs(tmp_path):
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
    ["compare", "schedule", "linear", "--count", "1", "--steps", "1"],
    ["loss", "first"],
    ["loss", "first", "second", "--log"],
    ["quality", ROOT / "benchmarks/samplers.json", "--floor", "0.035"],
    ["quality", ROOT / "benchmarks/schedules.jsonl", "--by", "schedule"],
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: "-".join(map(str, call))[:30])
def test_each_kind_of_figure(figure, runs, call, tmp_path):
    assert figure(*call, "--out", "figure.png") == (0, "figure.png\n")
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.width == 1600 and len(set(picture.convert("L").getdata())) > 20


def test_an_svg(figure, tmp_path):
    assert figure("schedules", "--out", "figure.svg")[0] == 0
    assert (tmp_path / "figure.svg").read_text().startswith("<?xml")


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
def test_what_is_wrong_is_said_in_one_line(figure, runs, call, says):
    code, printed = figure(*call)
    assert code == 1 and says in printed and printed.count("\n") == 1
