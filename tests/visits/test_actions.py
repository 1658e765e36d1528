"""Visits: opened once, closed when done, refused otherwise."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.actor import Actor
from biobank.columns import new_id
from biobank.db import Databases, Tx, run_tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.participants.actions import NotEligible, withdraw
from biobank.stations.actions import set_station_active, window_of
from biobank.visits.actions import (
    book,
    cancel_visit,
    check_in,
    complete_visit,
    finish_step,
    open_visit_of,
    require_open,
    visit_of,
)
from biobank.visits.day import bounds, day_of, to_utc
from biobank.visits.models import IdentityFact, Step, Visit, VisitEvent, VisitState
from tests.participants.factories import ELIGIBLE, make_participant
from tests.visits.factories import finish_steps, make_open_visit, make_station


def test_a_visit_with_both_steps_done_can_be_completed(tx: Tx) -> None:
    visit = make_open_visit(tx)
    finish_steps(tx, visit)
    assert complete_visit(tx, visit.id).state is VisitState.COMPLETE
    assert open_visit_of(tx, visit.participant_id) is None


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ([Step.MEASUREMENTS], "Still to do: samples."),
        ([Step.SAMPLES], "Still to do: measurements."),
        ([], "Still to do: measurements, samples."),
    ],
)
def test_an_unfinished_visit_is_refused_with_what_is_missing(tx: Tx, done: list[Step], words: str) -> None:
    visit = make_open_visit(tx)
    for step in done:
        finish_steps(tx, visit, step)
    with pytest.raises(Invalid) as refused:
        complete_visit(tx, visit.id)
    assert refused.value.message == words


def test_a_step_finished_twice_keeps_its_first_outcome(tx: Tx) -> None:
    visit = make_open_visit(tx)
    finish_step(tx, visit.id, "samples", "collected")
    finish_step(tx, visit.id, "samples", "attempted")
    assert visit.done[Step.SAMPLES].outcome == "collected"


def test_a_closed_visit_refuses_everything(tx: Tx) -> None:
    done, broken_off = make_open_visit(tx), make_open_visit(tx)
    finish_steps(tx, done)
    complete_visit(tx, done.id)
    cancel_visit(tx, broken_off.id, "not-well")
    for visit in (done, broken_off):
        for act in (require_open, complete_visit, lambda tx, key: cancel_visit(tx, key, "other")):
            with pytest.raises(Conflict, match="Nothing more may be recorded in it"):
                act(tx, visit.id)


def test_nothing_is_recorded_in_a_visit_before_its_check_in(tx: Tx) -> None:
    participant = make_participant(tx)
    visit = book(tx, participant.id, participant.site_id, clock.now() + timedelta(days=1))
    with pytest.raises(Conflict, match="Check the participant in first"):
        finish_step(tx, visit.id, "samples", "collected")


def test_a_completed_visit_does_not_bar_another_one(tx: Tx) -> None:
    visit = make_open_visit(tx)
    finish_steps(tx, visit)
    complete_visit(tx, visit.id)
    assert visit.station_id
    again = check_in(tx, participant_id=visit.participant_id, station_id=visit.station_id, answers=ELIGIBLE)
    assert again.is_open


def test_a_participant_is_checked_in_only_once_at_a_time(tx: Tx) -> None:
    visit = make_open_visit(tx)
    with pytest.raises(Conflict, match="checked in already"):
        check_in(tx, participant_id=visit.participant_id, station_id=make_station(tx).id, answers=ELIGIBLE)


def test_a_station_has_one_visit_at_a_time(tx: Tx) -> None:
    station = make_station(tx)
    make_open_visit(tx, station)
    with pytest.raises(Conflict, match="Another visit is open at this station"):
        make_open_visit(tx, station)


def test_a_station_out_of_service_takes_nobody(tx: Tx) -> None:
    station = make_station(tx)
    set_station_active(tx, station.id, active=False)
    with pytest.raises(Conflict, match="out of service"):
        make_open_visit(tx, station)


def test_a_station_nobody_knows_is_not_found(tx: Tx) -> None:
    with pytest.raises(NotFound):
        check_in(tx, participant_id=make_participant(tx).id, station_id=uuid4(), answers=ELIGIBLE)


@pytest.mark.parametrize(
    "answer",
    [
        {"lives_in_united_states": False}, {"can_consent_alone": False}, {"is_incarcerated": True},
        {"has_consent_on_file": False},
    ],
)  # fmt: skip
def test_each_condition_is_asked_anew_at_check_in(tx: Tx, answer: dict[str, bool]) -> None:
    station = make_station(tx)
    participant = make_participant(tx, station.site_id)
    with pytest.raises(NotEligible):
        check_in(tx, participant_id=participant.id, station_id=station.id, answers=replace(ELIGIBLE, **answer))


@pytest.mark.parametrize("facts", [[], [IdentityFact.NAME], [IdentityFact.NAME, IdentityFact.NAME]])
def test_fewer_than_two_matched_facts_are_refused(tx: Tx, facts: list[IdentityFact]) -> None:
    station = make_station(tx)
    person = make_participant(tx, station.site_id).id
    with pytest.raises(Invalid, match="Match two facts"):
        check_in(tx, participant_id=person, station_id=station.id, answers=ELIGIBLE, identity=facts)


def test_the_answers_and_matched_facts_of_a_check_in_are_kept(tx: Tx) -> None:
    station = make_station(tx)
    person = make_participant(tx, station.site_id).id
    visit = check_in(tx, participant_id=person, station_id=station.id, answers=ELIGIBLE, identity=list(IdentityFact))
    details = tx.session.scalars(sa.select(VisitEvent.details).filter_by(visit_id=visit.id)).one()
    assert details["identity"] == ["birth-date", "name", "street"]
    assert details["answers"]["is_incarcerated"] is False


def test_somebody_who_withdrew_is_neither_booked_nor_checked_in(tx: Tx) -> None:
    station = make_station(tx)
    person = make_participant(tx, station.site_id).id
    withdraw(tx, person, "not-said")
    with pytest.raises(Conflict, match="has withdrawn"):
        check_in(tx, participant_id=person, station_id=station.id, answers=ELIGIBLE)
    with pytest.raises(Conflict, match="has withdrawn"):
        book(tx, person, station.site_id, clock.now() + timedelta(days=1))


def test_a_withdrawal_ends_the_open_visit_and_frees_the_station(tx: Tx) -> None:
    visit = make_open_visit(tx)
    withdraw(tx, visit.participant_id, "not-said")
    assert visit_of(tx, visit.id).state is VisitState.CANCELLED
    assert visit.station_id
    assert window_of(tx, visit.station_id) is None


def test_the_appointed_visit_is_the_one_that_is_opened(tx: Tx) -> None:
    station = make_station(tx)
    person = make_participant(tx, station.site_id).id
    booked = book(tx, person, station.site_id, clock.now() + timedelta(hours=1))
    visit = check_in(tx, participant_id=person, station_id=station.id, answers=ELIGIBLE, visit_id=booked.id)
    assert (visit.id, visit.state) == (booked.id, VisitState.CHECKED_IN)


def test_somebody_elses_appointment_is_refused(tx: Tx) -> None:
    station = make_station(tx)
    person, other = (make_participant(tx, station.site_id).id for _ in range(2))
    booked = book(tx, other, station.site_id, clock.now() + timedelta(hours=1))
    with pytest.raises(Conflict, match="somebody else's"):
        check_in(tx, participant_id=person, station_id=station.id, answers=ELIGIBLE, visit_id=booked.id)


def test_staff_of_another_site_do_not_find_the_visit(tx: Tx, databases: Databases) -> None:
    visit = make_open_visit(tx)
    tx.actor = Actor(kind="staff", name="Otto", id=uuid4(), site_id=uuid4())
    with pytest.raises(NotFound):
        require_open(tx, visit.id)


def test_many_clerks_checking_in_one_participant_open_one_visit(databases: Databases, clerk: Actor) -> None:
    with databases.transaction(clerk) as tx:
        site_id = make_station(tx).site_id
        desks = [make_station(tx, site_id, f"Desk {number}").id for number in range(2, 10)]
        person = make_participant(tx, site_id).id
    assert _race(databases, clerk, [(person, desk) for desk in desks]) == 1


def test_many_participants_at_one_station_open_one_visit(databases: Databases, clerk: Actor) -> None:
    with databases.transaction(clerk) as tx:
        station = make_station(tx)
        people = [make_participant(tx, station.site_id).id for _ in range(8)]
    assert _race(databases, clerk, [(person, station.id) for person in people]) == 1


def _race(databases: Databases, clerk: Actor, pairs: list[tuple[UUID, UUID]]) -> int:
    """How many of these (participant, station) pairs were checked in when all were tried at once."""

    def attempt(pair: tuple[UUID, UUID]) -> bool:
        person, station = pair
        try:
            run_tx(
                databases, lambda tx: check_in(tx, participant_id=person, station_id=station, answers=ELIGIBLE), clerk
            )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(len(pairs)) as pool:
        return sum(pool.map(attempt, pairs))


@pytest.mark.parametrize("column", ["participant_id", "station_id"])
def test_the_database_itself_refuses_a_second_open_visit(databases: Databases, column: str) -> None:
    with databases.transaction() as tx:
        visit, other = make_open_visit(tx), make_open_visit(tx)
        values = {"participant_id": other.participant_id, "station_id": other.station_id} | {
            column: getattr(visit, column)
        }
        cancel_visit(tx, other.id, "other")
    twin = Visit(id=new_id(), site_id=visit.site_id, state=VisitState.CHECKED_IN, checked_in_at=clock.now(), version=1,
                 **values)  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), databases.transaction() as tx:
        tx.session.add(twin)


def test_a_visits_history_cannot_be_rewritten(databases: Databases) -> None:
    with databases.transaction() as tx:
        make_open_visit(tx)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), databases.transaction() as tx:
        tx.session.execute(sa.delete(VisitEvent))


def test_a_day_lasts_from_the_sites_midnight_to_the_next(tx: Tx, noon: datetime) -> None:
    assert bounds("America/Chicago") == (datetime(2026, 11, 20, 6, tzinfo=UTC), datetime(2026, 11, 21, 6, tzinfo=UTC))


def test_a_day_when_the_clocks_go_back_has_25_hours() -> None:
    with clock.at(datetime(2026, 11, 1, 18, tzinfo=UTC)):
        start, end = bounds("America/Chicago")
    assert end - start == timedelta(hours=25)


def test_an_hour_that_the_clocks_leave_out_is_refused() -> None:
    with pytest.raises(Invalid, match="there is no such time on that day"):
        to_utc(datetime(2026, 3, 8, 2, 30), "America/Chicago")  # noqa: DTZ001 - a wall clock has no zone


def test_the_days_list_is_by_time_and_counts_by_state(tx: Tx, noon: datetime) -> None:
    station = make_station(tx)
    later = book(tx, make_participant(tx, station.site_id).id, station.site_id, noon + timedelta(hours=2))
    sooner = book(tx, make_participant(tx, station.site_id).id, station.site_id, noon + timedelta(hours=1))
    here = make_open_visit(tx, station)
    site = tx.session.get_one(Site, station.site_id)
    day = day_of(tx, site.id, site.zone)
    assert [line.visit.id for line in day.today] == [here.id, sooner.id, later.id]
    assert (day.count("appointed"), day.count("checked_in"), day.unfinished) == (2, 1, [])
