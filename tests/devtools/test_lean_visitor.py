"""The visitor of crowds sees what the other one sees."""

from __future__ import annotations

import asyncio
import json

import pytest

from devtools import ROOT
from devtools.honest_visitor import visit
from devtools.lean_visitor import LeanVisitor
from devtools.visitors import Refused

PICTURE = ROOT / "page/tabs/noise/examples/cat.jpg"
ASKED = {"generate-steps": 3, "generate-count": 2, "generate-seed": 5}


async def both(url):
    """What each of the two sees of the same run."""
    async with visit(url) as honest:
        expected = [message async for message in honest.run("sample", ASKED)]
        listed = honest.events
    lean = LeanVisitor(url, [["/theme.css"]], listed)
    await lean.load()
    seen = [message async for message in lean.run("sample", ASKED)]
    await lean.fetch(lean.results["sample"])
    picture = await lean.upload(PICTURE)
    uploaded = [what async for what, _ in lean.run("new_picture", {"noise-image": picture})]
    with pytest.raises(Refused, match="Steps"):
        async for _ in lean.run("sample", {"generate-steps": -1}):
            pass
    await lean.close()
    return expected, seen, uploaded


def test_it_sees_what_the_other_visitor_sees(app_url):
    expected, seen, uploaded = asyncio.run(both(app_url))
    assert [what for what, _ in seen][-1] == expected[-1]["msg"] == uploaded[-1]
    last = json.loads(seen[-1][1].removeprefix(b"data:"))
    assert last["success"] and last.keys() == expected[-1].keys()
    kinds = {"process_starts", "process_generating", "process_completed"}
    assert kinds <= {what for what, _ in seen}
