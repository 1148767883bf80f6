"""How many requests an event loop answers beside threads that compute in Python, by how soon these
must let others run.

    python -m benchmarks.switching

wrk (Debian's package) asks a small app over eight connections, while two threads compute. Prints
answers a second, their latency, and what the two threads got done meanwhile.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time

import uvicorn

from devtools.server import free_port
from page.server.serve import SWITCH_S

INTERVALS = (0.005, 0.001, SWITCH_S)  # seconds; the first is Python's default
REPEATS, SECONDS = 2, 4
BODY = b"x" * 2000


async def app(scope, receive, send) -> None:
    if scope["type"] == "http":
        headers = [(b"content-length", b"%d" % len(BODY))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": BODY})


def compute(stop: threading.Event, done: list[int]) -> None:
    count = 0
    while not stop.is_set():
        sum(k * k for k in range(2000))
        count += 1
    done.append(count)


def measure(url: str) -> str:
    stop, done = threading.Event(), []
    threads = [threading.Thread(target=compute, args=[stop, done]) for _ in range(2)]
    for thread in threads:
        thread.start()
    command = ["wrk", "-t1", "-c8", f"-d{SECONDS}s", "--latency", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    stop.set()
    for thread in threads:
        thread.join()
    found = [re.search(rf"{what}\s+(\S+)", said) for what in ("Requests/sec:", " 50%", " 99%")]
    return " | ".join([*(each[1] if each else "?" for each in found), str(sum(done))])


def main() -> None:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.1)
    print("| interval | answers a second | p50 | p99 | computed |\n|---|---|---|---|---|")
    for interval in INTERVALS * REPEATS:
        sys.setswitchinterval(interval)
        print(f"| {1000 * interval} ms | {measure(f'http://127.0.0.1:{port}/')} |", flush=True)
    server.should_exit = True
    thread.join()


if __name__ == "__main__":
    main()
