"""Whose address a request has, behind which proxies."""

import pytest

from page.server.visitors.client_address import Proxies, default_proxies


def resolved(trusted, peer, **forwarded):
    """(visitor's address, scheme, host) of a request from `peer` with X-Forwarded-… headers."""
    headers = [
        (f"x-forwarded-{name}".encode(), value.encode()) for name, value in forwarded.items()
    ]
    scope = {
        "type": "http", "client": (peer, 1), "scheme": "http",
        "headers": [(b"host", b"here"), *headers],
    }  # fmt: skip
    changed = Proxies(trusted).resolve(scope)
    assert [key for key, _ in changed["headers"]] == [b"host"]
    return changed["client"][0], changed["scheme"], changed["headers"][0][1].decode()


def visitor(trusted, peer, hops):
    return resolved(trusted, peer, **{"for": hops})[0]


@pytest.mark.parametrize("trusted", ["none", "127.0.0.1,::1", "10.0.0.0/8"])
def test_a_visitor_can_not_name_another_address(trusted):
    assert resolved(trusted, "9.9.9.9", **{"for": "1.1.1.1", "proto": "https", "host": "evil"}) == (
        "9.9.9.9", "http", "here",
    )  # fmt: skip


def test_behind_a_trusted_proxy_the_visitor_is_who_it_says():
    assert resolved(
        "127.0.0.1", "127.0.0.1", **{"for": "9.9.9.9", "proto": "https", "host": "a.org"}
    ) == ("9.9.9.9", "https", "a.org")


@pytest.mark.parametrize("trusted", ["10.0.0.0/8", "*"])
def test_what_stands_before_the_last_untrusted_hop_is_the_visitors_own_invention(trusted):
    assert visitor(trusted, "10.1.1.1", "1.1.1.1, 9.9.9.9, 10.2.2.2") == "9.9.9.9"
    assert visitor(trusted, "10.1.1.1", "10.7.7.7, 9.9.9.9") == "9.9.9.9"


def test_of_several_hosts_and_protocols_the_nearest_proxys_counts():
    assert resolved("*", "10.1.1.1", proto="http, https", host="evil.com, mine.hf.space")[1:] == (
        "https", "mine.hf.space",
    )  # fmt: skip
    assert resolved("*", "10.1.1.1", proto="gopher")[1] == "http"


def test_in_a_network_of_its_own_the_last_hop_is_the_visitor():
    assert visitor("*", "172.17.0.2", "192.168.1.7") == "192.168.1.7"
    assert visitor("*", "172.17.0.2", "10.0.0.9, 192.168.1.7") == "192.168.1.7"


@pytest.mark.parametrize("hops", ["unknown", "_hidden", "a b", "1.1.1.1, 999.1.1.1", ""])
def test_a_hop_that_is_no_address_ends_the_search(hops):
    assert visitor("*", "10.1.1.1", hops) == "10.1.1.1"


@pytest.mark.parametrize(
    "hop, address",
    [
        ("9.9.9.9:4711", "9.9.9.9"),
        ("::ffff:9.9.9.9", "9.9.9.9"),
        ("2600:1:2:3:4:5:6:7", "2600:1:2:3::"),
        ("[2600:1:2:3::1]:443", "2600:1:2:3::"),
    ],
)
def test_an_address_has_one_form_and_an_ipv6_visitor_one_network(hop, address):
    assert visitor("*", "10.1.1.1", hop) == address
    assert visitor("none", hop.partition("]")[0].strip("["), "") == address or ":4711" in hop


def test_a_space_trusts_its_proxies_and_other_machines_themselves(monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert visitor(default_proxies(), "127.0.0.1", "9.9.9.9") == "9.9.9.9"
    assert visitor(default_proxies(), "10.1.1.1", "9.9.9.9") == "10.1.1.1"
    monkeypatch.setenv("SPACE_ID", "me/mine")
    assert visitor(default_proxies(), "10.1.1.1", "9.9.9.9") == "9.9.9.9"


def test_a_wrong_setting_is_named():
    with pytest.raises(SystemExit, match=r"DDPM_TRUSTED_PROXIES.*nonsense"):
        Proxies("127.0.0.1, nonsense")
