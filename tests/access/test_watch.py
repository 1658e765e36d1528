"""Who looks is watched: other sites' records need a reason, unusual looking is told once, a breach is answered."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from biobank import clock
from biobank.access import actions, watch
from biobank.access.models import Purpose
from biobank.access.unusual import PEOPLE_AN_HOUR, Hour, findings
from biobank.access.watch_models import LookAlert, Opening, OpeningReason, Unusual
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Databases
from biobank.errors import Invalid
from biobank.participants.models import Participant
from biobank.visits.places import sites_of
from tests.access.factories import make_site, make_staff
from tests.conftest import NOON
from tests.pages import Browser
from tests.participants.factories import make_participant

ZONE = "America/Chicago"


def _kinds(hour: Hour) -> set[Unusual]:
    return {found.kind for found in findings(hour)}


@given(st.integers(0, 100))
def test_many_people_within_an_hour_are_told(people: int) -> None:
    assert (Unusual.MANY_PEOPLE in _kinds(Hour(NOON, ZONE, people=people))) == (people > PEOPLE_AN_HOUR)


@pytest.mark.parametrize(("hour", "told"), [(5, True), (6, False), (20, False), (21, True), (0, True)])
def test_night_is_by_the_sites_own_clock(hour: int, told: bool) -> None:
    # In November Chicago is six hours behind UTC.
    moment = datetime(2026, 11, 20, hour, 30, tzinfo=UTC) + timedelta(hours=6)
    assert (Unusual.AFTER_HOURS in _kinds(Hour(moment, ZONE, people=1))) is told


def test_an_ordinary_hour_is_not_told() -> None:
    assert _kinds(Hour(NOON, ZONE, people=12, refusals=2)) == set()


@pytest.fixture
def far(databases: Databases, noon: object) -> dict[str, UUID]:
    """A participant of Chicago; Pedro works in Phoenix, Carla in Chicago; Ada audits."""
    with databases.transaction() as tx:
        here, there = make_site(tx, "CHI"), make_site(tx, "PHX")
        found = {"participant": make_participant(tx, site_id=here.id).id}
        for name, role, site in (
            ("carla", Role.CLINIC, here),
            ("pedro", Role.CLINIC, there),
            ("ada", Role.AUDITOR, here),
        ):
            found[name] = make_staff(tx, name, role, site_id=site.id).id
    return found


def _looks(databases: Databases, who: UUID, count: int, kind: str = "participant") -> None:
    actor = Actor(kind="staff", id=who, name="Carla", roles=frozenset({Role.CLINIC}))
    for _ in range(count):
        with databases.transaction(actor) as tx:
            actions.record_look(tx, subject_kind=kind, subject_id=new_id(), purpose=Purpose.VISIT, route="/x",
                                request_id=None)  # fmt: skip
            watch.watch(tx)


def _alerts(databases: Databases) -> list[Unusual]:
    with databases.transaction(read_only=True) as tx:
        return [alert.kind for alert in watch.alerts(tx)]


def test_the_thirty_first_person_within_an_hour_is_told_once(databases: Databases, far: dict[str, UUID]) -> None:
    _looks(databases, far["carla"], 30)
    assert _alerts(databases) == []
    _looks(databases, far["carla"], 3)
    assert _alerts(databases) == [Unusual.MANY_PEOPLE]


def test_tubes_are_not_people(databases: Databases, far: dict[str, UUID]) -> None:
    _looks(databases, far["carla"], 32, kind="tube")
    assert _alerts(databases) == []


def test_a_participant_of_elsewhere_and_nobody_at_all_look_alike(browser: Browser, far: dict[str, UUID]) -> None:
    browser.sign_in("pedro")
    said = set()
    for participant in (far["participant"], new_id()):
        page = browser.get(f"/participants/{participant}")
        said.add((browser.status, page.text.replace(str(participant), "")))
        answer = browser.client.get(f"/api/v1/participants/{participant}")
        said.add((answer.status_code, str(answer.json)))
    assert {status for status, _ in said} == {404}
    assert len(said) == 2


def test_whoever_gives_a_reason_opens_it_for_an_hour(
    browser: Browser, databases: Databases, far: dict[str, UUID]
) -> None:
    browser.sign_in("pedro")
    path = f"/participants/{far['participant']}"
    page = browser.get(path)
    browser.get(page.links["Open with a reason"])
    assert browser.submit("Open the record", reason="participant-is-here").headings != ["Not possible"]
    assert browser.status == 200
    with clock.at(NOON + timedelta(hours=1)):
        browser.sign_in("pedro")
        browser.get(path)
        assert browser.status == 404
    assert _alerts(databases) == [Unusual.OTHER_SITE]


def test_another_reason_is_explained(browser: Browser, far: dict[str, UUID]) -> None:
    browser.sign_in("pedro")
    browser.get(f"/participants/{far['participant']}/open")
    assert "Say in a sentence" in browser.submit("Open the record", reason="other", note="why").text


def test_an_opening_is_for_ones_own_eyes(databases: Databases, far: dict[str, UUID]) -> None:
    pedro = Actor(kind="staff", id=far["pedro"], name="Pedro", roles=frozenset({Role.CLINIC}))
    with databases.transaction(pedro) as tx:
        watch.open_record(tx, far["participant"], reason=OpeningReason.EMERGENCY, note="")
        assert watch.is_opened(tx, far["participant"])
    with databases.transaction(Actor(kind="staff", id=far["ada"], name="Ada"), read_only=True) as tx:
        assert not watch.is_opened(tx, far["participant"])


@pytest.mark.parametrize("model", [Opening, LookAlert])
def test_openings_and_alerts_stay(databases: Databases, far: dict[str, UUID], model: type[Opening]) -> None:
    pedro = Actor(kind="staff", id=far["pedro"], name="Pedro", roles=frozenset({Role.CLINIC}))
    with databases.transaction(pedro) as tx:
        watch.open_record(tx, far["participant"], reason=OpeningReason.EMERGENCY, note="")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), databases.transaction() as tx:
        tx.session.execute(sa.delete(model))


def test_the_auditor_answers_an_alert_once(browser: Browser, databases: Databases, far: dict[str, UUID]) -> None:
    _looks(databases, far["carla"], 31)
    browser.sign_in("ada")
    assert "1 alert waits" in browser.get("/looks").text
    browser.get("/looks/alerts")
    assert "kept with the alert" in browser.submit("Keep", finding="Twins' day at the clinic.").text
    assert "alert waits" not in browser.get("/looks").text


def test_whose_data_somebody_touched_is_answered(browser: Browser, databases: Databases, far: dict[str, UUID]) -> None:
    _looks(databases, far["carla"], 3)
    browser.sign_in("ada")
    window = {"since": "2026-11-20T11:00", "until": "2026-11-20T13:00"}
    query = "&".join(f"{name}={value}" for name, value in ({"username": "carla"} | window).items())
    assert "Carla looked at 3 records" in browser.get(f"/looks/touched?{query}").text
    assert "Nobody has this sign-in name" in browser.get(f"/looks/touched?{query.replace('carla', 'x')}").text


def test_the_end_of_the_time_is_not_included(databases: Databases, far: dict[str, UUID]) -> None:
    _looks(databases, far["carla"], 1)
    with databases.transaction(read_only=True) as tx:
        assert len(watch.touched(tx, far["carla"], NOON, NOON + timedelta(seconds=1))) == 1
        assert watch.touched(tx, far["carla"], NOON - timedelta(hours=1), NOON) == []
        with pytest.raises(Invalid):
            watch.touched(tx, far["carla"], NOON, NOON)


def test_a_participant_is_counted_to_the_site_of_the_visit(databases: Databases, far: dict[str, UUID]) -> None:
    with databases.transaction(read_only=True) as tx:
        person = tx.session.get_one(Participant, far["participant"])
        assert sites_of(tx, person.id) == {person.site_id}
        assert sites_of(tx, new_id()) == frozenset()
