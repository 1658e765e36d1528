"""What belongs to a participant of another site is found by nobody there: every operation that shows such a field."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from biobank.access.fields import KINDS
from biobank.actor import Role
from biobank.db import Databases
from biobank.visits.models import Visit
from tests.access.factories import make_site, make_staff
from tests.house.test_fields import answers, document, endpoints
from tests.pages import Browser
from tests.visits.factories import make_open_visit, make_station

# What a site may see is decided above the database: the walls below it have tests on both.
pytestmark = pytest.mark.parametrize("backend", ["embedded"], indirect=True)
_ABOUT_PEOPLE = frozenset().union(*(kind.fields for kind in KINDS.values() if kind.own_site)) - KINDS["plain"].fields


def _asked(app: Flask, visit: Visit) -> Iterator[tuple[str, str]]:
    """Every address of the interface about this participant or visit, with its endpoint."""
    keys = {"{participant_id}": str(visit.participant_id), "{visit_id}": str(visit.id)}
    shown, described = dict(answers(app)), document(app)["paths"]
    for (path, method), endpoint in endpoints(app).items():
        if method == "get" and path in described and shown.get(endpoint, frozenset()) & _ABOUT_PEOPLE:
            address = re.sub(r"\{\w+\}", lambda found: keys.get(found[0], found[0]), path)
            if address != path and "{" not in address:
                yield address, endpoint


def test_nothing_of_a_participant_is_found_from_another_site(app: Flask, databases: Databases) -> None:
    with databases.transaction() as tx:
        ours, theirs = make_site(tx, "CHI"), make_site(tx, "PHX")
        make_staff(tx, "carla", Role.CLINIC, site_id=ours.id)
        make_staff(tx, "pedro", Role.CLINIC, site_id=theirs.id)
        visit = make_open_visit(tx, make_station(tx, ours.id))
    asked = sorted(_asked(app, visit))

    def got(username: str) -> dict[str, int]:
        person = Browser(app)
        person.sign_in(username)
        return {endpoint: person.client.get(address).status_code for address, endpoint in asked}

    assert len(asked) >= 4
    # Of a visit that has only begun there is no final record yet.
    assert 404 not in got("carla").values()
    assert set(got("pedro").values()) == {404}
