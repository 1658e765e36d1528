"""Bags: tubes of one collection packed together, scanned into a box as one thing and out again."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, NotFound
from biobank.specimens import log
from biobank.specimens.models import Container, ContainerKind, ContainerState, SubjectKind, Tube


def put(tx: Tx, box: Container, code: str) -> tuple[Container, bool]:
    """Put the scanned bag into this box, or take it out if it is in it; answers the bag and whether it is in now.

    The caller holds the box's row. Raises a refusal that says why not.
    """
    query = sa.select(Container).filter_by(code=code).with_for_update().execution_options(populate_existing=True)
    bag = tx.session.scalar(query)
    if bag is None:
        raise NotFound("No bag or box has this code.", code="unknown-box")
    _require_fit(tx, box, bag)
    is_in = bag.parent_id != box.id
    bag.parent_id, bag.version = (box.id if is_in else None), bag.version + 1
    log.record_about(tx, SubjectKind.BAG, bag.id, "packed" if is_in else "unpacked", site_id=box.site_id,
                     detail={"box": box.code}, raw_scan=code)  # fmt: skip
    tx.session.flush()
    return bag, is_in


def bags_in(tx: Tx, box_id: UUID) -> Sequence[Container]:
    """The bags that lie in a box now."""
    return tx.session.scalars(sa.select(Container).filter_by(parent_id=box_id).order_by(Container.code)).all()


def inside(shipment_id: UUID) -> sa.Select[UUID]:
    """Every box and bag of a shipment, as a query of their ids."""
    boxes = sa.select(Container.id).where(Container.shipment_id == shipment_id)
    return sa.select(Container.id).where(
        sa.or_(Container.shipment_id == shipment_id, Container.parent_id.in_(boxes))
    )  # fmt: skip


def shipment_of(tx: Tx, box: Container) -> UUID | None:
    """The shipment that a box, or the box around a bag, was sent in."""
    if box.shipment_id is not None or box.parent_id is None:
        return box.shipment_id
    return tx.session.scalar(sa.select(Container.shipment_id).filter_by(id=box.parent_id))


def close(tx: Tx, box: Container, *, is_closed: bool) -> None:
    """Close the bags of a box with it, or open them again with it."""
    for bag in bags_in(tx, box.id):
        bag.state, bag.version = ContainerState.CLOSED if is_closed else ContainerState.OPEN, bag.version + 1
    tx.session.flush()


def _require_fit(tx: Tx, box: Container, bag: Container) -> None:
    if bag.kind is not ContainerKind.BAG:
        raise Conflict("A box does not go into a box. Scan its tubes or a bag.", code="box-in-box")
    if box.kind is not ContainerKind.BOX:
        raise Conflict("A bag does not go into a bag. Open a box, and scan both bags into it.", code="bag-in-bag")
    if bag.site_id != box.site_id:
        raise Conflict("This bag belongs to another site.", code="other-site")
    if bag.parent_id not in (None, box.id):
        other = tx.session.get_one(Container, bag.parent_id)
        raise Conflict("This bag is in box %(box)s. Take it out there first.", code="in-another-box", box=other.code)
    if bag.parent_id is None and tx.session.scalar(sa.select(Tube.id).filter_by(container_id=bag.id).limit(1)) is None:
        raise Conflict("This bag is empty. Scan tubes into it first.", code="box-empty")
