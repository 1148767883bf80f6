"""A client that means harm, bounded in time, and what came of it."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from devtools.hostile_client import Page

Act = Callable[[int, Page], object]
ADDRESSES = [f"127.0.0.{k}" for k in range(2, 10)]  # an honest visitor's is 127.0.0.1


@dataclass(frozen=True)
class Outcome:
    answers: dict[str, int]  # how many of each: a status, or the kind of an event's answer
    words: list[str]  # some of the messages, each once
    harms: list[str]  # what an answer must not have shown or done


class Attacker:
    """Its time begins once it has read the page's configuration."""

    def __init__(self, url: str, seconds: float):
        if urlsplit(url).hostname != "127.0.0.1":
            raise ValueError(f"only loopback is attacked, not {url}")
        self.url = url
        self._answers: Counter[str] = Counter()
        self._words: dict[str, None] = {}  # in order
        self._harms: dict[str, None] = {}
        self._asked = self._answered = 0
        self._lock = threading.Lock()
        page = Page(url)
        self.pages = [page.seen_from(address) for address in ADDRESSES]
        self.until = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        return max(0.0, self.until - time.monotonic())

    def crowd(
        self, act: Act, times: int, at_once: int = 8, addresses: int = len(ADDRESSES)
    ) -> None:
        """`act(k, page)` for every k, from this many threads and addresses, while there is time.
        Counts what it returns: a response, or the kind of an answer and its message.
        """

        def one(k: int) -> None:
            if self.left_s:
                with self._lock:
                    self._asked += 1
                self.count(_answer(act, k, self.pages[k % addresses]))
                with self._lock:
                    self._answered += 1

        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(one, range(times)))

    def count(self, answer: httpx.Response | tuple[str, str]) -> None:
        if isinstance(answer, httpx.Response):
            answer = str(answer.status_code), answer.text[:300]
        kind, message = answer
        with self._lock:
            self._answers[kind] += 1
            if message and len(self._words) < 20:
                self._words[message] = None

    def harm(self, what: str) -> None:
        self._harms[what] = None

    def connect(self, k: int) -> socket.socket:
        """A bare connection, for what httpx is too well-behaved to send."""
        where = urlsplit(self.url)
        timeout = max(0.1, self.left_s)
        source = (ADDRESSES[k % len(ADDRESSES)], 0)
        return socket.create_connection((where.hostname, where.port), timeout, source)

    def hold(self, lines: Iterable[socket.socket]) -> None:
        """Keep these open, and read nothing, until time is nearly up."""
        time.sleep(max(0.0, self.left_s - 1))
        for line in lines:
            line.close()
            self.count(("held", ""))

    def outcome(self) -> Outcome:
        answers = dict(self._answers)
        if unanswered := self._asked - self._answered:
            answers["no answer yet"] = unanswered
        return Outcome(answers, list(self._words), list(self._harms))


def get(path: str, *headers: str) -> bytes:
    """A request for a bare connection."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def _answer(act: Act, k: int, page: Page) -> httpx.Response | tuple[str, str]:
    try:
        return act(k, page)
    except (httpx.HTTPError, OSError) as error:
        return type(error).__name__, ""
