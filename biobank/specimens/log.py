"""The log of custody: the one place that appends events, keeps each tube's row in step, and checks both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import NotFound
from biobank.specimens import projection
from biobank.specimens.custody import GENESIS, Correction, Custodian, EventType, link
from biobank.specimens.models import CollectionOrder, CustodyEvent, SubjectKind, TimeSource, Tube
from biobank.specimens.projection import Projection

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about, and where its chain stands."""

    kind: SubjectKind
    id: UUID
    seq: int
    head: str


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
) -> CustodyEvent:
    """Append what happened to a tube and bring its row up to date. `at` is given when a person entered the time.

    The caller holds the tube's row or its order's. Raises NotAllowed when the law of custody does not let it follow.
    """
    before = projection.read(tube)
    subject = Subject(SubjectKind.TUBE, tube.id, before.seq, before.head)
    event = _event(tx, subject, type, site_id=tx.actor.site_id or _home(tx, tube), at=at,
                   container_id=container_id or tube.container_id, reason=reason, detail=detail,
                   raw_scan=raw_scan)  # fmt: skip
    event.set_code = type.set_code
    after = projection.advance(before, event)
    event.from_custodian, event.to_custodian = before.standing.custodian, after.standing.custodian
    return _keep(tx, tube, event, after)


def take_back(tx: Tx, tube: Tube, event_id: UUID, *, reason: str, raw_scan: str | None = None) -> CustodyEvent:
    """Declare that an event of a tube did not occur; the event stays, its effect goes. Raises NotAllowed."""
    before = projection.read(tube)
    subject = Subject(SubjectKind.TUBE, tube.id, before.seq, before.head)
    event = _event(tx, subject, EventType.ERROR_DECLARED, site_id=tx.actor.site_id or _home(tx, tube), reason=reason,
                   container_id=tube.container_id, raw_scan=raw_scan, corrects=event_id,
                   detail={"correction": str(Correction.DID_NOT_OCCUR)})  # fmt: skip
    after = projection.retell([*story(tx, SubjectKind.TUBE, tube.id), event])
    event.from_custodian, event.to_custodian = before.standing.custodian, after.standing.custodian
    return _keep(tx, tube, event, after)


def record_about(
    tx: Tx,
    kind: SubjectKind,
    subject_id: UUID,
    type: str,  # noqa: A002 - the word of the log
    *,
    site_id: UUID,
    set_code: str | None = None,
    custodians: tuple[Custodian, Custodian] | None = None,
    detail: Mapping[str, Any] | None = None,
    raw_scan: str | None = None,
) -> CustodyEvent:
    """Append what happened to a box or a shipment. The caller holds its row."""
    past = story(tx, kind, subject_id)
    subject = Subject(kind, subject_id, len(past), past[-1].hash if past else "")
    event = _event(tx, subject, type, site_id=site_id, detail=detail, raw_scan=raw_scan)
    event.set_code = set_code
    if custodians:
        event.from_custodian, event.to_custodian = custodians
    event.hash = _hash(event)
    tx.session.add(event)
    tx.session.flush()
    return event


def story(tx: Tx, kind: SubjectKind, subject_id: UUID) -> list[CustodyEvent]:
    """Everything that happened to a tube, a box or a shipment, oldest first."""
    query = sa.select(CustodyEvent).filter_by(subject_kind=kind, subject_id=subject_id).order_by(CustodyEvent.seq)
    return list(tx.session.scalars(query))


def rebuild(tx: Tx, tube_id: UUID) -> Projection:
    """The tube's projection computed anew from its events alone."""
    return projection.retell(story(tx, SubjectKind.TUBE, tube_id))


def is_whole(events: Sequence[CustodyEvent]) -> bool:
    """Whether every link of a story holds: none changed, none removed from its middle, none added between."""
    head = ""
    for number, event in enumerate(events, start=1):
        if event.seq != number or event.prev_hash != head or event.hash != _hash(event):
            return False
        head = event.hash
    return True


def differences(tx: Tx) -> Iterator[UUID]:
    """The tubes whose row, story and chain do not agree; none on a sound database."""
    for tube in tx.session.scalars(sa.select(Tube).order_by(Tube.id).execution_options(yield_per=500)):
        events = story(tx, SubjectKind.TUBE, tube.id)
        if not is_whole(events) or projection.retell(events) != projection.read(tube):
            yield tube.id


def _keep(tx: Tx, tube: Tube, event: CustodyEvent, after: Projection) -> CustodyEvent:
    event.hash = _hash(event)
    projection.write(tube, projection.with_head(after, event))
    tx.session.add(event)
    return event


def _home(tx: Tx, tube: Tube) -> UUID | None:
    return tx.session.scalar(sa.select(CollectionOrder.site_id).filter_by(id=tube.order_id))


def _event(
    tx: Tx,
    subject: Subject,
    type: str,  # noqa: A002
    *,
    site_id: UUID | None,
    at: datetime | None = None,
    container_id: UUID | None = None,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
    raw_scan: str | None = None,
    corrects: UUID | None = None,
) -> CustodyEvent:
    now, actor = clock.now(), tx.actor
    return CustodyEvent(
        id=new_id(), subject_kind=subject.kind, subject_id=subject.id, seq=subject.seq + 1, type=str(type),
        container_id=container_id, actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name,
        event_time=at or now, zone=_zone(tx, site_id), time_source=TimeSource.ENTERED if at else TimeSource.SERVER,
        recorded_time=now, site_id=site_id, reason=reason, detail=dict(detail or {}),
        raw_scan=raw_scan[:200] if raw_scan else None, corrects=corrects, prev_hash=subject.head, hash="",
    )  # fmt: skip


def _zone(tx: Tx, site_id: UUID | None) -> str:
    if site_id is None:
        return "UTC"
    site = tx.session.get(Site, site_id)
    if site is None:
        raise NotFound("The site of this event is not known. Ask your administrator.")
    return site.zone


def _hash(event: CustodyEvent) -> str:
    """The event's link. Staff are in it by key, not by name, so that evidence may leave the house."""
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "id": str(event.id),
        "subject_kind": str(event.subject_kind),
        "subject_id": str(event.subject_id),
        "seq": event.seq,
        "type": event.type,
        "set_code": event.set_code,
        "container_id": _text(event.container_id),
        "from_custodian": _text(event.from_custodian),
        "to_custodian": _text(event.to_custodian),
        "actor_kind": event.actor_kind,
        "actor_id": _text(event.actor_id),
        "event_time": event.event_time,
        "zone": event.zone,
        "time_source": str(event.time_source),
        "recorded_time": event.recorded_time,
        "site_id": _text(event.site_id),
        "reason": event.reason,
        "detail": event.detail,
        "raw_scan": event.raw_scan,
        "corrects": _text(event.corrects),
    }
    return link(bytes.fromhex(event.prev_hash) or GENESIS, content).hex()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
