"""Requests that any door must stand: paths and hosts in many spellings, MCP calls, streams that are
asked for again, ranges. Each in less than half a minute of traffic.

`DOORS` has them by name, for `devtools.attacks.ATTACKS`.
"""

import secrets
import socket
import time

import httpx

from devtools.attacks.attacker import Attacker, get
from devtools.hostile_client import Page

SPELLINGS, HOSTS, CALLS, AGAIN, UNKNOWN = 40, 200, 75, 60, 1_000
ACCEPT = {"accept": "application/json, text/event-stream"}
SECRET = "http-only"


def _hold(attacker: Attacker, requests: list[bytes]) -> None:
    """Send each over a connection of its own, and read nothing of the answer, until time is up."""
    lines: list[socket.socket] = []
    for k, request in enumerate(requests):
        try:
            lines.append(attacker.connect(k))
            lines[-1].sendall(request)
        except OSError:
            attacker.count(("closed", ""))
    attacker.hold(lines)


def spellings(attacker: Attacker) -> None:
    """One file of 32 MB under forty names: each `./` makes another."""
    paths = [f"/static/ffmpeg/{'./' * k}ffmpeg-core.wasm" for k in range(SPELLINGS)]
    _hold(attacker, [get(path) for path in paths])


def hosts(attacker: Attacker) -> None:
    """Each host had a page of its own, compressed twice; each name of a file was looked for."""

    def one(k: int, page: Page) -> httpx.Response:
        headers = {"host": f"{secrets.token_hex(8)}.example", "accept-encoding": "br"}
        path = ("/", f"/assets/{secrets.token_hex(8)}.js")[k % 2]
        return page.client.get(f"{attacker.url}{path}", headers=headers)

    attacker.crowd(one, HOSTS)


def mcp_calls(attacker: Attacker) -> None:
    """Trainings that wait in line. An MCP server is only there if it is asked for: DDPM_MCP=1."""
    call = {"name": "train", "arguments": {"dim": 8, "steps": 20_000}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    attacker.crowd(
        lambda k, page: page.client.post("/mcp/", json=body, headers=ACCEPT), CALLS, at_once=CALLS
    )


def mcp_files(attacker: Attacker) -> None:
    """Files that came with MCP calls stayed for good, and were charged to nobody."""
    uri = "data:image/png;base64," + "A" * 40_000

    def one(k: int, page: Page) -> httpx.Response:
        call = {"name": "forward_gif", "arguments": {"image": f"{uri}{k:04}"}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        return page.client.post("/mcp/", json=body, headers=ACCEPT)

    attacker.crowd(one, 20, at_once=2)


def followers(attacker: Attacker) -> None:
    """All that a long run shows, asked for by its secret again and again, and never read."""
    page, secret = attacker.pages[0], secrets.token_hex(16)

    def join(name: str, changes: dict) -> bytes:
        session = secrets.token_hex(5)
        attacker.count(page.join(name, changes, session))
        return get(f"/gradio_api/queue/data?session_hash={session}")

    settings = {"generate-count": 16, "generate-steps": 200, "generate-sampler": "ddpm"}
    *_, its_secret = page.events["sample"].inputs
    line = attacker.connect(0)
    line.sendall(join("sample", settings | {its_secret: secret}))
    until = time.monotonic() + attacker.left_s / 2
    while time.monotonic() < until and line.recv(1_000_000):
        pass
    (asked,) = page.events["follow_drawing"].inputs
    again = {asked: f"{secret} again"}
    _hold(attacker, [join("follow_drawing", again) for _ in range(AGAIN)])


def unknown_streams(attacker: Attacker) -> None:
    """Each left 5.6 kB in the log."""
    attacker.crowd(
        lambda k, page: page.client.get("/queue/data", params={"session_hash": f"unknown{k}"}),
        UNKNOWN,
    )


def ranges(attacker: Attacker) -> None:
    """A script may not read cookies that are HttpOnly, but it can read an answer's headers."""
    file = attacker.pages[0].upload("a.txt", b"abcdef")["path"]
    headers = {"range": "bytes=0-3", "cookie": f"a={SECRET}"}

    def one(k: int, page: Page) -> httpx.Response:
        answer = page.client.get(f"/file={file}", headers=headers)
        if SECRET in str(answer.headers):
            attacker.harm("a cookie among the headers of an answer")
        return answer

    attacker.crowd(one, 8, at_once=1)


def two_hosts(attacker: Attacker) -> None:
    """What is checked may be another than what is used."""
    for k in range(8):
        with attacker.connect(k) as line:
            line.sendall(get("/config", "Host: attacker.example", "Connection: close"))
            status = line.recv(4096).split(b" ", 2)[1].decode()
        attacker.count((status, ""))
        if status == "200":
            attacker.harm("a request with two hosts is answered")


DOORS = {
    "one file under 40 names": spellings,
    "200 hosts and files that aren't there": hosts,
    "75 MCP calls that wait": mcp_calls,
    "20 MCP calls with a file": mcp_files,
    "60 followers of one run": followers,
    "1,000 streams of unknown sessions": unknown_streams,
    "ranges": ranges,
    "two hosts": two_hosts,
}
