"""What a tube's events add up to: where it stands, who holds it, and the facts its row shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from biobank.specimens.custody import (
    Correction,
    Custodian,
    EventType,
    Occurrence,
    TubeState,
    TubeStatus,
    apply,
    project,
)
from biobank.specimens.models import CustodyEvent, NotCollectedReason, Rotor, Tube
from biobank.specimens.storage import keeping
from biobank.specimens.storage.volumes import Vessel


@dataclass(frozen=True, slots=True)
class Projection:
    """A tube as its events tell it. Two projections are equal when they say the same of the tube."""

    standing: TubeState = field(default_factory=TubeState)
    seq: int = 0
    head: str = ""
    container_id: UUID | None = None
    applied_at: datetime | None = None
    collected_at: datetime | None = None
    processed_at: datetime | None = None
    spin: tuple[str, str, int, int, str] | None = None
    not_collected_reason: str | None = None
    place: str | None = None
    store_id: UUID | None = None
    slot: int | None = None
    out_at: datetime | None = None
    material: str | None = None
    vessel: str | None = None
    volume_ul: Decimal | None = None
    taken_ul: Decimal = Decimal(0)
    thaws: int = 0


def read(tube: Tube) -> Projection:
    """What the tube's row says now."""
    back_to = tuple(TubeStatus(word) for word in tube.back_to or ())
    standing = TubeState(
        tube.state or TubeStatus.ORDERED, tube.custodian or Custodian.CLINIC, bool(tube.withdrawn), back_to
    )
    spin = None
    if tube.product and tube.rotor:
        spin = (tube.product, str(tube.rotor), tube.spin_g or 0, tube.spin_minutes or 0, str(tube.spin_celsius))
    return Projection(
        standing=standing, seq=tube.seq or 0, head=tube.head or "", container_id=tube.container_id,
        applied_at=tube.applied_at, collected_at=tube.collected_at, processed_at=tube.processed_at, spin=spin,
        not_collected_reason=tube.not_collected_reason, place=tube.place, store_id=tube.store_id, slot=tube.slot,
        out_at=tube.out_at, material=tube.material, vessel=tube.vessel, volume_ul=tube.volume_ul,
        taken_ul=tube.taken_ul or Decimal(0), thaws=tube.thaws or 0,
    )  # fmt: skip


def write(tube: Tube, told: Projection) -> None:
    """Make the tube's row say this."""
    tube.state, tube.custodian = told.standing.state, told.standing.custodian
    tube.withdrawn, tube.back_to = told.standing.is_withdrawn, [str(status) for status in told.standing.back_to]
    tube.seq, tube.head, tube.container_id = told.seq, told.head, told.container_id
    tube.applied_at, tube.collected_at, tube.processed_at = told.applied_at, told.collected_at, told.processed_at
    _write_spin(tube, told.spin)
    reason = told.not_collected_reason
    tube.not_collected_reason = NotCollectedReason(reason) if reason else None
    tube.place, tube.store_id, tube.slot, tube.out_at = told.place, told.store_id, told.slot, told.out_at
    tube.material, tube.vessel = told.material, Vessel(told.vessel) if told.vessel else None
    tube.volume_ul, tube.taken_ul, tube.thaws = told.volume_ul, told.taken_ul, told.thaws


def advance(told: Projection, event: CustodyEvent) -> Projection:
    """The projection after one more event. Raises NotAllowed when the law of custody does not let it follow."""
    standing = apply(told.standing, EventType(event.type))
    return replace(_facts(told, event, event.event_time), standing=standing, seq=event.seq)


def with_head(told: Projection, event: CustodyEvent) -> Projection:
    """The same projection with the hash of its last event, which is known only once the event is complete."""
    return replace(told, head=event.hash)


def retell(story: Sequence[CustodyEvent]) -> Projection:
    """The projection of a whole story, leaving out what was declared not to have occurred."""
    told = Projection()
    taken_back = taken_back_in(story)
    corrected = {event.corrects: event.detail["corrected"] for event in story
                 if event.id not in taken_back and "corrected" in event.detail}  # fmt: skip
    for event in story:
        if event.id not in taken_back:
            at = corrected.get(event.id, {}).get("event_time")
            told = _facts(told, event, datetime.fromisoformat(at) if at else event.event_time)
    standing = project(map(_occurrence, story))
    return replace(told, standing=standing, seq=len(story), head=story[-1].hash if story else "")


def taken_back_in(story: Sequence[CustodyEvent]) -> set[UUID]:
    """The events of a story that were declared not to have occurred."""
    taken: set[UUID] = set()
    # Backwards, so that a declaration which was itself taken back takes nothing back.
    for event in reversed(story):
        if event.id not in taken and event.corrects and event.detail.get("correction") == Correction.DID_NOT_OCCUR:
            taken.add(event.corrects)
    return taken


def _occurrence(event: CustodyEvent) -> Occurrence:
    correction = event.detail.get("correction")
    return Occurrence(
        str(event.id),
        EventType(event.type),
        corrects=str(event.corrects) if event.corrects else None,
        correction=Correction(correction) if correction else None,
    )


def _facts(told: Projection, event: CustodyEvent, at: datetime) -> Projection:
    """The facts of the row that this event changes, as of this time; most change none."""
    change = _CHANGES.get(EventType(event.type))
    if change:
        told = replace(told, **change(event, at))
    kept = keeping.FACTS.get(event.type)
    return replace(told, **kept(event, told.taken_ul, told.thaws)) if kept else told


def _spun(event: CustodyEvent, at: datetime) -> dict[str, Any]:
    detail = event.detail
    spin = (detail["product"], detail["rotor"], detail["g"], detail["minutes"], detail["celsius"])
    return {"processed_at": at, "spin": spin}


def _left_box(_event: CustodyEvent, _at: datetime) -> dict[str, Any]:
    return {"container_id": None}


_CHANGES: dict[EventType, Callable[[CustodyEvent, datetime], dict[str, Any]]] = {
    # A label printed anew has to be applied anew.
    EventType.LABEL_PRINTED: lambda _event, _at: {"applied_at": None},
    EventType.LABEL_APPLIED: lambda _event, at: {"applied_at": at},
    EventType.COLLECTED: lambda _event, at: {"collected_at": at},
    EventType.NOT_COLLECTED: lambda event, _at: {"not_collected_reason": event.reason},
    EventType.PROCESSED: _spun,
    EventType.PACKED: lambda event, _at: {"container_id": event.container_id},
    EventType.UNPACKED: _left_box,
    EventType.RECEIVED: _left_box,
    EventType.RECEIVED_UNANNOUNCED: _left_box,
    EventType.HELD: _left_box,
    EventType.REJECTED: _left_box,
}


def _write_spin(tube: Tube, spin: tuple[str, str, int, int, str] | None) -> None:
    if spin is None:
        tube.product = tube.rotor = tube.spin_g = tube.spin_minutes = tube.spin_celsius = None
        return
    tube.product, tube.rotor = spin[0], Rotor(spin[1])
    tube.spin_g, tube.spin_minutes, tube.spin_celsius = spin[2], spin[3], Decimal(spin[4])
