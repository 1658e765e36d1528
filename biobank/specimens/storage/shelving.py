"""Putting a tube into a position, moving it, taking it out with a reason, and using it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.events import emit
from biobank.specimens import log, storing
from biobank.specimens.custody import EventType, TubeStatus
from biobank.specimens.events import TubeKept
from biobank.specimens.models import PlaceKind, StoragePlace, Tube
from biobank.specimens.storage import places, positions


class CheckOut(StrEnum):
    """Why a tube is taken out."""

    ALIQUOT = "aliquot"
    ANALYSIS = "analysis"
    QUALITY = "quality"
    RELOCATION = "relocation"
    OTHER = "other"


class KeptAt(StrEnum):
    """What somebody declares of a tube's temperature until now; nothing is presumed."""

    ROOM = "room"
    COLD = "cold"
    WARM = "warm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is known of a batch as it is put away: how it was kept, and that no spin came beside those recorded."""

    kept: KeptAt | None = None
    no_more_spins: bool = False

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"kept": str(self.kept)} if self.kept else {}
        return found | {"no_more_spins": True} if self.no_more_spins else found


NOTHING_DECLARED = Declared()
_SET_APART = frozenset({TubeStatus.HELD, TubeStatus.REJECTED})


def put_away(
    tx: Tx, tube_id: UUID, place: str, position: str | None = None, declared: Declared = NOTHING_DECLARED
) -> Tube:
    """Put a tube into the box of a scanned code, at a named position or the next free one.

    A tube on a shelf is moved; one on hold goes to a quarantine box alone. Raises Conflict for a position that is
    taken, a box that is full or of the wrong sort, NotAllowed for a tube that cannot be put away.
    """
    box = places.lock_place(tx, places.place_by_code(tx, place).id, PlaceKind.BOX)
    tube = storing.lock(tx, tube_id)
    _require_sort(tube, box)
    slot = _slot(tx, box, tube, position)
    # Setting a tube apart changes its place, never its state.
    stays = tube.state is not TubeStatus.RECEIVED or tube.withdrawn
    kind = EventType.MOVED if stays else EventType.STORED
    log.record(tx, tube, kind, detail=where(box, slot) | declared.as_json(), raw_scan=place)
    tx.session.flush()
    emit(tx, TubeKept(tube.id))
    return tube


def check_out(tx: Tx, tube_id: UUID, reason: CheckOut, *, note: str = "", kept_frozen: bool = False) -> Tube:
    """Take a tube out of its position. Out of the frost it counts as thawed, unless it is kept frozen (on dry ice)."""
    if reason is CheckOut.OTHER and not note.strip():
        raise Invalid("Say in a few words why the tube is taken out.", code="note-required")
    tube = storing.lock(tx, tube_id)
    box = tx.session.get(StoragePlace, tube.store_id) if tube.store_id else None
    detail: dict[str, Any] = {"note": note.strip()[:200], "kept_frozen": kept_frozen}
    if box is not None and tube.slot is not None:
        detail |= where(box, tube.slot)
    log.record(tx, tube, EventType.RETRIEVED, reason=str(reason), detail=detail)
    tx.session.flush()
    return tube


def use_up(tx: Tx, tube_id: UUID, reason: str) -> Tube:
    """Record that nothing of a tube is left."""
    if not reason.strip():
        raise Invalid("Say what the tube was used for.", code="reason-missing")
    tube = storing.lock(tx, tube_id)
    log.record(tx, tube, EventType.CONSUMED, reason=reason.strip()[:200])
    tx.session.flush()
    return tube


def out_of_place(tx: Tx) -> Sequence[Tube]:
    """What was taken out and not put back, the longest out first."""
    query = sa.select(Tube).where(Tube.out_at.is_not(None)).order_by(Tube.out_at).limit(500)
    return tx.session.scalars(query).all()


def in_box(tx: Tx, box_id: UUID) -> Mapping[int, Tube]:
    """The tubes of a box by slot."""
    found = tx.session.scalars(sa.select(Tube).where(stands_in([box_id])))
    return {tube.slot: tube for tube in found if tube.slot is not None}


def taken(tx: Tx, box_id: UUID) -> set[int]:
    """The slots of a box that are taken."""
    return {slot for slot in tx.session.scalars(sa.select(Tube.slot).where(stands_in([box_id]))) if slot}


def stands_in(box_ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """Tubes in a position of these boxes. That they have one is said for the index, which leaves out all others."""
    return sa.and_(Tube.store_id.in_(box_ids), Tube.slot.is_not(None))


def _require_sort(tube: Tube, box: StoragePlace) -> None:
    is_set_apart = tube.withdrawn or tube.state in _SET_APART
    if is_set_apart and not box.is_quarantine:
        raise Conflict("This tube is on hold: it goes into a quarantine box, never to stock.", code="quarantine-only")
    if box.is_quarantine and not is_set_apart:
        raise Conflict("This is a quarantine box: only tubes on hold go in. Scan another box.", code="not-on-hold")


def _slot(tx: Tx, box: StoragePlace, tube: Tube, position: str | None) -> int:
    # A tube scanned into its own box again may keep or change its position there.
    stand = {slot for slot in taken(tx, box.id) if (box.id, slot) != (tube.store_id, tube.slot)}
    if position is None:
        slot = next(positions.free(stand, box.size), None)
        if slot is None:
            raise Conflict("This box is full. Scan another box.", code="box-full")
        return slot
    slot = positions.slot_of(position, rows=box.rows, columns=box.columns)
    if slot in stand:
        raise Conflict("Position %(position)s is taken. Choose a free one.", code="position-taken",
                       position=positions.name_of(slot, box.columns))  # fmt: skip
    return slot


def where(box: StoragePlace, slot: int) -> dict[str, Any]:
    """What an event says of a position: the box by code and key, the slot, how cold it is there."""
    return {"place": box.code, "store": str(box.id), "slot": slot,
            "position": positions.name_of(slot, box.columns), "cold": str(box.cold)}  # fmt: skip
