"""Leaving: everything refuses at once, what is on its way is refused too, a death takes two people."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.access.actions import actor_of
from biobank.actor import Actor, Role
from biobank.db import Tx
from biobank.errors import Conflict, Forbidden, Invalid, NotFound
from biobank.measurements.actions import record_value
from biobank.participants import consenting, consents, leaving
from biobank.participants.actions import donor_of, enrol, withdraw
from biobank.participants.models import Consent, ConsentAct, ParticipantStatus
from biobank.specimens.actions import start_order
from biobank.stations.actions import add_printer, receive_readings
from biobank.stations.models import InboxReading, InboxState, PrintJob, PrintState
from biobank.visits.actions import book, check_in
from biobank.visits.cards import print_card
from biobank.visits.models import Visit
from tests.access.factories import make_staff
from tests.participants.factories import ELIGIBLE, details, make_participant, make_site
from tests.specimens.factories import NO_TO_ALL
from tests.visits.factories import make_open_visit


def _reading(seq: int, at: Any) -> dict[str, Any]:
    return {"seq": seq, "device": "scale", "protocol": "healthometer", "kind": "reading", "captured_at": at,
            "measures": [{"quantity": "weight", "value": "72.8", "unit": "kg"}], "stable": True, "flags": [],
            "raw": "00", "repeat": 1}  # fmt: skip


def _left(tx: Tx) -> Visit:
    visit = make_open_visit(tx)
    withdraw(tx, visit.participant_id, "own-wish")
    return visit


def test_after_a_withdrawal_everything_refuses_at_once(tx: Tx) -> None:
    visit = _left(tx)
    who, station_id = visit.participant_id, visit.station_id
    assert station_id is not None
    attempts: list[Any] = [
        lambda: book(tx, who, visit.site_id, clock.now() + timedelta(days=1)),
        lambda: check_in(tx, participant_id=who, station_id=station_id, answers=ELIGIBLE),
        lambda: record_value(tx, visit.id, field="height", replicate=0, text="170", unit="cm"),
        lambda: start_order(tx, donor_id=donor_of(tx, who), site_id=visit.site_id, answers=NO_TO_ALL,
                            collection_station_id=station_id),
        lambda: print_card(tx, visit.id),
        lambda: withdraw(tx, who, "own-wish"),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises((Conflict, Invalid)):
            attempt()


def test_readings_still_on_their_way_are_kept_but_nobody_may_use_them(tx: Tx) -> None:
    visit = make_open_visit(tx)
    captured = clock.now()
    withdraw(tx, visit.participant_id, "own-wish")
    assert visit.station_id is not None
    receive_readings(tx, visit.station_id, [_reading(901, captured)])
    found = tx.session.scalars(sa.select(InboxReading).filter_by(seq=901)).one()
    assert (found.state, found.visit_id) == (InboxState.REFUSED, None)
    assert "left the study" in (found.refusal or "")


def test_what_is_measured_after_the_visit_is_not_in_quarantine(tx: Tx) -> None:
    visit = _left(tx)
    assert visit.station_id is not None
    with clock.at(clock.now() + timedelta(seconds=2)):
        receive_readings(tx, visit.station_id, [_reading(902, clock.now())])
    assert tx.session.scalars(sa.select(InboxReading).filter_by(seq=902)).one().state is InboxState.UNCLAIMED


def test_a_label_that_waits_for_the_printer_is_stopped(tx: Tx) -> None:
    visit = make_open_visit(tx)
    assert visit.station_id is not None
    add_printer(tx, visit.station_id, name="labels", dpi=203, kind="tcp")
    job = print_card(tx, visit.id)
    withdraw(tx, visit.participant_id, "own-wish")
    tx.session.refresh(job)
    assert tx.session.get_one(PrintJob, job.id).state is PrintState.VOIDED


def _acts(tx: Tx, participant_id: UUID) -> list[ConsentAct]:
    return list(
        tx.session.scalars(sa.select(Consent.act).filter_by(participant_id=participant_id).order_by(Consent.id))
    )


def test_consent_is_given_at_enrolment_and_ends_with_the_withdrawal(tx: Tx) -> None:
    visit = _left(tx)
    assert _acts(tx, visit.participant_id) == [ConsentAct.GIVEN, ConsentAct.WITHDRAWN]


def test_no_visit_begins_without_a_consent_that_stands(tx: Tx) -> None:
    participant = make_participant(tx)
    consenting.take_back(tx, participant)
    with pytest.raises(Conflict, match="took their consent back"):
        consenting.require_consent(tx, participant, participant.site_id)
    consenting.give(tx, participant, version=consents.known()[-1], on=None, site_id=participant.site_id)
    consenting.require_consent(tx, participant, participant.site_id)


def test_a_version_that_has_run_out_is_to_be_signed_anew(tx: Tx) -> None:
    participant = make_participant(tx)
    participant.consent_version = "2019-1"
    with pytest.raises(Conflict, match="Have version 2026-1 signed"):
        consenting.require_consent(tx, participant, participant.site_id)


def test_versions_of_the_form_are_data_with_their_days() -> None:
    one = {"id": "b", "since": date(2026, 5, 1), "title": {"en": "B", "es": "B"}}
    other = {"id": "a", "since": date(2025, 1, 1), "until": date(2026, 6, 30), "title": {"en": "A", "es": "A"}}
    found = consents.read({"version": [one, other]})
    assert [version.id for version in found] == ["a", "b"]
    assert consents.current(date(2026, 4, 30), found).id == "a"
    assert consents.counts("a", date(2026, 6, 30), found)
    assert not consents.counts("a", date(2026, 7, 1), found)
    with pytest.raises(LookupError):
        consents.current(date(2024, 1, 1), found)


@pytest.mark.parametrize("change", [{"title": {"en": "A"}}, {"until": date(2020, 1, 1)}])
def test_a_version_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    row = {"id": "a", "since": date(2025, 1, 1), "title": {"en": "A", "es": "A"}} | change
    with pytest.raises(ValueError, match="version a"):
        consents.read({"version": [row]})


def test_an_enrolment_under_an_unknown_version_is_refused(tx: Tx) -> None:
    with pytest.raises(Invalid, match="foot of the signed form"):
        enrol(tx, answers=ELIGIBLE, site_id=make_site(tx).id, consent_version="nobody's", **details())


def _clerk(tx: Tx, site_id: UUID) -> Actor:
    return actor_of(make_staff(tx, f"clerk{uuid4().hex[:8]}", Role.CLINIC, site_id=site_id))


def test_a_death_is_reported_by_one_and_approved_by_another(tx: Tx) -> None:
    visit = make_open_visit(tx)
    reporter, colleague = _clerk(tx, visit.site_id), _clerk(tx, visit.site_id)
    tx.actor = reporter
    asked = leaving.report_death(tx, visit.participant_id)
    with pytest.raises(Forbidden):
        approvals.decide(tx, asked.id, True, "")
    tx.actor = colleague
    approvals.decide(tx, asked.id, True, "")
    with pytest.raises(Conflict, match="died"):
        leaving.require_active(tx, visit.participant_id)
    tx.session.refresh(visit)
    assert visit.state == "cancelled"


def test_a_death_that_is_refused_changes_nothing(tx: Tx) -> None:
    participant = make_participant(tx)
    tx.actor = _clerk(tx, participant.site_id)
    asked = leaving.report_death(tx, participant.id)
    tx.actor = _clerk(tx, participant.site_id)
    approvals.decide(tx, asked.id, False, "It was a mistake.")
    assert leaving.require_active(tx, participant.id).status is ParticipantStatus.ACTIVE


def test_a_colleague_of_another_site_does_not_decide_it(tx: Tx) -> None:
    participant = make_participant(tx)
    tx.actor = _clerk(tx, participant.site_id)
    asked = leaving.report_death(tx, participant.id)
    tx.actor = _clerk(tx, make_site(tx).id)
    with pytest.raises((Forbidden, NotFound)):
        approvals.decide(tx, asked.id, True, "")


def test_nobody_unknown_is_withdrawn(tx: Tx) -> None:
    with pytest.raises(Exception, match="no such participant"):
        withdraw(tx, uuid4(), "own-wish")
