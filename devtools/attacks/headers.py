"""What a request line and its headers can say."""

import json
from urllib.parse import quote

import httpx

from devtools.attacks.attacker import Attacker
from devtools.hostile_client import Page

FORGED = json.dumps({"time": "2026-01-01T00:00:00Z", "level": "info", "event": "forged"})
FOREIGN = "attacker.example"
ORIGIN = f"https://{FOREIGN}"


def newlines(attacker: Attacker) -> None:
    """Line ends, real and Unicode's, before what looks like a line of the log."""

    def one(k: int, page: Page):
        end = ("\n", "\r\n", "\r", "\u2028", "\x1b[2K\n")[k % 5]
        line = f"{end}{FORGED}{end}"
        where = k // 5 % 5
        if where == 0:
            return page.client.get(f"/file={quote(line)}")
        if where == 1:
            return page.client.get("/queue/data", params={"session_hash": line})
        if where == 2:
            return page.client.get("/info", headers={"user-agent": quote(line), "x-line": "a"})
        if where == 3:
            return page.client.post(f"/run/{quote(line)}", json={"data": [], "session_hash": "n"})
        listener = page.listener("new_tables")
        return page.ask(listener, [line, [line], line])

    attacker.crowd(one, 100, at_once=4)


def forwarded_host(attacker: Attacker) -> None:
    """The first to ask for the API's description decides which address it shows to all."""
    headers = {
        "x-forwarded-host": FOREIGN,
        "x-forwarded-proto": "https",
        "x-forwarded-for": "127.0.0.1",
        "forwarded": f"host={FOREIGN};proto=https",
    }

    def one(k: int, page: Page) -> httpx.Response:
        answer = page.client.get("/info", headers=headers)
        if FOREIGN in answer.text:
            attacker.harm("the API's description names a foreign host")
        return answer

    attacker.crowd(one, 8, at_once=1)


def foreign_origin(attacker: Attacker) -> None:
    """Another site's script may not read answers with this page's cookies."""

    def one(k: int, page: Page) -> httpx.Response:
        answer = page.client.request(
            ("GET", "OPTIONS")[k % 2],
            ("/info", "/queue/join", "/upload", "/startup-events")[k // 2 % 4],
            headers={
                "host": "page.example",  # as on the open web: at "localhost", Gradio is stricter
                "origin": ORIGIN,
                "access-control-request-method": "POST",
                "cookie": "a=b",
            },
        )
        allowed = answer.headers.get("access-control-allow-origin")
        if allowed == ORIGIN and "access-control-allow-credentials" in answer.headers:
            attacker.harm("a foreign origin is allowed with credentials")
        return answer

    attacker.crowd(one, 80)
