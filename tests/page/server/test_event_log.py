"""Every line that the server writes is one JSON object, whoever writes it and whatever it says."""

import json
import os
import subprocess
import sys

import pytest

from devtools import ROOT

HOSTILE = "a\nb\r\nc\x1b[2Jd\u2028e\u0085f\x9bg\ud800h"
PROGRAM = """
import asyncio, logging, sys, threading, traceback, warnings
from page.server import event_log
event_log.start()
event_log.write("ours", asked={"a": HOSTILE}, other=object())
print(HOSTILE)
print("two", "words", end="")
print(HOSTILE, file=sys.stderr)
logging.getLogger("uvicorn.error").warning("%s", HOSTILE)
logging.getLogger("anything").error("%d", HOSTILE)  # a wrong format
warnings.warn(HOSTILE)
try:
    raise ValueError(HOSTILE)
except ValueError:
    traceback.print_exc()
    logging.getLogger("asyncio").exception("failed")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
loop = asyncio.new_event_loop()
loop.call_exception_handler({"message": HOSTILE, "exception": KeyError(HOSTILE)})
raise RuntimeError(HOSTILE)
"""


@pytest.fixture(scope="module")
def lines():
    run = subprocess.run(
        [sys.executable, "-c", f"HOSTILE = {HOSTILE!r}\n{PROGRAM}"], cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=110,
    )  # fmt: skip
    assert run.returncode == 1 and not run.stdout
    return [json.loads(line) for line in run.stderr.decode("ascii").splitlines()]


def test_every_line_is_an_object_with_time_level_and_event(lines):
    for line in lines:
        assert line["time"].endswith("Z") and line["level"] and isinstance(line["event"], str)


def test_each_source_is_named(lines):
    assert {line.get("logger") for line in lines} == {
        None, "stdout", "stderr", "uvicorn.error", "py.warnings", "asyncio",
    }  # fmt: skip


def test_nothing_is_lost_or_cut_at_a_newline(lines):
    by_logger = {line.get("logger"): line for line in lines}
    assert by_logger["uvicorn.error"]["event"] == HOSTILE
    assert lines[0]["asked"] == {"a": HOSTILE}
    printed = [line["event"] for line in lines if line.get("logger") == "stdout"]
    assert printed[0] == HOSTILE and "two" in printed
    uncaught = [line for line in lines if line["event"] == "uncaught"]
    assert ["ZeroDivisionError" in line["traceback"] for line in uncaught] == [True, False]
    assert "RuntimeError" in uncaught[1]["traceback"] and uncaught[1]["level"] == "critical"
