"""Freezers, shelves, racks and boxes: setting them up, finding them, and moving a box with all that is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.specimens import codes, log
from biobank.specimens.models import PlaceKind, StoragePlace, SubjectKind, Tube
from biobank.specimens.sites import require_here
from biobank.specimens.storage import positions
from biobank.specimens.storage.cold import Cold
from labels import Kind

_NOT_HERE = Phrase("There is no such place at your site.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a new freezer has inside: so many shelves, racks on each, and boxes in each rack."""

    shelves: int
    racks: int
    boxes: int


def add_freezer(tx: Tx, *, site_id: UUID, name: str, cold: Cold, layout: Layout) -> StoragePlace:
    """A freezer with its empty shelves and racks, each with a code of its own. Raises Conflict for a name twice."""
    title = name.strip()
    if tx.session.scalar(sa.select(StoragePlace.id).filter_by(site_id=site_id, parent_id=None, name=title)):
        raise Conflict("There is a freezer of that name already. Choose another.", code="name-taken")
    freezer = _make(tx, PlaceKind.FREEZER, None, site_id=site_id, name=title, cold=cold, rows=layout.shelves)
    for shelf_slot in range(1, layout.shelves + 1):
        shelf = _make(tx, PlaceKind.SHELF, freezer, name=str(shelf_slot), slot=shelf_slot, columns=layout.racks)
        for rack_slot in range(1, layout.racks + 1):
            _make(tx, PlaceKind.RACK, shelf, name=f"{shelf_slot}-{rack_slot}", slot=rack_slot, rows=layout.boxes)
    return freezer


def add_box(
    tx: Tx, rack_id: UUID, *, name: str, rows: int, columns: int, is_quarantine: bool = False, slot: int | None = None
) -> StoragePlace:
    """An empty box in a rack, at a slot or at the first free one. Raises Conflict when the rack is full."""
    rack = lock_place(tx, rack_id, PlaceKind.RACK)
    free = free_slot(tx, rack, slot)
    title = name.strip()
    require_name_free(tx, rack, title)
    box = _make(tx, PlaceKind.BOX, rack, name=title, slot=free, rows=rows, columns=columns, quarantine=is_quarantine)
    log.record_about(tx, SubjectKind.PLACE, box.id, "set_up", site_id=box.site_id,
                     detail={"to": {"rack": str(rack.id), "slot": free, "cold": str(box.cold)}})  # fmt: skip
    return box


def require_name_free(tx: Tx, rack: StoragePlace, name: str) -> None:
    """Raises Conflict where a box of this name stands in the rack."""
    if tx.session.scalar(sa.select(StoragePlace.id).filter_by(parent_id=rack.id, name=name)):
        raise Conflict("There is a box of that name in this rack already. Choose another.", code="name-taken")


def find_place(tx: Tx, place_id: UUID) -> StoragePlace:
    """The place, for reading. Raises NotFound."""
    place = tx.session.get(StoragePlace, place_id)
    if place is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, place.site_id, _NOT_HERE)
    return place


def lock_place(tx: Tx, place_id: UUID, kind: PlaceKind) -> StoragePlace:
    """The place, held until the transaction ends: two people never take one position."""
    query = sa.select(StoragePlace).filter_by(id=place_id).with_for_update()
    place = tx.session.scalar(query.execution_options(populate_existing=True))
    if place is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, place.site_id, _NOT_HERE)
    if place.kind is not kind:
        raise Invalid(_WRONG[kind], code="wrong-place")
    return place


_WRONG = {
    PlaceKind.BOX: Phrase("That is not a box. Scan the code on the lid of a box."),
    PlaceKind.RACK: Phrase("That is not a rack. Scan the code on the front of a rack."),
    PlaceKind.SHELF: Phrase("That is not a shelf."),
    PlaceKind.FREEZER: Phrase("That is not a freezer."),
}


def place_by_code(tx: Tx, code: str) -> StoragePlace:
    """The place of a scanned code. Raises Invalid for another kind of code, NotFound for a code that is nowhere."""
    place = tx.session.scalar(sa.select(StoragePlace).filter_by(code=codes.read(code, Kind.PLACE)))
    message = Phrase("No place has this code. Set the freezer or the box up first.")
    if place is None:
        raise NotFound(message, code="unknown-place")
    require_here(tx, place.site_id, message)
    return place


def freezers(tx: Tx) -> Sequence[StoragePlace]:
    """The freezers of the reader's site, or all for somebody who belongs to none, by name."""
    query = sa.select(StoragePlace).filter_by(kind=PlaceKind.FREEZER).order_by(StoragePlace.name)
    if tx.actor.site_id is not None:
        query = query.filter_by(site_id=tx.actor.site_id)
    return tx.session.scalars(query).all()


def inside(tx: Tx, parent_ids: Sequence[UUID]) -> Sequence[StoragePlace]:
    """The places directly inside these, in the order of their slots."""
    query = sa.select(StoragePlace).where(StoragePlace.parent_id.in_(parent_ids))
    return tx.session.scalars(query.order_by(StoragePlace.parent_id, StoragePlace.slot)).all()


def way_to(tx: Tx, place: StoragePlace) -> list[StoragePlace]:
    """The places one goes through: freezer, shelf, rack, and the place itself."""
    way = [place]
    while way[0].parent_id is not None:
        way.insert(0, tx.session.get_one(StoragePlace, way[0].parent_id))
    return way


def fetch_from(tx: Tx, tubes: Sequence[Tube]) -> dict[UUID, str]:
    """Where somebody goes to fetch each tube that is in a box, place by place down to its position."""
    wanted = {tube.store_id for tube in tubes if tube.store_id}
    boxes = {box_id: tx.session.get_one(StoragePlace, box_id) for box_id in wanted}
    ways = {box_id: " › ".join(place.name for place in way_to(tx, box)) for box_id, box in boxes.items()}
    return {
        tube.id: f"{ways[tube.store_id]} › {positions.name_of(tube.slot, boxes[tube.store_id].columns)}"
        for tube in tubes
        if tube.store_id and tube.slot
    }


def free_slot(tx: Tx, rack: StoragePlace, wanted: int | None) -> int:
    """A slot of a rack that no box stands in: the wanted one, or the first. Raises Conflict."""
    taken = set(tx.session.scalars(sa.select(StoragePlace.slot).filter_by(parent_id=rack.id)))
    slot = wanted or next((slot for slot in range(1, rack.size + 1) if slot not in taken), rack.size + 1)
    if slot in taken or not 1 <= slot <= rack.size:
        raise Conflict("There is no free slot in this rack. Choose another rack.", code="rack-full")
    return slot


def _make(
    tx: Tx,
    kind: PlaceKind,
    parent: StoragePlace | None,
    *,
    name: str,
    site_id: UUID | None = None,
    cold: Cold | None = None,
    slot: int | None = None,
    rows: int = 1,
    columns: int = 1,
    quarantine: bool = False,
) -> StoragePlace:
    place = StoragePlace(
        code=codes.draw(tx, Kind.PLACE, StoragePlace.code), kind=kind, parent_id=parent.id if parent else None,
        site_id=parent.site_id if parent else site_id, cold=parent.cold if parent else cold, name=name, slot=slot,
        rows=rows, columns=columns, is_quarantine=quarantine, made_at=clock.now(), made_by=tx.actor.name,
    )  # fmt: skip
    tx.session.add(place)
    tx.session.flush()
    return place
