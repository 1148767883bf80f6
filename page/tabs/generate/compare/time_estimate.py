"""How long a comparison is about to take."""

from page.models.registry import Request


class Pace:
    """How long sampling takes here: a guess, then a running average."""

    def __init__(self):
        self.call_s = 0.005  # of one picture; twice as long with guidance

    def seconds(self, request: Request) -> float:
        return request.steps * self.call_s * request.count * request.passes

    def took(self, request: Request, seconds: float) -> None:
        call_s = seconds / request.steps / request.count / request.passes
        self.call_s += (call_s - self.call_s) / 4


PACE = Pace()
