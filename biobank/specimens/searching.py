"""Whatever is scanned leads somewhere: a tube, a box, a shipment, a courier's number, a collection, a thing found."""

from uuid import UUID

import sqlalchemy as sa

from biobank.actor import Role
from biobank.db import Tx
from biobank.errors import Invalid, NotFound, Phrase, Refused
from biobank.specimens import bags, couriers, shipping
from biobank.specimens.models import CollectionOrder, Container, FoundObject, Shipment, Tube
from biobank.specimens.sites import require_here
from biobank.specimens.storage.places import place_by_code
from biobank.specimens.storing import tube_by_code
from labels import BadCode, Kind, parse

_NOTHING = Phrase("Nothing here has this code. Check it, or ask the site that sent it.")


def find(tx: Tx, text: str) -> tuple[str, dict[str, UUID]]:
    """The page of a scanned thing: its endpoint and values. Raises NotFound for what nobody here knows."""
    try:
        code = parse(text)
    except BadCode as problem:
        return _by_tracking(tx, text, problem)
    if code.kind is Kind.TUBE:
        return _tube(tx, code.text)
    if code.kind is Kind.BOX:
        return _box(tx, code.text)
    if code.kind is Kind.SHIPMENT:
        return _shipment(tx, tx.session.scalar(sa.select(Shipment).filter_by(code=code.text)))
    if code.kind is Kind.COLLECTION:
        return _collection(tx, code.text)
    if code.kind is Kind.PLACE and tx.actor.has(Role.BIOBANK, Role.AUDITOR):
        return "storage.place", {"place_id": place_by_code(tx, code.text).id}
    raise NotFound("This label is no tube, box, shipment or collection. Scan one of those.", code="wrong-kind")


def _tube(tx: Tx, code: str) -> tuple[str, dict[str, UUID]]:
    thing = tx.session.scalar(sa.select(FoundObject.id).filter_by(label=code).order_by(FoundObject.id.desc()).limit(1))
    known = tx.session.scalar(sa.select(Tube.id).filter_by(code=code))
    if known is None and thing is not None and tx.actor.has(Role.BIOBANK):
        return "specimens.found", {"object_id": thing}
    return "specimens.tube", {"tube_id": tube_by_code(tx, code).id}


def _box(tx: Tx, code: str) -> tuple[str, dict[str, UUID]]:
    box = tx.session.scalar(sa.select(Container).filter_by(code=code))
    if box is None:
        raise NotFound(_NOTHING)
    require_here(tx, box.site_id, _NOTHING)
    shipment_id = bags.shipment_of(tx, box)
    if shipment_id is not None:
        return "specimens.shipment", {"shipment_id": shipment_id}
    return "specimens.box", {"box_id": box.id}


def _shipment(tx: Tx, shipment: Shipment | None) -> tuple[str, dict[str, UUID]]:
    if shipment is None:
        raise NotFound(_NOTHING)
    require_here(tx, shipment.site_id, _NOTHING)
    return "specimens.shipment", {"shipment_id": shipment.id}


def _collection(tx: Tx, code: str) -> tuple[str, dict[str, UUID]]:
    order = tx.session.scalar(sa.select(CollectionOrder).filter_by(code=code))
    if order is None or not order.tubes:
        raise NotFound(_NOTHING)
    require_here(tx, order.site_id, _NOTHING)
    return "specimens.tube", {"tube_id": order.tubes[0].id}


def _by_tracking(tx: Tx, text: str, why: BadCode) -> tuple[str, dict[str, UUID]]:
    try:
        number = couriers.read(text).number
    except Refused:
        raise Invalid.of(why, code="bad-code") from None
    return _shipment(tx, shipping.by_tracking(tx, number))
