"""What every answer tells the browser to allow."""

from __future__ import annotations

import os

from starlette.types import Message

from page.server.limits import LIMITS, Limits

Headers = list[tuple[bytes, bytes]]
HUB = "https://huggingface.co"  # on a Space, the page asks it for the Space's name and likes
REPLACED = {b"x-content-type-options", b"referrer-policy", b"content-security-policy"}


class SecurityHeaders:
    """The short ones for every answer; documents also get a policy, which assets don't need."""

    def __init__(self, limits: Limits = LIMITS):
        self.short: Headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
        ]
        self.document: Headers = [
            *self.short,
            (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), payment=()"),
        ]
        # a share link serves the page's scripts from Gradio's own servers
        if os.environ.get("GRADIO_SHARE", "").lower() != "true":
            policy = _policy(limits.framed_by, bool(os.environ.get("SPACE_ID")))
            self.document.append((b"content-security-policy", policy.encode()))

    def added(self, message: Message) -> Message:
        """The first message of an answer, with these headers."""
        headers = [pair for pair in message.get("headers", []) if pair[0].lower() not in REPLACED]
        kind = next((value for key, value in headers if key.lower() == b"content-type"), b"")
        document = b"html" in kind or b"xml" in kind
        return {**message, "headers": [*headers, *(self.document if document else self.short)]}


def _policy(framed_by: str, on_a_space: bool) -> str:
    """Gradio writes its configuration as an inline script and compiles templates at run time."""
    hub = f" {HUB}" if on_a_space else ""
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self' data:",
            f"img-src 'self' data: blob:{hub}",
            "media-src 'self' data: blob:",
            f"connect-src 'self' data: blob:{hub}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors 'self' {framed_by}",
        ]
    )
