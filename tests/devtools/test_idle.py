"""Who kept the cores busy, told by readings that are written out here, and by the machine's."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from devtools import ROOT, idle
from devtools.idle import Process, Reading, shares

ME = os.getpid()
SERVER, WORKER, BROWSER, TRAINING, INIT = range(10**9, 10**9 + 5)
NOBODY = (0.0, 0.0)


def reading(at: float, busy_s: float, **spent: tuple[float, float]) -> Reading:
    """What each has spent: by itself, and by its children that have ended."""
    who = {
        "init": (INIT, 0),
        "me": (ME, INIT),
        "server": (SERVER, ME),
        "worker": (WORKER, SERVER),
        "browser": (BROWSER, ME),
        "training": (TRAINING, INIT),
    }
    processes = {who[name][0]: Process(who[name][1], name, *s) for name, s in spent.items()}
    return Reading(at, busy_s, processes)


def test_each_process_counts_for_the_nearest_of_server_and_program():
    before = reading(0, 100, init=NOBODY, me=(1, 0), server=(5, 0), training=(70, 0))
    later = {"server": (8, 0), "worker": (2, 0), "browser": (4, 0), "training": (75, 0)}
    after = reading(10, 116, init=NOBODY, me=(2, 0), **later)
    found = shares(before, after, {"server": SERVER})
    assert found.ours == pytest.approx({"server": 0.5, "this program": 0.5})
    assert found.everything_else == pytest.approx(0.6)
    assert found.named == pytest.approx({"training": 0.5, "the rest": 0.1})


def test_what_a_child_had_spent_before_is_not_counted_again_when_it_ends():
    before = reading(0, 0, init=NOBODY, me=NOBODY, server=NOBODY, worker=(50, 0), browser=(30, 0))
    after = reading(10, 6, init=NOBODY, me=(0, 34), server=(0, 52))
    found = shares(before, after, {"server": SERVER})
    assert found.ours == pytest.approx({"server": 0.2, "this program": 0.4})
    assert found.everything_else == 0 and not found.named


@pytest.fixture
def training_until(monkeypatch):
    """The training computes on half a core until then; time passes only in sleep."""

    def begin(end_s: float) -> None:
        now = [0.0]

        def read() -> Reading:
            spent = min(now[0], end_s) / 2
            return reading(now[0], spent, init=NOBODY, me=NOBODY, training=(spent, 0))

        monkeypatch.setattr(idle, "read", read)
        monkeypatch.setattr(idle.time, "sleep", lambda s: now.__setitem__(0, now[0] + s))

    return begin


def test_it_waits_until_nothing_else_uses_the_cores(training_until, capsys):
    training_until(4 * idle.QUIET_S)
    idle.wait(1000)
    printed = capsys.readouterr()
    assert printed.out == f"Idle: nothing else used the cores after {5 * idle.QUIET_S:.0f} s.\n\n"
    assert printed.err.startswith("Waiting up to 1000 s") and "training 0.50" in printed.err


def test_it_goes_on_in_the_end_and_says_what_else_ran(training_until, capsys):
    training_until(float("inf"))
    idle.wait(10 * idle.QUIET_S)
    printed = capsys.readouterr().out
    assert printed.startswith(f"NOT IDLE after {10 * idle.QUIET_S:.0f} s of waiting")
    assert "everything else 0.50 (training 0.50)" in printed


def test_without_patience_it_does_not_wait(training_until, capsys):
    training_until(float("inf"))
    idle.wait(None)
    assert capsys.readouterr() == ("", "")


def test_a_spinning_process_of_somebody_else_is_found_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(idle, "SHOWN", None)  # all, however little it gets beside others
    monkeypatch.setattr(idle, "LEAST", 0.0)
    (tmp_path / "spins.py").write_text("import time\nwhile time.process_time() < 60: pass")
    before = idle.read()
    shell = f"nice -n 19 {sys.executable} {tmp_path}/spins.py > {os.devnull} & echo $!"
    spinning = psutil.Process(int(subprocess.check_output(["sh", "-c", shell])))
    try:  # nobody's child, since its shell has ended
        named = {}
        while not named.get(f"{Path(sys.executable).name} spins.py"):
            named = shares(before, idle.read(), {}).named
    finally:
        spinning.kill()


def test_what_a_killed_browser_leaves_counts_as_this_programs():
    program = """
import os, psutil, subprocess
from devtools import idle
with idle.watched(None):
    left = subprocess.check_output(["sh", "-c", "sleep 60 > /dev/null & echo $!"])
    left = psutil.Process(int(left))
    print(left.ppid() == os.getpid())
    left.kill()
"""
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.startswith("True\n\ncores kept busy: this program ")
