"""A clinic desk with a visit open, its clerk, and somebody at a bench of the biobank."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from biobank.access.actions import add_site, add_staff
from biobank.access.models import SiteKind
from biobank.actor import Role
from biobank.db import Databases
from biobank.visits.actions import check_in
from tests.pages import Browser
from tests.participants.factories import ELIGIBLE, make_participant
from tests.specimens.factories import Desk, make_desk

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Clinic:
    """A desk, the visit that is open at it, and the biobank's own site."""

    desk: Desk
    visit_id: UUID
    participant_id: UUID
    bench_site_id: UUID


@pytest.fixture
def clinic(databases: Databases, browser: Browser) -> Clinic:
    """Carla the clerk is signed in; Ben stands at the bench."""
    with databases.transaction() as tx:
        desk = make_desk(tx)
        bench = add_site(tx, code="BB", name="Biobank", kind=SiteKind.BIOBANK, zone="America/New_York")
        for username, name, role, site_id in (
            ("carla", "Carla Clerk", Role.CLINIC, desk.site.id), ("ben", "Ben Bench", Role.BIOBANK, bench.id),
        ):  # fmt: skip
            add_staff(tx, username=username, display_name=name, password=PASSWORD, roles=[role], site_id=site_id)
        person = make_participant(tx, desk.site.id)
        visit = check_in(tx, participant_id=person.id, station_id=desk.station_id, answers=ELIGIBLE)
    browser.sign_in("carla")
    return Clinic(desk, visit.id, person.id, bench.id)
