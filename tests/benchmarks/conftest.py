"""A program of `benchmarks` in this process, which has already imported everything."""

import runpy
import sys

import pytest


@pytest.fixture
def run(monkeypatch):
    """run("gpu", *args): its exit code, or None if it just ends."""

    def command(name: str, *args: object) -> int | None:
        monkeypatch.setattr(sys, "argv", [name, *map(str, args)])
        try:
            runpy.run_module(f"benchmarks.{name}", run_name="__main__")
        except SystemExit as ended:
            return ended.code

    return command
