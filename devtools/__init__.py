"""Shared by tests, benchmarks and docs: the running app, a browser, visitors, malformed files."""

from pathlib import Path

ROOT = Path(__file__).parents[1]  # of the repository
