"""The log of custody: the one place that appends events, keeps each tube's row in step, and checks both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.events import emit
from biobank.specimens import projection
from biobank.specimens.custody import Correction, Custodian, EventType, NotAllowed
from biobank.specimens.events import TubeKept
from biobank.specimens.log_entry import Subject, attach, hash_of, keep, make
from biobank.specimens.models import CollectionOrder, Completeness, CustodyEvent, CustodyNote, SubjectKind, Tube
from biobank.specimens.projection import Projection
from biobank.specimens.storage.vacancy import require_free


def record(
    tx: Tx,
    tube: Tube,
    type: EventType,  # noqa: A002 - the word of the log
    *,
    at: datetime | None = None,
    container_id: UUID | None = None,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
    raw_scan: str | None = None,
    note: str | None = None,
    completeness: Completeness | None = None,
) -> CustodyEvent:
    """Append what happened to a tube and bring its row up to date. `at` is given when a person entered the time.

    `note` is what somebody wrote freely: it is kept apart, where it can be erased. The caller holds the tube's row or
    its order's. Raises NotAllowed when the law of custody does not let it follow, and for an error declaration, which
    names the event that it is about: `declare_error`.
    """
    if type is EventType.ERROR_DECLARED:
        raise NotAllowed("An error is declared on an event of the tube. Open the tube's page and choose the event.")
    before = projection.read(tube)
    subject = Subject(SubjectKind.TUBE, tube.id, before.seq, before.head)
    event = make(tx, subject, type, site_id=tx.actor.site_id or _home(tx, tube), at=at,
                 container_id=container_id or tube.container_id, reason=reason, detail=detail, raw_scan=raw_scan,
                 completeness=completeness)  # fmt: skip
    event.set_code = type.set_code
    after = projection.advance(before, event)
    event.from_custodian, event.to_custodian = before.standing.custodian, after.standing.custodian
    return _keep(tx, tube, event, after, note)


def take_back(tx: Tx, tube: Tube, event_id: UUID, *, reason: str, raw_scan: str | None = None) -> CustodyEvent:
    """Declare that an event of a tube did not occur; the event stays, its effect goes. Raises NotAllowed."""
    return declare_error(tx, tube, event_id, Correction.DID_NOT_OCCUR, reason=reason, raw_scan=raw_scan)


def declare_error(
    tx: Tx,
    tube: Tube,
    event_id: UUID,
    correction: Correction,
    *,
    reason: str,
    raw_scan: str | None = None,
    note: str | None = None,
    corrected: Mapping[str, str] | None = None,
) -> CustodyEvent:
    """Declare an error on an event of a tube. `corrected` holds what is right where its data were not.

    `corrected["event_time"]` (RFC 3339) is the time the tube's facts are told by from then on. Raises NotAllowed.
    """
    before = projection.read(tube)
    subject = Subject(SubjectKind.TUBE, tube.id, before.seq, before.head)
    detail: dict[str, Any] = {"correction": str(correction)} | ({"corrected": dict(corrected)} if corrected else {})
    event = make(tx, subject, EventType.ERROR_DECLARED, site_id=tx.actor.site_id or _home(tx, tube), reason=reason,
                 container_id=tube.container_id, raw_scan=raw_scan, corrects=event_id, detail=detail)  # fmt: skip
    after = projection.retell([*story(tx, SubjectKind.TUBE, tube.id), event])
    require_free(tx, tube, after)
    event.from_custodian, event.to_custodian = before.standing.custodian, after.standing.custodian
    kept = _keep(tx, tube, event, after, note)
    tx.session.flush()
    emit(tx, TubeKept(tube.id))
    return kept


def record_about(
    tx: Tx,
    kind: SubjectKind,
    subject_id: UUID,
    type: str,  # noqa: A002 - the word of the log
    *,
    site_id: UUID | None,
    set_code: str | None = None,
    custodians: tuple[Custodian, Custodian] | None = None,
    detail: Mapping[str, Any] | None = None,
    raw_scan: str | None = None,
    reason: str | None = None,
    note: str | None = None,
) -> CustodyEvent:
    """Append what happened to a bag, a box, a shipment or an object. The caller holds its row."""
    last = _last(tx, kind, subject_id)
    subject = Subject(kind, subject_id, last.seq if last else 0, last.hash if last else "")
    event = make(tx, subject, type, site_id=site_id, detail=detail, raw_scan=raw_scan, reason=reason)
    event.set_code = set_code
    if custodians:
        event.from_custodian, event.to_custodian = custodians
    kept = attach(event, note)
    event.hash = hash_of(event)
    keep(tx, event, kept)
    tx.session.flush()
    return event


def story(tx: Tx, kind: SubjectKind, subject_id: UUID) -> list[CustodyEvent]:
    """Everything that happened to a tube, a box or a shipment, oldest first."""
    query = sa.select(CustodyEvent).filter_by(subject_kind=kind, subject_id=subject_id).order_by(CustodyEvent.seq)
    return list(tx.session.scalars(query))


def _last(tx: Tx, kind: SubjectKind, subject_id: UUID) -> CustodyEvent | None:
    query = sa.select(CustodyEvent).filter_by(subject_kind=kind, subject_id=subject_id)
    return tx.session.scalar(query.order_by(CustodyEvent.seq.desc()).limit(1))


def rebuild(tx: Tx, tube_id: UUID) -> Projection:
    """The tube's projection computed anew from its events alone."""
    return projection.retell(story(tx, SubjectKind.TUBE, tube_id))


def is_whole(events: Sequence[CustodyEvent]) -> bool:
    """Whether every link of a story holds: none changed, none removed from its middle, none added between."""
    head = ""
    for number, event in enumerate(events, start=1):
        if event.seq != number or event.prev_hash != head or event.hash != hash_of(event):
            return False
        head = event.hash
    return True


def notes_of(tx: Tx, events: Sequence[CustodyEvent]) -> dict[UUID, str]:
    """What was written freely about these events, as far as it is still kept."""
    ids = [event.id for event in events if event.note_sha256]
    query = sa.select(CustodyNote).where(CustodyNote.event_id.in_(ids))
    return {note.event_id: note.text for note in tx.session.scalars(query)} if ids else {}


def _keep(tx: Tx, tube: Tube, event: CustodyEvent, after: Projection, note: str | None) -> CustodyEvent:
    kept = attach(event, note)
    event.hash = hash_of(event)
    projection.write(tube, projection.with_head(after, event))
    return keep(tx, event, kept)


def _home(tx: Tx, tube: Tube) -> UUID | None:
    return tx.session.scalar(sa.select(CollectionOrder.site_id).filter_by(id=tube.order_id))
