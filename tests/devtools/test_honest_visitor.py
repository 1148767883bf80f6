"""The visitor of crowds and sieges sees what Gradio's own client sees."""

import asyncio
import json

import pytest
from gradio_client import Client

from devtools import ROOT
from devtools.honest_visitor import visit
from devtools.page_events import events
from devtools.visitors import Refused

PICTURE = ROOT / "page/tabs/noise/examples/cat.jpg"
ASKED = {"steps": 3, "count": 2, "seed": 5}


async def seen(url: str) -> tuple[list[tuple[str, bytes]], list[str]]:
    async with visit(url) as visitor:
        visitor.events |= events(await visitor.http.json("/config"))  # those of programs
        drawn = [each async for each in visitor.run("generate", ASKED)]
        await visitor.fetch(visitor.results["generate"])
        picture = await visitor.upload(PICTURE)
        shown = [what async for what, _ in visitor.run("new_picture", {"noise-image": picture})]
        with pytest.raises(Refused, match="Steps"):
            async for _ in visitor.run("generate", {"steps": -1}):
                pass
    return drawn, shown


def test_it_sees_what_gradios_client_sees(app_url):
    drawn, shown = asyncio.run(seen(app_url))
    assert {"process_starts", "process_generating"} < {what for what, _ in drawn}
    assert drawn[-1][0] == shown[-1] == "process_completed"
    pictures, *_ = Client(app_url, verbose=False).predict(**ASKED, api_name="/generate")
    assert json.loads(drawn[-1][1])["output"]["data"][0] == pictures
