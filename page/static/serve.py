"""Serves this folder to browsers, which load no scripts from files: `python serve.py`.

    python serve.py [--host 0.0.0.0] [--port 8000]

Needs nothing but Python. With --host 0.0.0.0 everyone in the room can open it.
"""

import argparse
import contextlib
import functools
import http.server
import pathlib

TYPES = {
    ".css": "text/css",
    ".gz": "application/octet-stream",  # the page unpacks it
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | TYPES

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description="Serves this folder to browsers.")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for everyone in the room")
    parser.add_argument("--port", type=int, default=8000)
    asked = parser.parse_args()
    here = pathlib.Path(__file__).parent
    handler = functools.partial(Handler, directory=str(here))
    with http.server.ThreadingHTTPServer((asked.host, asked.port), handler) as server:
        print(f"Open http://{asked.host}:{server.server_port}/ (Ctrl+C ends it)", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
