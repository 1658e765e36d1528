"""What can be done about visits: book, check in, finish a step, complete, cancel."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.events import emit
from biobank.participants import actions as participants
from biobank.participants.eligibility import EligibilityAnswers
from biobank.stations.models import Station
from biobank.visits.events import VisitCancelled, VisitCheckedIn, VisitCompleted
from biobank.visits.models import (
    CancelReason,
    IdentityFact,
    Step,
    Visit,
    VisitEvent,
    VisitEventKind,
    VisitState,
    VisitStep,
)

FACTS_NEEDED = 2
# Whole sentences, so that each can be translated.
_STILL_TO_DO = {
    (Step.MEASUREMENTS,): Phrase("Still to do: measurements."),
    (Step.SAMPLES,): Phrase("Still to do: samples."),
    (Step.MEASUREMENTS, Step.SAMPLES): Phrase("Still to do: measurements, samples."),
}


def still_to_do(visit: Visit) -> str | None:
    """What keeps a visit from being completed, in a clerk's words."""
    return _STILL_TO_DO.get(tuple(visit.missing))


def _record(tx: Tx, visit: Visit, kind: VisitEventKind, **details: Any) -> None:
    tx.session.add(VisitEvent(visit_id=visit.id, kind=kind, at=clock.now(), actor_id=tx.actor.id,
                              actor_name=tx.actor.name, details=details))  # fmt: skip
    tx.session.flush()


def visit_of(tx: Tx, visit_id: UUID) -> Visit:
    """The visit as it stands now; locked until the transaction ends, unless that only reads.

    A visit at another site than the actor's is not found.
    """
    query = sa.select(Visit).filter_by(id=visit_id)
    if not tx.read_only:
        query = query.with_for_update(key_share=True)
    found = tx.session.scalar(query.execution_options(populate_existing=True))
    if found is None or tx.actor.site_id not in (None, found.site_id):
        raise NotFound("There is no such visit at your site. Go back to Today.")
    return found


def _refuse_closed(visit: Visit) -> None:
    if visit.state is VisitState.COMPLETE:
        raise Conflict("This visit is complete. Nothing more may be recorded in it.", code="visit-complete")
    if visit.state is VisitState.CANCELLED:
        raise Conflict("This visit was cancelled. Nothing more may be recorded in it.", code="visit-cancelled")


def require_open(tx: Tx, visit_id: UUID) -> Visit:
    """The visit as `visit_of` has it, or the refusal that nothing may be recorded in it."""
    visit = visit_of(tx, visit_id)
    refuse_unless_open(visit)
    return visit


def refuse_unless_open(visit: Visit) -> None:
    """Refuse a visit, read and locked in this transaction, in which nothing may be recorded."""
    _refuse_closed(visit)
    if not visit.is_open:
        raise Conflict("Nobody is checked in for this visit yet. Check the participant in first.",
                       code="not-checked-in")  # fmt: skip


def open_visit_of(tx: Tx, participant_id: UUID) -> Visit | None:
    """The visit that a participant is checked in for, at whichever site."""
    query = sa.select(Visit).filter_by(participant_id=participant_id, state=VisitState.CHECKED_IN)
    return tx.session.scalar(query)


def book(tx: Tx, participant_id: UUID, site_id: UUID, at: datetime) -> Visit:
    """Appoint a visit at an instant to come."""
    participants.require_active(tx, participant_id)
    if at <= clock.now():
        raise Invalid("That time has passed. Choose a later one, or check in now.")
    visit = Visit(participant_id=participant_id, site_id=site_id, state=VisitState.APPOINTED, appointed_for=at,
                  version=1)  # fmt: skip
    tx.session.add(visit)
    tx.session.flush()
    _record(tx, visit, VisitEventKind.BOOKED)
    return visit


def _refuse_second_open(tx: Tx, participant_id: UUID, station_id: UUID) -> None:
    if open_visit_of(tx, participant_id):
        raise Conflict("This participant is checked in already. Finish or cancel that visit first.",
                       code="visit-open")  # fmt: skip
    if tx.session.scalar(sa.select(Visit.id).filter_by(station_id=station_id, state=VisitState.CHECKED_IN)):
        raise Conflict("Another visit is open at this station. Finish it first, or choose another station.",
                       code="station-busy")  # fmt: skip


