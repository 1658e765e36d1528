"""A tube's SPREC from its events, kept with what it was read from, and computed anew when its story went on."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.specimens import log, projection
from biobank.specimens.custody import Correction, EventType
from biobank.specimens.events import TubeKept
from biobank.specimens.models import CustodyEvent, Shipment, SubjectKind, Tube
from biobank.specimens.sprec import tables
from biobank.specimens.sprec.models import SprecCode
from biobank.specimens.sprec.rules import SHIPMENT_OPENED, Fact, Sprec, derive
from biobank.specimens.storage.deriving import lineage

_ARRIVALS = frozenset({EventType.RECEIVED, EventType.HELD})


def sprec_of(tx: Tx, tube: Tube, version: str = tables.NEWEST) -> Sprec:
    """The code as the events stand now."""
    return derive(tube.origin, facts_of(tx, tube), tables.load(version))


def facts_of(tx: Tx, tube: Tube) -> list[Fact]:
    """What happened to a tube, to its parents until it was made of them, and in its parcel; oldest first."""
    found: list[Fact] = []
    line = lineage(tx, tube)
    for number, one in enumerate(line):
        events = log.story(tx, SubjectKind.TUBE, one.id)
        until = _parted(tx, line[number + 1]) if number + 1 < len(line) else None
        found += _facts(tx, [event for event in events if until is None or event.seq <= until], events)
    return sorted(found, key=lambda fact: (fact.at, fact.recorded_at))


def note(tx: Tx, tube: Tube) -> None:
    """Keep the code of each version if it says something new."""
    for version in tables.VERSIONS:
        found, last = sprec_of(tx, tube, version), last_code(tx, tube.id, version)
        if last is None or (last.code, last.rules, last.events) != (found.code, found.rules, list(found.events)):
            tx.session.add(
                SprecCode(tube_id=tube.id, version=version, rules=found.rules, code=found.code,
                          events=list(found.events), seq=tube.seq, computed_at=clock.now())
            )  # fmt: skip
    tx.session.flush()


def keep_current(tx: Tx, event: TubeKept) -> None:
    """Follow a tube that was put away or corrected."""
    tube = tx.session.get_one(Tube, event.tube_id)
    if tube.store_id is not None or last_code(tx, tube.id, tables.NEWEST) is not None:
        note(tx, tube)


def last_code(tx: Tx, tube_id: UUID, version: str) -> SprecCode | None:
    """The newest code that was kept."""
    query = sa.select(SprecCode).filter_by(tube_id=tube_id, version=version).order_by(SprecCode.id.desc())
    return tx.session.scalar(query.limit(1))


def codes_of(tx: Tx, tube_id: UUID) -> Sequence[SprecCode]:
    """Every code that was kept of a tube, newest first."""
    return tx.session.scalars(sa.select(SprecCode).filter_by(tube_id=tube_id).order_by(SprecCode.id.desc())).all()


def recompute(tx: Tx) -> Iterator[Tube]:
    """Compute anew the codes of all tubes whose story went on since; the tubes that were looked at."""
    newest = (
        sa.select(SprecCode.tube_id, sa.func.max(SprecCode.seq).label("seq")).group_by(SprecCode.tube_id).subquery()
    )
    stale = sa.select(Tube).join(newest, newest.c.tube_id == Tube.id).where(Tube.seq > newest.c.seq).order_by(Tube.id)
    for tube in tx.session.scalars(stale).all():
        note(tx, tube)
        yield tube


def _parted(tx: Tx, child: Tube) -> int | None:
    """Up to which event its parent's story is the child's too."""
    query = sa.select(CustodyEvent).filter_by(subject_id=child.id, type=str(EventType.DERIVED))
    made = tx.session.scalar(query.limit(1))
    return None if made is None else int(made.detail["parent_seq"])


def _facts(tx: Tx, events: Sequence[CustodyEvent], story: Sequence[CustodyEvent]) -> Iterator[Fact]:
    gone = projection.taken_back_in(story)
    corrected = {event.corrects: event for event in story
                 if event.detail.get("correction") == Correction.INCORRECT_DATA}  # fmt: skip
    for event in events:
        if event.id in gone or event.type == EventType.ERROR_DECLARED:
            continue
        yield _fact(event, corrected.get(event.id))
        if event.type in _ARRIVALS and event.detail.get("shipment"):
            yield from _opened(tx, str(event.detail["shipment"]))


def _fact(event: CustodyEvent, correction: CustodyEvent | None) -> Fact:
    """The event, with the time that a correction gives it; doubted where a correction gives none."""
    told = correction.detail.get("corrected", {}).get("event_time") if correction else None
    at = datetime.fromisoformat(told) if told else event.event_time
    return Fact(str(event.id), event.type, at, event.recorded_time, "entered" if told else str(event.time_source),
                event.detail, is_doubted=correction is not None and told is None)  # fmt: skip


def _opened(tx: Tx, code: str) -> Iterator[Fact]:
    query = sa.select(CustodyEvent).join(Shipment, Shipment.id == CustodyEvent.subject_id).where(
        Shipment.code == code, CustodyEvent.type == "receiving_begun")  # fmt: skip
    for event in tx.session.scalars(query):
        yield Fact(str(event.id), SHIPMENT_OPENED, event.event_time, event.recorded_time, str(event.time_source),
                   event.detail)  # fmt: skip
