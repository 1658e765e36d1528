"""From where a request comes: twenty cases of addresses, proxies and countries, and what is let in."""

import pytest

from biobank.access.networks import refused_because
from biobank.web.client import address_of, networks

OURS = networks("10.0.0.0/8, ::1/128")


@pytest.mark.parametrize(("peer", "forwarded", "client"), [
    ("203.0.113.7", "", "203.0.113.7"),
    ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
    ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
    ("10.0.0.1", "192.0.2.9, 198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "", "10.0.0.1"),
    ("::1", "2001:db8::5", "2001:db8::5"),
    ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "nonsense", "nonsense"),
])  # fmt: skip
def test_only_our_own_proxies_say_whose_address_it_is(peer: str, forwarded: str, client: str) -> None:
    assert address_of(peer, forwarded, OURS) == client


@pytest.mark.parametrize(("address", "country", "among", "countries", "exceptions", "why"), [
    ("203.0.113.7", "", "", (), "", ""),
    ("nonsense", "", "", (), "", ""),
    ("203.0.113.7", "", "203.0.113.0/24", (), "", ""),
    ("203.0.114.7", "", "203.0.113.0/24", (), "", "network"),
    ("nonsense", "US", "203.0.113.0/24", ("US",), "", "network"),
    ("203.0.113.7", "US", "", ("US", "PR"), "", ""),
    ("203.0.113.7", "FR", "", ("US", "PR"), "", "country"),
    ("203.0.113.7", "", "", ("US",), "", "country"),
    ("203.0.113.7", "FR", "", ("US",), "203.0.113.7/32", ""),
    ("198.51.100.1", "", "203.0.113.0/24", (), "198.51.100.0/24", ""),
    ("::ffff:203.0.113.7", "", "203.0.113.0/24", (), "", ""),
])  # fmt: skip
def test_what_is_not_on_the_lists_is_refused(
    address: str, country: str, among: str, countries: tuple[str, ...], exceptions: str, why: str
) -> None:
    assert why == refused_because(address, country, among=networks(among), countries=countries,
                                  exceptions=networks(exceptions))  # fmt: skip