def check_in(
    tx: Tx,
    *,
    participant_id: UUID,
    station_id: UUID,
    answers: EligibilityAnswers,
    visit_id: UUID | None = None,
    identity: Collection[IdentityFact] | None = None,
) -> Visit:
    """Open a visit at a station: the appointed one, or a new one for somebody who walked in.

    `identity` are the facts that the clerk matched against a document, at least two; None where they are not asked.
    """
    participants.require_active(tx, participant_id)
    _require_identity(identity)
    site_id = _hold_station(tx, station_id).site_id
    participants.require_eligible(tx, answers, born_on=participants.born_on_of(tx, participant_id), site_id=site_id)
    participants.require_consent(tx, participant_id, site_id)
    _refuse_second_open(tx, participant_id, station_id)
    visit = _appointed(tx, participant_id, visit_id) if visit_id else Visit(participant_id=participant_id, version=0)
    visit.site_id, visit.station_id, visit.state = site_id, station_id, VisitState.CHECKED_IN
    visit.checked_in_at = clock.now()
    visit.version += 1
    tx.session.add(visit)
    tx.session.flush()
    facts = sorted(identity or ())
    _record(tx, visit, VisitEventKind.CHECKED_IN, answers=asdict(answers), identity=facts)
    emit(tx, VisitCheckedIn(visit_id=visit.id, participant_id=participant_id, site_id=site_id,
                            station_id=station_id))  # fmt: skip
    return visit


def _hold_station(tx: Tx, station_id: UUID) -> Station:
    """The station, locked against a second check-in."""
    query = sa.select(Station).filter_by(id=station_id).with_for_update(key_share=True, of=Station)
    station = tx.session.scalar(query)
    if station is None or tx.actor.site_id not in (None, station.site_id):
        raise NotFound("There is no such station at your site. Choose one from the list.")
    if not station.active:
        raise Conflict("This station is out of service. Choose another one.", code="station-inactive")
    return station


def _require_identity(identity: Collection[IdentityFact] | None) -> None:
    if identity is not None and len(set(identity)) < FACTS_NEEDED:
        raise Invalid("Match two facts against a document before you go on: name, birth date or address.",
                      code="identity-not-confirmed")  # fmt: skip


def _appointed(tx: Tx, participant_id: UUID, visit_id: UUID) -> Visit:
    visit = visit_of(tx, visit_id)
    if visit.participant_id != participant_id:
        raise Conflict("This appointment is somebody else's. Open the right one from Today.", code="other-participant")
    _refuse_closed(visit)
    return visit


def finish_step(tx: Tx, visit_id: UUID, step: Step | str, outcome: str) -> None:
    """Mark a step of an open visit as finished; finishing it again changes nothing."""
    visit = require_open(tx, visit_id)
    if insert_ignore(tx.session, VisitStep, visit_id=visit.id, step=Step(step), outcome=outcome, at=clock.now()):
        visit.version += 1
        _record(tx, visit, VisitEventKind.STEP_FINISHED, step=str(step), outcome=outcome)
        tx.session.refresh(visit, ["steps"])


def complete_visit(tx: Tx, visit_id: UUID) -> Visit:
    """Close a visit whose steps are both done. Refused with what is still to do."""
    visit = require_open(tx, visit_id)
    participants.require_active(tx, visit.participant_id)
    words = still_to_do(visit)
    if words:
        raise Invalid(words, code="visit-incomplete", details={"missing": [str(step) for step in visit.missing]})
    visit.state, visit.completed_at = VisitState.COMPLETE, clock.now()
    visit.version += 1
    _record(tx, visit, VisitEventKind.COMPLETED)
    emit(tx, VisitCompleted(visit_id=visit.id, participant_id=visit.participant_id, site_id=visit.site_id,
                            at=visit.completed_at))  # fmt: skip
    return visit


def cancel_visit(tx: Tx, visit_id: UUID, reason: CancelReason | str) -> Visit:
    """Cancel a visit that is appointed or open. What was recorded in it stays."""
    if reason not in list(CancelReason):
        raise Invalid("Choose a reason from the list.", code="unknown-reason")
    visit = visit_of(tx, visit_id)
    _refuse_closed(visit)
    visit.state = VisitState.CANCELLED
    visit.version += 1
    _record(tx, visit, VisitEventKind.CANCELLED, reason=str(reason))
    emit(tx, VisitCancelled(visit_id=visit.id, participant_id=visit.participant_id, site_id=visit.site_id))
    return visit


def cancel_open_visits(tx: Tx, participant_id: UUID, reason: CancelReason = CancelReason.WITHDRAWN) -> None:
    """Cancel every visit to come or open of somebody who takes part no more, at whichever site."""
    states = (VisitState.APPOINTED, VisitState.CHECKED_IN)
    query = sa.select(Visit).filter_by(participant_id=participant_id).where(Visit.state.in_(states))
    for visit in tx.session.scalars(query.with_for_update(key_share=True)):
        visit.state = VisitState.CANCELLED
        visit.version += 1
        _record(tx, visit, VisitEventKind.CANCELLED, reason=str(reason))
        emit(tx, VisitCancelled(visit_id=visit.id, participant_id=visit.participant_id, site_id=visit.site_id))


def outcomes_of(tx: Tx, visit_id: UUID) -> dict[Step, str]:
    """How each finished step of a visit ended."""
    rows = tx.session.execute(sa.select(VisitStep.step, VisitStep.outcome).filter_by(visit_id=visit_id))
    return {row.step: row.outcome for row in rows}
