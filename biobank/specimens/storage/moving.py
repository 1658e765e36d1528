"""Moving a box with all that stands in it to another rack."""

from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict
from biobank.events import emit
from biobank.specimens import log
from biobank.specimens.custody import EventType
from biobank.specimens.events import TubeKept
from biobank.specimens.models import Completeness, PlaceKind, StoragePlace, SubjectKind, Tube
from biobank.specimens.storage import places, shelving

BOX_MOVED = "box-moved"


def move_box(tx: Tx, box_id: UUID, rack: str, slot: int | None = None) -> StoragePlace:
    """Put a box into the rack of a scanned code, at a slot or the first free one; what is in it goes with it.

    Each tube is told to have moved as its box did, not by a scan of its own. Raises Conflict for a rack that is full,
    of another site, has a box of that name, or holds this box already.
    """
    box = places.lock_place(tx, box_id, PlaceKind.BOX)
    to = places.lock_place(tx, places.place_by_code(tx, rack).id, PlaceKind.RACK)
    if to.id == box.parent_id and slot in (None, box.slot):
        raise Conflict("The box stands in this rack already.", code="same-rack")
    if to.site_id != box.site_id:
        raise Conflict("That rack is at another site. Send the tubes there as a shipment.", code="other-site")
    if to.id != box.parent_id:
        places.require_name_free(tx, to, box.name)
    before = _standing(box)
    box.slot = places.free_slot(tx, to, slot)
    box.parent_id, box.cold, box.version = to.id, to.cold, box.version + 1
    tx.session.flush()
    log.record_about(tx, SubjectKind.PLACE, box.id, "moved", site_id=box.site_id, raw_scan=rack,
                     detail={"from": before, "to": _standing(box)})  # fmt: skip
    _take_along(tx, box)
    return box


def _take_along(tx: Tx, box: StoragePlace) -> None:
    inside = sa.select(Tube).where(shelving.stands_in([box.id])).order_by(Tube.id).with_for_update()
    tubes = tx.session.scalars(inside.execution_options(populate_existing=True)).all()
    for tube in tubes:
        log.record(tx, tube, EventType.MOVED, reason=BOX_MOVED, detail=shelving.where(box, tube.slot or 1),
                   completeness=Completeness.INFERRED)  # fmt: skip
    tx.session.flush()
    for tube in tubes:
        emit(tx, TubeKept(tube.id))


def _standing(box: StoragePlace) -> dict[str, str | int | None]:
    return {"rack": str(box.parent_id), "slot": box.slot, "cold": str(box.cold)}
