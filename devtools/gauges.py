"""What a running app uses, watched from outside: memory, disk, and its event loop's time."""

import asyncio
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

import httpx
import psutil

from devtools.server import App

POLL_S = 0.05  # between questions to /health
READ_S = 0.5  # between readings of memory and disk


@dataclass(frozen=True)
class Disk:
    bytes: int
    files: int
    empty_folders: int


@cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=60)


def wait_s(url: str) -> float:
    """Seconds until /health answers. To be asked by a process that does nothing else, or it is that
    one's own threads that are late."""
    begin = time.perf_counter()
    with suppress(httpx.HTTPError):  # its time counts all the same
        _client().get(f"{url}/health")
    return time.perf_counter() - begin


def memory_of(app: App) -> int:
    """Resident bytes of all the app's processes; what they share counts once, where Linux tells."""
    total = 0
    for process in (app.process, *app.process.children(recursive=True)):
        with suppress(psutil.Error):  # ended in the meantime
            info = process.memory_full_info()
            total += getattr(info, "pss", info.rss)
    return total


def processor_s(app: App) -> float:
    """Seconds that the app's processes have computed."""
    total = 0.0
    for process in (app.process, *app.process.children(recursive=True)):
        with suppress(psutil.Error):  # ended in the meantime
            total += sum(process.cpu_times()[:2])
    return total


def disk_of(*folders: Path) -> Disk:
    """Everything below these folders, once, also if one lies in another."""
    sizes: dict[str, int] = {}
    empty: set[str] = set()
    for folder in folders:
        for name, below, here in os.walk(folder):
            if not below and not here:
                empty.add(name)
            for path in (os.path.join(name, each) for each in here):
                with suppress(OSError):  # deleted in the meantime
                    sizes[path] = os.lstat(path).st_size
    return Disk(sum(sizes.values()), len(sizes), len(empty))


def descriptors_of(app: App) -> int:
    with suppress(psutil.Error):
        return app.process.num_fds()
    return 0


class Gauges:
    """Reads until cancelled. The event loop answers /health itself, so that a late answer is a
    blocked loop, or a busy machine: compare with the answers before an attack.
    """

    def __init__(self, app: App, *folders: Path):
        self.app = app
        self.folders = (app.folder, *folders)
        self.restart()

    def restart(self) -> None:
        """Forget what was read so far."""
        self.waits_s: list[float] = []
        self.most_memory = memory_of(self.app)
        self.most_disk = disk_of(*self.folders)
        self.most_descriptors = descriptors_of(self.app)

    async def watch(self) -> None:
        await asyncio.gather(self._ask(), self._read())

    async def _ask(self) -> None:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:
            while True:
                waiting = asyncio.get_running_loop().run_in_executor(other, wait_s, self.app.url)
                self.waits_s.append(await waiting)
                await asyncio.sleep(POLL_S)

    async def _read(self) -> None:
        while True:
            memory = await asyncio.to_thread(memory_of, self.app)
            disk = await asyncio.to_thread(disk_of, *self.folders)
            self.most_memory = max(self.most_memory, memory)
            self.most_descriptors = max(self.most_descriptors, descriptors_of(self.app))
            pairs = zip(astuple(self.most_disk), astuple(disk), strict=True)
            self.most_disk = Disk(*map(max, pairs))
            await asyncio.sleep(READ_S)
