"""How the process ends: signals, a server that no longer answers, a page as busy as it can be."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from devtools import ROOT
from devtools.endings import endings
from devtools.server import wait_for
from page.server import heartbeat
from page.server.limits import LIMITS

PAGE = """
import asyncio, threading, time
from page.server import shutdown
from page.server import heartbeat
from page.__main__ import main

def break_soon(loop):
    loop.call_soon_threadsafe(time.sleep, 1000)

beat = heartbeat._beat
async def _beat():
    loop = asyncio.get_running_loop()
    threading.Timer(4, break_soon, [loop]).start()
    await beat()

heartbeat._beat = _beat
main()
"""


@pytest.fixture
def page(tmp_path):
    """page(program) starts a page in a process and returns it, its address and its log."""
    started = []

    def start(program, **variables):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        env = os.environ | {
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_TEMP_DIR": str(tmp_path / "files"),
            "PYTHONPATH": str(ROOT),
            **variables,
        }
        log = tmp_path / "log.txt"
        command = [sys.executable, "-c", program]
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=tmp_path, env=env, stdout=output, stderr=subprocess.STDOUT
            )
        started.append(process)
        wait_for(f"http://127.0.0.1:{port}", process, log)
        return process, log

    yield start
    for process in started:
        process.kill()
        process.wait()


def lines(log):
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


@pytest.mark.app
def test_a_server_that_no_longer_answers_ends_the_process(page, tmp_path):
    """That its thread has ended is seen in the same way: the last test but one."""
    process, log = page(PAGE, DDPM_SILENT_S="3")
    assert process.wait(60) == 1
    (dead,) = [line for line in lines(log) if line["event"] == "dead"]
    assert dead["why"] == "its event loop is silent" and "asyncio" in dead["at"]
    assert not [*(tmp_path / "files").glob("page-*")]


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
    watch = heartbeat.Watch(thread)
    try:
        for beats in range(100):
            monkeypatch.setattr(heartbeat, "_beats", beats + 1)
            assert watch.fault() is None
        faults = [watch.fault() for _ in range(int(LIMITS.silent_s))]
        assert faults[:-1] == [None] * (len(faults) - 1)
        assert "silent" in faults[-1]["why"] and "wait" in faults[-1]["at"]
        monkeypatch.setattr(heartbeat, "_beats", 1000)
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
