"""Runs nginx as deployed, before servers of the page on this machine."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.nginx import configuration
from devtools.server import free_port, wait_for

RELOADS_S = 60  # at most, until new connections meet the new configuration


def find_nginx() -> str | None:
    """Path of the program; Debian has it where only root looks for programs."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@dataclass(frozen=True)
class Nginx:
    url: str
    folder: Path
    servers: Sequence[str]  # their addresses

    @property
    def log(self) -> Path:
        """One line per request."""
        return self.folder / "requests.log"

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(int((self.folder / "nginx.pid").read_text()))

    def configure(self, draining: Collection[int] = ()) -> Path:
        """Write the configuration, and return its path."""
        listen, *servers = [each.removeprefix("http://") for each in (self.url, *self.servers)]
        path = self.folder / "nginx.conf"
        path.write_text(configuration(servers, draining, listen=listen, log=str(self.log)))
        return path

    def drain(self, *numbers: int) -> None:
        """Send these servers, the first is 1, no new visitors. Returns once no worker of nginx
        accepts connections with the configuration before."""
        before = self._workers()
        self.configure(numbers)
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + RELOADS_S
        while before & self._workers() or not self._workers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"nginx did not reload within {RELOADS_S} s")
            time.sleep(0.05)

    def _workers(self) -> set[int]:
        """Those that accept connections; the others only finish theirs."""
        found = set()
        for child in self.process.children():
            with suppress(psutil.Error):  # it has just ended
                title = " ".join(child.cmdline())
                if "worker process" in title and "shutting down" not in title:
                    found.add(child.pid)
        return found


@contextmanager
def nginx_before(*servers: str) -> Iterator[Nginx]:
    """nginx on a free port, with the configuration of deploy/, before servers at these addresses.

    FileNotFoundError if there is no nginx.
    """
    if (program := find_nginx()) is None:
        raise FileNotFoundError("nginx is not installed: apt install nginx")
    with tempfile.TemporaryDirectory() as name:
        nginx = Nginx(f"http://127.0.0.1:{free_port()}", Path(name), servers)
        nginx.folder.chmod(0o755)  # started by root, its workers are nobody
        output = nginx.folder / "output.txt"
        command = [program, "-p", name, "-c", str(nginx.configure())]
        with output.open("w") as log:
            process = psutil.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(nginx.url, process, output)
            yield nginx
        finally:
            process.terminate()  # at once, with open streams
            process.wait(60)
