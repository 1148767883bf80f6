"""A request that is answered with a status and a sentence: by the gate, before Gradio sees it, or
because it exceeds its sender's share."""

from __future__ import annotations


class Refused(Exception):
    """The status of the answer, and why, in words for whoever sent the request."""

    def __init__(self, status: int, why: str):
        super().__init__(why)
        self.status = status
        self.why = why
