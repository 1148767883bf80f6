"""How the process ends: signals, a server that no longer answers, a page as busy as it can be."""

import json
import os
import signal
import subprocess
import sys
import threading
from functools import partial
from types import SimpleNamespace

import pytest

from devtools import ROOT
from devtools.endings import endings
from devtools.server import running_app
from page.server import heartbeat
from page.server.limits import LIMITS

PAGE = """
import asyncio, threading, time
from page.server import shutdown
from page.server import heartbeat
from page.__main__ import main

def break_soon(loop):
    loop.call_soon_threadsafe(time.sleep, 1000)

begin = heartbeat.begin
def begin_and_break():
    begin()
    threading.Timer(4, break_soon, [asyncio.get_running_loop()]).start()

heartbeat.begin = begin_and_break
if __name__ == "__main__":
    main()
"""


@pytest.mark.app
def test_a_server_that_no_longer_answers_ends_the_process(tmp_path):
    """That its thread has ended is seen in the same way: the last test but one."""
    (tmp_path / "app.py").write_text(PAGE)
    with running_app(tmp_path, PYTHONPATH=str(ROOT), DDPM_SILENT_S="3") as app:
        assert app.process.wait(60) == 1
        written = app.log.read_text().splitlines()
        lines = [json.loads(line) for line in written if line.startswith("{")]
        (dead,) = [line for line in lines if line["event"] == "dead"]
        assert dead["why"] == "its event loop is silent" and "asyncio" in dead["at"]
        assert not [*app.folder.glob("files/page-*")]


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


def test_a_server_is_dead_when_its_thread_is_or_when_its_loop_is_silent(monkeypatch):
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    watch, asked = heartbeat.Watch(thread), []
    loop = SimpleNamespace(call_soon_threadsafe=lambda *what: asked.append(partial(*what)))
    monkeypatch.setattr(heartbeat, "_loop", loop, raising=False)
    try:
        for _ in range(100):
            assert watch.fault() is None
            asked.pop()()
        faults = [watch.fault() for _ in range(int(LIMITS.silent_s) + 1)]
        assert faults[:-1] == [None] * (len(faults) - 1)
        assert "silent" in faults[-1]["why"] and "wait" in faults[-1]["at"]
        for answer in asked:
            answer()
        assert watch.fault() is None  # it was only slow
    finally:
        stop.set()
        thread.join()
    assert "ended" in watch.fault()["why"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_busy_page_keeps_both_trainings(tiny_checkout):
    """As benchmarks/kill.py does twenty times; `endings` checks what was kept."""
    (ending,) = endings(1, root=tiny_checkout)
    assert ending.seconds < LIMITS.end_s
