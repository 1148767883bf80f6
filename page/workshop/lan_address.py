"""The address under which others in the room can open the page."""

import io
import os
import re
import socket
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import psutil
import segno

MAX_LENGTH = 300  # characters of an address
ORIGIN = re.compile(r"https?://[\w.:\[\]-]+(/[\w./~-]*)?", re.ASCII)
EVERY_INTERFACE = ("0.0.0.0", "::")
SOMEWHERE = ("192.0.2.1", 9)  # of the range for documentation


def bound_to() -> str:
    """What this server is bound to; Gradio reads the same variable."""
    return os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")


def listens_to_others(host: str) -> bool:
    """Whether a server bound to this name or address is reached from other machines."""
    return host not in ("localhost", "::1") and not host.startswith("127.")


def own_address(host: str) -> str | None:
    """This machine's address for others: `host` if it is one, and otherwise that of the interface
    that leads out of the machine. None if it has no network."""
    if host not in EVERY_INTERFACE:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
        asking.connect(SOMEWHERE)  # chooses the interface; a datagram socket sends nothing yet
        return asking.getsockname()[0]
    # no way out, as in a room with a network of its own
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    local = [
        each.address
        for name, addresses in psutil.net_if_addrs().items()
        for each in addresses
        if name in up and each.family == socket.AF_INET
    ]
    return next((each for each in local if not each.startswith(("127.", "169.254."))), None)


def address_for_others(origin: object) -> str | None:
    """Where others open the page that a visitor sees at `origin`: the same, unless the visitor sits
    at the server itself. None if nobody else can."""
    if not isinstance(origin, str) or len(origin) > MAX_LENGTH or not ORIGIN.fullmatch(origin):
        return None
    parts = urlsplit(origin)
    name = parts.hostname or ""
    if listens_to_others(name):
        return origin
    host = bound_to()
    if not listens_to_others(host) or (own := own_address(host)) is None:
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{own}{port}{parts.path}"


def invitation(port: int) -> str | None:
    """For the terminal: where others open the page, and its QR code. None if nobody else can, and
    on a Space, whose address is another."""
    host = bound_to()
    if os.environ.get("SPACE_ID") or not listens_to_others(host):
        return None
    if (own := own_address(host)) is None:
        return None
    name = f"[{own}]" if ":" in own else own
    url = f"http://{name}:{port}"
    return f"Others in the room open {url}\n{_in_terminal(url)}"


def _in_terminal(url: str) -> str:
    """A QR code of half blocks; nothing where the terminal has none."""
    code, terminal = io.StringIO(), sys.__stdout__  # what is printed to sys.stdout is logged
    if terminal is None or not terminal.isatty():
        return ""
    segno.make(url).terminal(code, border=2, compact=True)
    try:
        code.getvalue().encode(terminal.encoding or "ascii")
    except UnicodeEncodeError:
        return ""
    return code.getvalue()
