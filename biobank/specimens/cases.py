"""Discrepancies as cases: opened by what is seen at the bench, owned by somebody, closed with what they came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.specimens.case_models import Case, CaseEvent, CaseState, CaseStep, CaseType, Resolution
from biobank.specimens.sites import require_here

_NOT_HERE = Phrase("There is no such case at your site.")
# How long a case may stay open before it is overdue.
DUE = {
    CaseType.MISSING: timedelta(days=3),
    CaseType.NOTHING_ARRIVED: timedelta(days=1),
    CaseType.EXTRA: timedelta(days=3),
    CaseType.TWO_ALIKE: timedelta(days=1),
    CaseType.UNIDENTIFIED: timedelta(days=3),
    CaseType.CONDITION: timedelta(days=7),
    CaseType.TEMPERATURE: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class About:
    """What a case is about."""

    site_id: UUID | None = None
    shipment_id: UUID | None = None
    tube_id: UUID | None = None
    object_id: UUID | None = None
    event_id: UUID | None = None
    condition: str = ""


def open_case(tx: Tx, kind: CaseType, about: About, detail: Mapping[str, Any] | None = None) -> Case:
    """Open a case, or answer the one that is open about the same thing already."""
    standing = _same(tx, kind, about)
    if standing is not None:
        return standing
    now = clock.now()
    case = Case(
        id=new_id(), type=kind, state=CaseState.OPEN, condition=about.condition, site_id=about.site_id,
        shipment_id=about.shipment_id, tube_id=about.tube_id, object_id=about.object_id, event_id=about.event_id,
        opened_at=now, due_at=now + DUE[kind], version=0,
    )  # fmt: skip
    tx.session.add(case)
    tx.session.flush()
    return _step(tx, case, CaseStep.OPENED, detail=detail)


def take(tx: Tx, case_id: UUID) -> Case:
    """Whoever asks sees to this case from now on."""
    case = lock_case(tx, case_id)
    _require_open(case)
    case.owner_id, case.owner_name = tx.actor.id, tx.actor.name
    return _step(tx, case, CaseStep.TAKEN)


def note(tx: Tx, case_id: UUID, text: str) -> Case:
    """Write something down about a case."""
    if not text.strip():
        raise Invalid("Write what is to be kept.", code="note-missing")
    return _step(tx, lock_case(tx, case_id), CaseStep.NOTED, note=text)


def report(tx: Tx, case_id: UUID) -> Case:
    """Put a case into the sending site's report; once is enough."""
    case = lock_case(tx, case_id)
    if case.site_id is None:
        raise Conflict("Nobody knows which site sent this, so there is nobody to report to.", code="no-sender")
    if case.reported_at is None:
        case.reported_at = clock.now()
        _step(tx, case, CaseStep.REPORTED)
    return case


def report_parcel(tx: Tx, shipment_id: UUID) -> None:
    """Put every open case of a parcel into its sender's report, as the parcel is closed."""
    query = sa.select(Case.id).where(Case.shipment_id == shipment_id, Case.state == CaseState.OPEN,
                                     Case.reported_at.is_(None), Case.site_id.is_not(None))  # fmt: skip
    for case_id in tx.session.scalars(query.order_by(Case.id)).all():
        report(tx, case_id)


def close(tx: Tx, case_id: UUID, resolution: Resolution, text: str = "") -> Case:
    """Close a case with what it came to. `other` needs words."""
    case = lock_case(tx, case_id)
    _require_open(case)
    if resolution is Resolution.OTHER and not text.strip():
        raise Invalid("Say in a few words what the case came to.", code="note-missing")
    return _close(tx, case, resolution, text)


def reopen(tx: Tx, case_id: UUID, text: str) -> Case:
    """Open a closed case again, with the reason. Raises Conflict where another is open about the same thing."""
    case = lock_case(tx, case_id)
    if case.state is CaseState.OPEN:
        raise Conflict("This case is open.", code="case-open")
    if not text.strip():
        raise Invalid("Say why the case is opened again.", code="note-missing")
    about = About(case.site_id, case.shipment_id, case.tube_id, case.object_id, condition=case.condition)
    if _same(tx, case.type, about) is not None:
        raise Conflict("Another case about the same thing is open already.", code="case-open")
    return _reopen(tx, case, text)


