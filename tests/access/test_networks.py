"""Networks that are not let in reach nothing: not a warning, a wall, with an exception that ends by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from biobank import clock
from biobank.access import networks
from biobank.access.policy import policy_of
from biobank.access.security_models import Security, SecurityEvent
from biobank.actor import Actor
from biobank.config import Profile, Settings
from biobank.db import Databases
from biobank.errors import Invalid
from tests.conftest import NOON
from tests.pages import Browser

Door = Callable[..., Browser]
ELSEWHERE = {"allowed_networks": "203.0.113.0/24"}


def _events(databases: Databases, kind: Security) -> int:
    with databases.transaction(read_only=True) as tx:
        return tx.session.query(SecurityEvent).filter_by(kind=kind).count()


def test_from_elsewhere_nothing_is_reached_and_it_is_written_down_once(
    door: Door, noon: object, databases: Databases, people: dict[str, Actor]
) -> None:
    browser = door(**ELSEWHERE)
    for path in ("/sign-in", "/today", "/api/v1/me"):
        assert browser.client.get(path).status_code == 403
    assert "exception" in browser.get("/sign-in").text
    assert browser.client.get("/healthz").status_code == 200
    assert _events(databases, Security.NETWORK_REFUSED) == 1


def test_a_country_counts_only_from_our_own_proxy(door: Door, noon: object, people: dict[str, Actor]) -> None:
    given = {"allowed_countries": "US", "country_header": "CF-IPCountry"}
    ask = {"CF-IPCountry": "US"}
    assert door(**given).client.get("/sign-in", headers=ask).status_code == 403
    trusting = door(**given, trusted_proxies="127.0.0.0/8").client
    assert trusting.get("/sign-in", headers=ask).status_code == 200
    assert trusting.get("/sign-in", headers={"CF-IPCountry": "FR"}).status_code == 403


def test_an_exception_lets_in_until_it_ends(
    door: Door, noon: object, databases: Databases, people: dict[str, Actor], settings: Settings
) -> None:
    with databases.transaction(people["adam"]) as tx:
        networks.ask_exception(tx, policy_of(settings), network="127.0.0.1", hours=2, reason="Fiona is at a hotel")
    assert door(**ELSEWHERE).client.get("/sign-in").status_code == 200
    with clock.at(NOON + timedelta(hours=2)):
        assert door(**ELSEWHERE).client.get("/sign-in").status_code == 403


def test_a_programme_needs_two_for_an_exception(noon: object, databases: Databases, people: dict[str, Actor]) -> None:
    with databases.transaction(people["adam"]) as tx:
        policy = policy_of(Settings(profile=Profile.PROGRAMME))
        waits = networks.ask_exception(tx, policy, network="127.0.0.1", hours=2, reason="Fiona is at a hotel")
        assert waits is not None
        assert networks.open_exceptions(tx) == []


@pytest.mark.parametrize(("network", "hours", "reason"), [
    ("0.0.0.0/0", 2, "Fiona is at a hotel"), ("nonsense", 2, "Fiona is at a hotel"), ("127.0.0.1", 2, "because"),
    ("127.0.0.1", 721, "Fiona is at a hotel"), ("::/8", 2, "Fiona is at a hotel"),
])  # fmt: skip
def test_an_exception_is_narrow_short_and_explained(network: str, hours: int, reason: str, settings: Settings) -> None:
    with pytest.raises(Invalid):
        networks.ask_exception(None, policy_of(settings), network=network, hours=hours, reason=reason)  # type: ignore[arg-type]


def test_a_sites_staff_work_from_its_networks(browser: Browser, noon: object, people: dict[str, Actor]) -> None:
    browser.sign_in("adam")
    browser.get("/networks")
    browser.submit("Keep", networks="203.0.113.0/24")
    assert browser.client.get("/networks").status_code == 403


def test_the_page_lets_a_network_in_and_ends_it(browser: Browser, noon: object, people: dict[str, Actor]) -> None:
    browser.sign_in("adam")
    browser.get("/networks")
    browser.submit("Let it in", network="203.0.113.7", hours="2", reason="Fiona is at a hotel")
    assert "203.0.113.7/32" in browser.page.text
    assert "No exception holds now" in browser.submit("End now").text
