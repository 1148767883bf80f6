"""What every answer tells the browser to allow."""

import os

from starlette.datastructures import MutableHeaders
from starlette.types import Message

from page.server.limits import LIMITS, Limits

HUB = "https://huggingface.co"  # on a Space, the page asks it for the Space's name and likes


class SecurityHeaders:
    """The short ones for every answer; documents also get a policy, which assets don't need."""

    def __init__(self, limits: Limits = LIMITS):
        self.short = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "strict-origin-when-cross-origin",
        }
        permitted = "camera=(self), microphone=(), geolocation=(), payment=()"
        self.document = self.short | {"permissions-policy": permitted}
        # a share link serves the page's scripts from Gradio's own servers
        if os.environ.get("GRADIO_SHARE", "").lower() != "true":
            policy = _policy(limits.framed_by, bool(os.environ.get("SPACE_ID")))
            self.document["content-security-policy"] = policy

    def added(self, message: Message) -> Message:
        """The first message of an answer, with these headers."""
        headers = MutableHeaders(raw=[*message.get("headers", ())])
        kind = headers.get("content-type", "")
        headers.update(self.document if "html" in kind or "xml" in kind else self.short)
        return {**message, "headers": headers.raw}


def _policy(framed_by: str, on_a_space: bool) -> str:
    """Gradio writes its configuration as an inline script and compiles templates at run time."""
    hub = f" {HUB}" if on_a_space else ""
    rules = [
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
    return "; ".join(rules)
