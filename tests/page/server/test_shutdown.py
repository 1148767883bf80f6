"""How the process ends: signals, a page as busy as it can be."""

import os
import signal
import subprocess
import sys

import pytest

from devtools import ROOT
from devtools.endings import endings
from page.server.limits import LIMITS

STUCK = """
import os, sys, threading, time
from page.server import shutdown
from page.server.limits import LIMITS
for _ in sys.stdin:  # a process for each line
    if os.fork() == 0:
        shutdown.listen()
        print("ready", os.getpid(), flush=True)
        while not shutdown.asked(within_s=1):
            pass
        shutdown.end(None, lambda folder: print("saving", flush=True) or time.sleep(1000))
    print("ended", os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_the_process_ends_in_time_whatever_hangs(tmp_path):
    """It takes forever to save. A second signal ends it at once."""
    forks = subprocess.Popen(
        [sys.executable, "-c", STUCK],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DDPM_END_S": "3"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )

    def code_after(first, second=None):
        print(file=forks.stdin, flush=True)
        ready, number = forks.stdout.readline().split()
        assert ready == "ready"
        os.kill(int(number), first)
        assert forks.stdout.readline() == "saving\n"
        if second:
            os.kill(int(number), second)
        ended, code = forks.stdout.readline().split()
        assert ended == "ended"
        return int(code)

    try:
        assert code_after(signal.SIGTERM) == 0  # not 1,000 s later
        assert code_after(signal.SIGINT) == 0
        assert code_after(signal.SIGTERM, signal.SIGTERM) == 128 + signal.SIGTERM
    finally:
        os.killpg(forks.pid, signal.SIGKILL)
        forks.communicate()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_busy_page_keeps_both_trainings(tiny_checkout):
    """As benchmarks/kill.py does twenty times; `endings` checks what was kept."""
    (ending,) = endings(1, root=tiny_checkout)
    assert ending.seconds < LIMITS.end_s
