"""Who sent a request: the one place that reads what proxies say in X-Forwarded-* headers.

Afterwards the scope says it itself: "client", "scheme" and the Host header are the visitor's, and
the proxies' headers are gone, so that nothing else can believe a forged one. uvicorn's own reading
takes the first address of a list in which all are proxies', which a visitor may have written.
"""

import ipaddress
import os
import re
import sys

from starlette.datastructures import Headers
from starlette.types import Scope

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
FORWARDED = re.compile(rb"x-forwarded-[\w-]+|forwarded|x-gradio-server")
THIS_MACHINE = "127.0.0.1,::1"


def default_proxies() -> str:
    """On a Space every request comes through Hugging Face's proxies; elsewhere, believe those on
    this machine."""
    return "*" if os.environ.get("SPACE_ID") else THIS_MACHINE


class Networks:
    """`listed`: addresses and networks, separated by commas; "*" for every one; "none". `variable`
    is the one that lists them, for the message if they can't be read."""

    def __init__(self, listed: str, variable: str):
        self.every = listed == "*"
        named = [] if listed in ("*", "none") else listed.split(",")
        try:
            self._networks = [ipaddress.ip_network(each.strip()) for each in named]
        except ValueError as error:
            sys.exit(f"The page can't start: {variable}: {error}")

    def __contains__(self, address: str | Address | None) -> bool:
        known = _parsed(address) if isinstance(address, str) else address
        return self.every or (known is not None and any(known in each for each in self._networks))


class Proxies(Networks):
    """Those whose headers are believed."""

    def __init__(self, trusted: str):
        super().__init__(trusted, "DDPM_TRUSTED_PROXIES")

    def resolve(self, scope: Scope) -> Scope:
        """The scope of a request as if the visitor had sent it directly."""
        peer, port = scope.get("client") or ("", 0)
        address, scheme = _parsed(peer), scope.get("scheme", "http")
        headers = [pair for pair in scope["headers"] if not FORWARDED.fullmatch(pair[0])]
        if len(headers) < len(scope["headers"]) and address in self:
            address = self._visitor(address, _all(scope, "x-forwarded-for"))
            if host := _all(scope, "x-forwarded-host")[-1:]:
                headers = [pair for pair in headers if pair[0] != b"host"]
                headers.append((b"host", host[0].encode("latin-1")))
            if (said := _all(scope, "x-forwarded-proto")[-1:]) and said[0] in ("http", "https"):
                scheme = said[0]
        client = (_shown(address) or peer, port)
        return {**scope, "client": client, "scheme": scheme, "headers": headers}

    def _visitor(self, peer: Address | None, hops: list[str]) -> Address | None:
        """The last hop that is not a proxy: what stands before it, the visitor may have written.
        If every one is a proxy, the last."""
        known = peer
        for hop in map(_parsed, reversed(hops)):
            if hop is None:
                return known
            if hop.is_global if self.every else hop not in self:
                return hop
            known = hop if known is peer else known
        return known


def _all(scope: Scope, name: str) -> list[str]:
    """Every value of a header that may have several, in order."""
    parts = ",".join(Headers(scope=scope).getlist(name)).split(",")
    return [part.strip() for part in parts if part.strip()]


def _parsed(text: str) -> Address | None:
    """An address with or without a port. None if it is none."""
    if match := re.fullmatch(r"\[(.+)\](?::\d+)?|([\d.]+):\d+", text):
        text = match[1] or match[2]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _shown(address: Address | None) -> str:
    """An IPv6 visitor owns 2^64 addresses: their network stands for all of them."""
    if isinstance(address, ipaddress.IPv6Address) and not address.is_loopback:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address or "")
