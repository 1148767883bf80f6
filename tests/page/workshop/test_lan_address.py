"""Where others in the room open the page."""

import argparse
import io
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from devtools import ROOT
from page import __main__ as command
from page.workshop import lan_address

OWN = {
    address.address for addresses in psutil.net_if_addrs().values() for address in addresses
}  # fmt: skip


def test_the_machines_own_address_is_one_of_its_interfaces():
    found = lan_address.own_address("0.0.0.0")
    assert found is None or found in OWN
    assert lan_address.own_address("192.168.7.7") == "192.168.7.7"


@pytest.mark.parametrize("own", ["192.168.1.5", None])
@pytest.mark.parametrize(
    ("origin", "host", "others"),
    [
        ("http://192.168.1.5:7860/", "0.0.0.0", "http://192.168.1.5:7860/"),
        ("https://someone-diffusion.hf.space/", "0.0.0.0", "https://someone-diffusion.hf.space/"),
        ("http://127.0.0.1:7860/", "0.0.0.0", "http://OWN:7860/"),
        ("http://localhost:7860/lab/", "::", "http://OWN:7860/lab/"),
        ("http://localhost/", "0.0.0.0", "http://OWN/"),
        ("http://127.0.0.1:7860/", "127.0.0.1", None),
        ("http://[::1]:7860/", "localhost", None),
        ("javascript:alert(1)", "0.0.0.0", None),
        ("http://x/" + "a" * 400, "0.0.0.0", None),
        (7, "0.0.0.0", None),
    ],
)
def test_a_visitor_at_the_server_gets_an_address_for_others(monkeypatch, own, origin, host, others):
    monkeypatch.setattr(lan_address, "own_address", lambda host: own)
    if others and "OWN" in others:
        others = others.replace("OWN", own) if own else None
    monkeypatch.setenv("GRADIO_SERVER_NAME", host)
    assert lan_address.address_for_others(origin) == others


def terminal(encoding):
    return SimpleNamespace(encoding=encoding, isatty=lambda: True)


def test_the_terminal_shows_the_address_and_its_code(monkeypatch):
    monkeypatch.setattr(lan_address, "own_address", lambda host: "192.168.1.5")
    monkeypatch.setattr(sys, "stdout", None)  # what is printed there is logged
    monkeypatch.setattr(sys, "__stdout__", terminal("utf-8"))
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    text = lan_address.invitation(7860)
    first, *rows = text.splitlines()
    assert first == "Others in the room open http://192.168.1.5:7860"
    assert len({len(row) for row in rows}) == 1 and set("".join(rows)) == set("█▀▄ ")
    monkeypatch.setenv("SPACE_ID", "someone/diffusion")
    assert lan_address.invitation(7860) is None
    monkeypatch.delenv("SPACE_ID")
    monkeypatch.setenv("GRADIO_SERVER_NAME", "127.0.0.1")
    assert lan_address.invitation(7860) is None


def test_a_terminal_without_blocks_gets_the_address_alone(monkeypatch):
    monkeypatch.setattr(lan_address, "own_address", lambda host: "192.168.1.5")
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    for out in (terminal("ascii"), io.StringIO(), None):  # the last two are none
        monkeypatch.setattr(sys, "__stdout__", out)
        invitation = lan_address.invitation(80)
        assert invitation.strip() == "Others in the room open http://192.168.1.5:80"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "7860.0", "", "９", "http"])
def test_a_wrong_port_is_refused_with_what_is_expected(port):
    with pytest.raises(argparse.ArgumentTypeError, match="from 1 to 65535"):
        command._port(port)


def test_a_wrong_host_is_refused_with_what_is_expected():
    with pytest.raises(argparse.ArgumentTypeError, match=r"0\.0\.0\.0 for everyone"):
        command._host("203.0.113.7")  # nobody's
    assert command._host("127.0.0.1") == "127.0.0.1"
    assert command._port("7860") == 7860


def test_help_and_errors_need_no_page():
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-m", "page"]
    helped = subprocess.run([*run, "--help"], env=env, capture_output=True, text=True)
    assert helped.returncode == 0
    for words in ("--host", "--port", "0.0.0.0", "TOUR="):
        assert words in helped.stdout
    wrong = subprocess.run([*run, "--port", "x"], env=env, capture_output=True, text=True)
    assert wrong.returncode == 2 and re.search("a port is a whole number", wrong.stderr)
