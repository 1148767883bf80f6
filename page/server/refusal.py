"""A request that is answered with a status and a sentence: by the gate, before Gradio sees it, or
because it exceeds its sender's share."""

from starlette.responses import JSONResponse, PlainTextResponse, Response


class Refused(Exception):
    """The status of the answer, and why, in words for whoever sent the request."""

    def __init__(self, status: int, why: str):
        super().__init__(why)
        self.status = status
        self.why = why

    def answer(self, path: str) -> Response:
        """In the form in which the page shows it: an upload's as plain text, with the queue the
        "detail", without it the "error"."""
        if path.rstrip("/").endswith("/upload"):
            return PlainTextResponse(self.why, self.status)
        return JSONResponse({"detail": self.why, "error": self.why}, self.status)
