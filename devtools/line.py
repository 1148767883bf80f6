"""A line between a browser and the server, which can be cut and mended."""

import socket
import threading
from contextlib import suppress

CHUNK = 65536


class Line:
    """Carries bytes between its own port and another."""

    def __init__(self, port: int):
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: set[socket.socket] = set()  # of the connections that it carries
        self._whole = threading.Event()
        self._whole.set()
        self._silent = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self, silently: bool = False) -> None:
        """End all connections and refuse new ones; `silently`, let them hang for ever instead, as
        when no packet arrives any more and neither side notices."""
        self._silent = silently
        self._whole.clear()
        if not silently:
            for end in list(self._ends):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Carry new connections. Those that hung stay dead."""
        self._whole.set()

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._listener.accept()
                if self._whole.is_set():
                    self._carry(near, socket.create_connection(("127.0.0.1", self._port)))
                elif self._silent:
                    self._ends.add(near)
                else:
                    near.close()

    def _carry(self, *ends: socket.socket) -> None:
        self._ends.update(ends)
        for source, target in (ends, ends[::-1]):
            threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                if not self._whole.is_set():
                    if self._silent:
                        return
                    break
                target.sendall(chunk)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._ends.discard(end)
