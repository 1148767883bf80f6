"""The server's log on stderr, one JSON object per line: each run, its duration and outcome, and
whatever libraries log, warn of or print.

No pictures or file names in our own: callers pass only settings, which are numbers and choices.
"""

import io
import json
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
from uvicorn.config import LOGGING_CONFIG

LOG = logging.getLogger("page")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        what = {"time": when, "level": record.levelname.lower(), "event": record.getMessage()}
        if record.name != LOG.name:
            what["logger"] = record.name
        if record.exc_info:
            what["traceback"] = self.formatException(record.exc_info)
        # ASCII: a terminal control or U+2028 in a visitor's text must stay within its line
        return json.dumps(what | getattr(record, "fields", {}), default=str)


class _Printed(io.TextIOBase):
    """Stands for stdout and stderr: what is printed becomes lines of the log."""

    def __init__(self, name: str):
        self._log = logging.getLogger(name)

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text.strip():
            self._log.info(text.rstrip())
        return len(text)


def start() -> None:
    """Log to stderr from now on, and let nothing else be written there or to stdout."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.getLogger().handlers[:] = [handler]
    for logger in (LOG, logging.getLogger("stdout"), logging.getLogger("stderr")):
        logger.setLevel(logging.INFO)
    LOGGING_CONFIG["loggers"].clear()  # uvicorn's handlers, which it adds on its own start
    logging.raiseExceptions = False  # a failure to log is printed, which would be logged
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.stdout, sys.stderr = _Printed("stdout"), _Printed("stderr")


def _uncaught(*error) -> None:
    LOG.critical("uncaught", exc_info=error)  # pyright: ignore


def write(event: str, **fields) -> None:
    """Write one line."""
    LOG.info(event, extra={"fields": fields})


@contextmanager
def entry(event: str, **asked) -> Iterator[dict]:
    """Write one line when the block ends. The block may add fields to the dict or set "ended"."""
    begin = time.monotonic()
    fields = {"asked": asked, "ended": "done"}
    try:
        yield fields
    except GeneratorExit:  # page closed, or Stop
        fields["ended"] = "closed"
        raise
    except gr.Error:
        fields["ended"] = "refused"
        raise
    except BaseException as error:
        fields |= {"ended": "failed", "error": type(error).__name__}
        raise
    finally:
        write(event, **fields, seconds=round(time.monotonic() - begin, 3))
