"""How long a comparison is about to take."""

from page.models.registry import Request


class Pace:
    """How long sampling takes here: a guess, then a running average."""

    def __init__(self):
        self.call_s = 0.005  # of one picture; twice as long with guidance

    def seconds(self, request: Request) -> float:
        return request.steps * self.call_s * _work(request)

    def took(self, request: Request, seconds: float) -> None:
        self.call_s += (seconds / request.steps / _work(request) - self.call_s) / 4


PACE = Pace()


def _work(request: Request) -> int:
    """Pictures that the network sees in one call."""
    return request.count * request.passes
