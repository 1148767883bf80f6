"""The server's log on stderr, one JSON object per line: each request, its duration and outcome.

No pictures or file names: callers pass only settings, which are numbers and choices.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

LOG = logging.getLogger("page")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        what = {"time": when, "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps(what | getattr(record, "fields", {}), ensure_ascii=False)


def start() -> None:
    """Log to stderr from now on; until then, nothing is logged."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False  # otherwise the root logger writes each line again


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
