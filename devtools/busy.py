"""Keeps one core busy while a command runs, to learn what depends on the machine's speed.

    python -m devtools.busy -- python -m pytest tests/browser

The command takes this process over, so that signals reach it and its exit code is the caller's. The
one that spins is its child, and ends as soon as that parent is gone, whatever ended it.
"""

import os
import sys


def spin(parent: int) -> None:
    """Compute until `parent` has ended."""
    os.setsid()  # a Ctrl-C is meant for the command, which may take a while to clean up
    while os.getppid() == parent:
        for _ in range(1_000_000):
            pass
    os._exit(0)


def main() -> None:
    command = sys.argv[1:]
    if command[:1] == ["--"]:
        del command[0]
    if not command:
        sys.exit("usage: python -m devtools.busy -- COMMAND …")
    parent = os.getpid()
    if os.fork() == 0:
        spin(parent)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main()
