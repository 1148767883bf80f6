"""The names that other tools have: diffusers has its own, and the documentation says the same."""

import diffusers

from ddpm.exchange import names
from ddpm.sampling.samplers import ALL_SAMPLERS
from ddpm.sampling.spacing import SPACINGS
from devtools import ROOT


def test_they_are_those_of_diffusers_and_of_the_documentation():
    assert names.SAMPLERS.keys() == ALL_SAMPLERS.keys() - {"flow_map"}
    assert names.SPACINGS.keys() == {*SPACINGS} - {"middle"}  # which only ours has
    written = (ROOT / "docs/PROGRAMS.md").read_text("utf-8").splitlines()
    for name, theirs in (names.SAMPLERS | names.SPACINGS).items():
        begins = (f"| `{name}`", f"| spacing `{name}`")
        (row,) = [line for line in written if line.startswith(begins)]
        cells = row.strip("| ").split(" | ")[1:]
        for cell, known in zip(cells, theirs, strict=True):
            assert known in cell if known else cell == "–", (name, cell)
    for scheduler, *_ in names.SAMPLERS.values():
        assert hasattr(diffusers, scheduler)
