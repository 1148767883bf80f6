"""Trainings on few pictures, with a report after each step."""

import pytest

import ddpm
from page.tabs.train import run as training


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    few = ("shipped", *ddpm.fashion_mnist("test", source="shipped"))
    monkeypatch.setattr(training, "data", lambda *_: few)
    monkeypatch.setattr(training, "SHOW_S", 0.0)
