"""Behind nginx each visitor has a share of their own, by their own address."""

import asyncio

import httpx
import mcp
import pytest
from mcp.client.streamable_http import streamablehttp_client

from devtools.honest_visitor import HonestVisitor
from devtools.nginx import nginx_before
from devtools.server import running_app
from devtools.visitors import Refused

pytestmark = [pytest.mark.app, pytest.mark.timeout(600)]
LONG = {"generate-steps": 1000}


@pytest.fixture
def nginx(nginx_program, tiny_checkout):
    app = running_app(tiny_checkout, DDPM_RUNS_AT_ADDRESS="1", DDPM_MCP="1")
    with app as server, nginx_before(server.url) as nginx:
        yield nginx


class Visitor(HonestVisitor):
    async def draws(self) -> None:
        """Begin to draw, and go on for as long as the page is open. Refused if it can't."""
        self.drawing = self.run("sample", LONG)
        frames = 0  # the first is shown before there is a place in line
        async for what, _ in self.drawing:
            frames += what == "process_generating"
            if frames == 3:
                return


async def draws_by_mcp(url: str, address: str) -> bool:
    """Whether a program at this address gets a picture from the page's MCP server."""

    def client(headers=None, timeout=None, auth=None):
        transport = httpx.AsyncHTTPTransport(local_address=address)
        return httpx.AsyncClient(headers=headers, timeout=120, auth=auth, transport=transport)

    server = f"{url}/gradio_api/mcp/"
    async with (
        streamablehttp_client(server, httpx_client_factory=client) as (read, write, _),
        mcp.ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        (generate,) = [name for name in tools if name.endswith("generate")]
        result = await session.call_tool(generate, {"steps": 1, "count": 1})
        assert not result.isError or "line is full" in str(result.content)
        return not result.isError


async def shares(url: str) -> None:
    forged = {"X-Forwarded-For": "127.0.0.4"}
    one = Visitor(url, source="127.0.0.2")
    again = Visitor(url, source="127.0.0.2", headers=forged)
    other = Visitor(url, source="127.0.0.3")
    for each in (one, again, other):
        await each.open()
    try:
        await one.draws()
        with pytest.raises(Refused, match="line is full"):
            await again.draws()
        assert not await draws_by_mcp(url, "127.0.0.2")
        assert await draws_by_mcp(url, "127.0.0.5")
        await other.draws()
    finally:
        for each in (one, again, other):
            await each.close()


def test_visitors_and_programs_behind_a_proxy_have_a_share_each(nginx):
    asyncio.run(shares(nginx.url))
