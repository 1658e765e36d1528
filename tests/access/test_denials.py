"""Who is refused is written down; who is refused again and again, or comes from two networks, is told."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from biobank import clock
from biobank.access import watch
from biobank.access.denial_models import Denial
from biobank.access.factor_models import Outcome, SignInEvent
from biobank.access.policy import Method
from biobank.access.unusual import DENIALS_A_MINUTE, Hour, findings, network_of
from biobank.access.watch_models import LookAlert, Unusual
from biobank.actor import Actor, Role
from biobank.audit import alarms
from biobank.audit.models import AlarmKind
from biobank.db import Databases
from tests.access.factories import make_site, make_staff, staffed
from tests.conftest import NOON
from tests.pages import Browser


def _alerts(databases: Databases) -> set[Unusual]:
    with databases.transaction(read_only=True) as tx:
        return set(tx.session.scalars(sa.select(LookAlert.kind)))


@pytest.mark.parametrize(("denials", "told"), [(DENIALS_A_MINUTE - 1, False), (DENIALS_A_MINUTE, True)])
def test_five_refusals_a_minute_are_told(denials: int, told: bool) -> None:
    kinds = {found.kind for found in findings(Hour(NOON, "America/Chicago", denials=denials))}
    assert (Unusual.DENIED_OFTEN in kinds) is told


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.0.0/16"),
        ("10.1.250.9", "10.1.0.0/16"),
        ("::ffff:10.1.2.3", "10.1.0.0/16"),
        ("2001:db8:1::1", "2001:db8::/32"),
        ("unix", "unix"),
    ],
)
def test_a_network_is_as_wide_as_one_provider(address: str, network: str) -> None:
    assert network_of(address) == network


def test_each_refusal_is_kept_by_route_and_five_are_told(databases: Databases, browser: Browser) -> None:
    staffed(databases, fiona=Role.FINANCE)
    browser.sign_in("fiona")
    for _ in range(DENIALS_A_MINUTE):
        assert browser.client.get("/staff").status_code == 403
    with databases.transaction(read_only=True) as tx:
        kept = tx.session.execute(sa.select(Denial.endpoint, Denial.actor_name).distinct()).all()
    assert kept == [("access.staff", "Fiona")]
    assert _alerts(databases) == {Unusual.DENIED_OFTEN}


def test_a_record_of_elsewhere_counts_as_a_refusal(databases: Databases, browser: Browser) -> None:
    staffed(databases, carla=Role.CLINIC)
    browser.sign_in("carla")
    browser.client.get(f"/participants/{UUID(int=5)}")
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalar(sa.select(Denial.code)) == "elsewhere"


def test_two_networks_within_an_hour_are_told(databases: Databases, noon: object) -> None:
    with databases.transaction() as tx:
        staff_id = make_staff(tx, "carla", Role.CLINIC, site_id=make_site(tx).id).id
        for minutes, address in ((90, "192.0.2.1"), (40, "10.1.0.1"), (20, "10.1.0.2")):
            tx.session.add(SignInEvent(at=clock.now() - timedelta(minutes=minutes), staff_id=staff_id, agent="",
                                       outcome=Outcome.SIGNED_IN, method=Method.PASSWORD, address=address))  # fmt: skip
    carla = Actor(kind="staff", name="Carla", id=staff_id)
    with databases.transaction(carla) as tx:
        watch.watch(tx)
    assert _alerts(databases) == set()
    with databases.transaction(carla) as tx:
        tx.session.add(SignInEvent(at=clock.now(), staff_id=staff_id, agent="", outcome=Outcome.SIGNED_IN,
                                   method=Method.PASSWORD, address="198.51.100.1"))  # fmt: skip
        tx.session.flush()
        watch.watch(tx)
    assert _alerts(databases) == {Unusual.OTHER_NETWORK}


def test_a_broken_seal_stands_first_on_the_auditors_page(databases: Databases, app: Flask) -> None:
    staffed(databases, ada=Role.AUDITOR)
    alarms.tell(databases, AlarmKind.SEAL_BROKEN, "2026-11-22", "seal 7: a row was changed")
    auditor = Browser(app)
    auditor.sign_in("ada")
    html = auditor.get("/looks/alerts").html
    assert "The seals over the logs do not hold" in html
    assert "seal 7: a row was changed" in html
