"""What tests, benchmarks and docs share: the app as a process, a browser, visitors, bad files."""

from pathlib import Path

ROOT = Path(__file__).parents[1]  # of the repository