def settle_tube(tx: Tx, tube_id: UUID, kind: CaseType, resolution: Resolution) -> None:
    """Close the open cases of this kind about a tube: what they were about has come right."""
    query = sa.select(Case).filter_by(tube_id=tube_id, type=kind, state=CaseState.OPEN).with_for_update()
    for case in tx.session.scalars(query):
        _close(tx, case, resolution, "")


def follow_undo(tx: Tx, tube_id: UUID, event_id: UUID, *, is_receipt: bool) -> None:
    """An event was taken back: the cases it opened are closed; with its receipt a missing tube is missing again."""
    opened = sa.select(Case).filter_by(event_id=event_id, state=CaseState.OPEN).with_for_update()
    for case in tx.session.scalars(opened):
        _close(tx, case, Resolution.TAKEN_BACK, "")
    if not is_receipt:
        return
    found = sa.select(Case).filter_by(tube_id=tube_id, type=CaseType.MISSING, resolution=Resolution.FOUND)
    last = tx.session.scalar(found.order_by(Case.id.desc()).limit(1).with_for_update())
    if last is not None:
        _reopen(tx, last, "")


def lock_case(tx: Tx, case_id: UUID) -> Case:
    """The case, held until the transaction ends."""
    query = sa.select(Case).filter_by(id=case_id).with_for_update().execution_options(populate_existing=True)
    return _visible(tx, tx.session.scalar(query))


def find_case(tx: Tx, case_id: UUID) -> Case:
    """The case, for reading: its site's, or anybody's who receives or audits."""
    return _visible(tx, tx.session.get(Case, case_id))


def history(tx: Tx, case_id: UUID) -> Sequence[CaseEvent]:
    """Every step of a case, oldest first."""
    return tx.session.scalars(sa.select(CaseEvent).filter_by(case_id=case_id).order_by(CaseEvent.seq)).all()


def _visible(tx: Tx, case: Case | None) -> Case:
    if case is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, case.site_id or UUID(int=0), _NOT_HERE)
    return case


def _require_open(case: Case) -> None:
    if case.state is not CaseState.OPEN:
        raise Conflict("This case is closed. Open it again first.", code="case-closed")


def _same(tx: Tx, kind: CaseType, about: About) -> Case | None:
    if about.object_id is not None:
        return None
    query = sa.select(Case).filter_by(type=kind, state=CaseState.OPEN, tube_id=about.tube_id, object_id=None,
                                      condition=about.condition)  # fmt: skip
    if about.tube_id is None:
        query = query.filter_by(shipment_id=about.shipment_id)
    return tx.session.scalar(query)


def _close(tx: Tx, case: Case, resolution: Resolution, text: str) -> Case:
    case.state, case.resolution, case.closed_at = CaseState.CLOSED, resolution, clock.now()
    return _step(tx, case, CaseStep.CLOSED, note=text, detail={"resolution": str(resolution)})


def _reopen(tx: Tx, case: Case, text: str) -> Case:
    case.state, case.resolution, case.closed_at = CaseState.OPEN, None, None
    return _step(tx, case, CaseStep.REOPENED, note=text)


def _step(
    tx: Tx, case: Case, step: CaseStep, *, note: str = "", detail: Mapping[str, Any] | None = None
) -> Case:  # fmt: skip
    case.version += 1
    actor = tx.actor
    tx.session.add(
        CaseEvent(id=new_id(), case_id=case.id, seq=case.version, step=step, at=clock.now(), actor_kind=actor.kind,
                  actor_id=actor.id, actor_name=actor.name, note=note.strip()[:1000] or None,
                  detail=dict(detail or {}))
    )  # fmt: skip
    tx.session.flush()
    return case
