"""A command runs beside a process that keeps one core busy, and is otherwise as without it."""

import signal
import subprocess
import sys
from functools import partial

import psutil
import pytest

from devtools import ROOT

BUSY = [sys.executable, "-m", "devtools.busy"]


@pytest.mark.parametrize(
    "command, code",
    [
        ([sys.executable, "-c", "raise SystemExit(7)"], 7),
        (["sh", "-c", "kill -TERM $$"], -signal.SIGTERM),
        (["/no/such/program"], 127),
        ([], 1),
    ],
)
def test_the_commands_exit_code_is_returned(command, code):
    assert subprocess.run([*BUSY, "--", *command], cwd=ROOT, capture_output=True).returncode == code


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_core_is_busy_until_the_command_ends_by_whatever(end):
    command = subprocess.Popen(
        [*BUSY, "--", "sleep", "600"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        # a shell without job control lets what it starts with & ignore it
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    process = psutil.Process(command.pid)
    while process.name() != "sleep":
        pass
    (spinning,) = process.children()
    begin = spinning.cpu_times().user
    while spinning.cpu_times().user < begin + 0.1:
        pass
    command.send_signal(end)
    with command.stdout:
        assert not command.stdout.read()  # its end comes when nobody holds it any longer
    assert command.wait() == -end
