"""The requests that the page, gradio_client, MCP and hosts send. Every other is answered 404.

docs/SECURITY.md shows `ROUTES` as a table.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from urllib.parse import parse_qsl

from page.server.limits import LIMITS, Limits
from page.server.refusal import Refused
from page.texts import both


class Body(Enum):
    NONE = "none"
    JSON = "JSON"
    EVENT = "an event"  # JSON that may list thousands of uploaded files
    FILES = "files"


@dataclass(frozen=True)
class Route:
    path: str  # {path} is any rest, {session} a session's name, {name} a word
    methods: tuple[str, ...]
    sender: str
    body: Body = Body.NONE

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = {
            r"\{path\}": r"[^\x00-\x1f\x7f]+",
            r"\{session\}": r"(?P<session>[^/]+)",
            r"\{name\}": r"[\w-]{1,100}",
        }
        pattern = re.escape(self.path)
        for part, matched in parts.items():
            pattern = pattern.replace(part, matched)
        if self.path != "/":  # a slash at the end makes no difference, as in Gradio
            pattern = pattern.removesuffix("/") + "/?"
        return re.compile(pattern, re.ASCII)


API = "/gradio_api"
GET, POST = ("GET",), ("POST",)
SEEN = ("GET", "HEAD")
ROUTES = (
    Route("/assets/{path}", GET, "page"),
    Route("/static/{path}", GET, "page"),
    Route("/browser/{path}", GET, "page"),
    Route(f"{API}/file={{path}}", SEEN, "page, programs"),
    Route("/", SEEN, "page, hosts"),
    Route("/health", SEEN, "hosts"),
    Route("/metrics", GET, "Prometheus"),
    Route("/theme.css", GET, "page"),
    Route(f"{API}/theme.css", GET, "page"),
    Route("/favicon.ico", GET, "browsers"),
    Route("/manifest.json", GET, "browsers"),
    Route("/robots.txt", GET, "search engines"),
    Route("/config", GET, "programs"),
    Route(f"{API}/info", GET, "page, programs"),
    Route(f"{API}/openapi.json", GET, "programs"),
    Route(f"{API}/app_id", GET, "page"),
    Route(f"{API}/startup-events", GET, "Gradio itself, at start"),
    Route(f"{API}/heartbeat/{{session}}", GET, "page, programs"),
    Route(f"{API}/queue/join", POST, "page, programs", Body.EVENT),
    Route(f"{API}/queue/data", GET, "page, programs"),
    Route(f"{API}/queue/status", GET, "programs"),
    Route("/hang_up", POST, "page", Body.JSON),
    Route("/class/{name}", POST, "page", Body.JSON),
    Route("/class/at/{name}", GET, "page"),
    Route("/class/at/{name}/{path}", GET, "page"),
    Route(f"{API}/cancel", POST, "page, programs", Body.JSON),
    Route(f"{API}/reset", POST, "page, programs", Body.JSON),
    Route(f"{API}/run/{{name}}", POST, "page, programs", Body.EVENT),
    Route(f"{API}/api/{{name}}", POST, "programs", Body.EVENT),
    Route(f"{API}/call/{{name}}", POST, "programs", Body.EVENT),
    Route(f"{API}/call/v2/{{name}}", POST, "programs", Body.EVENT),
    Route(f"{API}/call/{{name}}/{{session}}", GET, "programs"),
    Route(f"{API}/call/v2/{{name}}/{{session}}", GET, "programs"),
    Route(f"{API}/upload", POST, "page, programs", Body.FILES),
    Route(f"{API}/upload_progress", GET, "page"),
    Route(f"{API}/mcp/", POST, "MCP", Body.JSON),
    Route(f"{API}/mcp/schema", GET, "MCP"),
)
NAMES = ("session_hash", "upload_id")  # parameters that Gradio keeps names from


def find(method: str, path: str, limits: Limits = LIMITS) -> Route:
    """The route of a request, checked for the name of a session in its path. Raises Refused."""
    refused = Refused(404, "Not Found")
    for route in ROUTES:
        if match := route.pattern.fullmatch(path):
            if method in route.methods:
                if session := match.groupdict().get("session"):
                    check_name(session, limits)
                return route
            refused = Refused(405, "Method Not Allowed")
    raise refused


def check_query(query: bytes, limits: Limits = LIMITS) -> None:
    """Check the names in a query string. Raises Refused."""
    for key, value in parse_qsl(query.decode("latin-1")):
        if key in NAMES:
            check_name(value, limits)


def check_name(name: str, limits: Limits = LIMITS) -> None:
    """Check the name of a session, an event or an upload, of which Gradio keeps each. Raises
    Refused."""
    if len(name) > limits.session_chars or not re.fullmatch(r"[\w-]+", name, re.ASCII):
        raise Refused(422, both("request_name").format(most=limits.session_chars))
