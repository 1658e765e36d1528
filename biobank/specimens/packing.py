"""Packing: opening a box, scanning tubes in and out of it, and the exact reason why one may not go in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, NotFound, Phrase
from biobank.specimens import bags, codes, flaws, log, orders
from biobank.specimens.custody import EventType, TubeStatus
from biobank.specimens.models import (
    CollectionOrder,
    Container,
    ContainerKind,
    ContainerState,
    CustodyEvent,
    OrderState,
    SubjectKind,
    Tube,
)
from biobank.specimens.sites import require_here
from labels import BadCode, Kind, parse

_NOT_HERE = Phrase("There is no such box at your site.")
# Asked by every scan: putting the statement together costs as much as asking it.
_HELD = (
    sa.select(Tube).where(Tube.code == sa.bindparam("code")).with_for_update().execution_options(populate_existing=True)
)
_READY = frozenset({TubeStatus.COLLECTED, TubeStatus.PROCESSED})


@dataclass(frozen=True, slots=True)
class Packed:
    """What a scan at the box did: the tube or bag is in it now, or out of it again."""

    is_in: bool
    tube: Tube | None = None
    bag: Container | None = None

    @property
    def code(self) -> str:
        thing = self.tube or self.bag
        return thing.code if thing else ""


def open_box(tx: Tx, site_id: UUID, kind: ContainerKind = ContainerKind.BOX) -> Container:
    """Start an empty box or bag at a site."""
    box = Container(code=codes.draw(tx, Kind.BOX, Container.code), site_id=site_id, state=ContainerState.OPEN,
                    kind=kind, opened_at=clock.now(), opened_by=tx.actor.name)  # fmt: skip
    tx.session.add(box)
    tx.session.flush()
    log.record_about(tx, _subject(box), box.id, "opened", site_id=site_id)
    return box


def pack(tx: Tx, box_id: UUID, code: str) -> Packed:
    """Put the scanned tube or bag into the box, or take it out if it is in it. Raises a refusal that says why not."""
    box = lock_box(tx, box_id)
    if box.state is not ContainerState.OPEN:
        raise Conflict("This box is closed: it is part of a shipment. Open another box.", code="box-closed")
    if _is_box(code):
        bag, is_in = bags.put(tx, box, codes.read(code, Kind.BOX))
        box.version += 1
        return Packed(is_in, bag=bag)
    tube = lock_tube(tx, codes.read(code, Kind.TUBE))
    is_in = tube.container_id != box.id
    if is_in:
        _require_fit(tx, tube, box)
    log.record(tx, tube, EventType.PACKED if is_in else EventType.UNPACKED, container_id=box.id, raw_scan=code)
    box.version += 1
    tx.session.flush()
    return Packed(is_in, tube)


def find_box(tx: Tx, box_id: UUID) -> Container:
    """The box, for reading."""
    box = tx.session.get(Container, box_id)
    if box is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, box.site_id, _NOT_HERE)
    return box


def lock_box(tx: Tx, box_id: UUID) -> Container:
    """The box, held until the transaction ends."""
    query = sa.select(Container).filter_by(id=box_id).with_for_update().execution_options(populate_existing=True)
    box = tx.session.scalar(query)
    if box is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, box.site_id, _NOT_HERE)
    return box


def lock_tube(tx: Tx, code: str) -> Tube:
    """The tube of a code, held until the transaction ends."""
    tube = held_tube(tx, code)
    if tube is None:
        raise NotFound("No tube has this code. Put it aside and call your supervisor.", code="unknown-tube")
    return tube


def held_tube(tx: Tx, code: str) -> Tube | None:
    """The same, or None where no tube has the code."""
    return tx.session.scalar(_HELD, {"code": code})


def tubes_in(tx: Tx, box_id: UUID) -> list[Tube]:
    """What is in a box now, in the order of their codes."""
    return list(tx.session.scalars(sa.select(Tube).filter_by(container_id=box_id).order_by(Tube.code)))


def open_boxes(tx: Tx, site_id: UUID) -> list[Container]:
    """The boxes of a site that are still being filled, and bags in no box, oldest first."""
    query = sa.select(Container).filter_by(site_id=site_id, state=ContainerState.OPEN, parent_id=None)
    query = query.order_by(Container.id)
    return list(tx.session.scalars(query))


def packing_now(tx: Tx, box: Container) -> list[str]:
    """Who else scanned something that lies in this box now within ten minutes."""
    query = (
        sa.select(CustodyEvent.actor_name)
        .join(Tube, sa.and_(Tube.id == CustodyEvent.subject_id, Tube.seq == CustodyEvent.seq))
        .where(CustodyEvent.subject_kind == SubjectKind.TUBE, Tube.container_id == box.id,
               CustodyEvent.actor_id != tx.actor.id, CustodyEvent.recorded_time >= clock.now() - timedelta(minutes=10))
    )  # fmt: skip
    return sorted(set(tx.session.scalars(query)))


def waiting(tx: Tx, site_id: UUID, limit: int = 200) -> list[Tube]:
    """Tubes of a site that are ready and in no box, oldest first."""
    query = (
        sa.select(Tube)
        .join(CollectionOrder)
        .where(
            CollectionOrder.site_id == site_id,
            CollectionOrder.state == OrderState.FINALISED,
            Tube.state.in_(_READY),
            Tube.withdrawn.is_(False),
            Tube.container_id.is_(None),
        )
    )
    return list(tx.session.scalars(query.order_by(Tube.collected_at, Tube.id).limit(limit)))


def _is_box(code: str) -> bool:
    try:
        return parse(code).kind is Kind.BOX
    except BadCode:
        return False


def _subject(box: Container) -> SubjectKind:
    return SubjectKind.BAG if box.kind is ContainerKind.BAG else SubjectKind.BOX


def _require_fit(tx: Tx, tube: Tube, box: Container) -> None:
    order = orders.find_order(tx, tube.order_id)
    for refused, refusal in _reasons(tx, tube, order, box):
        if refused:
            raise refusal


def _reasons(tx: Tx, tube: Tube, order: CollectionOrder, box: Container) -> Iterator[tuple[bool, Conflict]]:
    yield (
        tube.withdrawn,
        Conflict(
            "The participant has withdrawn: this tube is on hold and must not be sent. Set it apart.", code="withdrawn"
        ),
    )
    yield (
        order.site_id != box.site_id,
        Conflict("This tube was collected at another site. It cannot leave from here.", code="other-site"),
    )
    yield (
        tube.container_id is not None and tube.state is TubeStatus.PACKED,
        Conflict(
            "This tube is in box %(box)s. Take it out there first.", code="in-another-box", box=_code_of(tx, tube)
        ),
    )
    yield (
        order.state is not OrderState.FINALISED,
        Conflict(
            "The collection of this tube is not signed off. Finish the collection first.", code="order-not-finalised"
        ),
    )
    held = tube.state is TubeStatus.HELD
    yield (
        held,
        Conflict(
            "This tube is on hold (%(why)s) and must not be sent. Set it apart.", code="on-hold",
            why=flaws.why_held(tx, tube) if held else "",
        ),
    )  # fmt: skip
    # Whatever else keeps a tube out is the law of custody's to say.


def _code_of(tx: Tx, tube: Tube) -> str:
    return find_box(tx, tube.container_id).code if tube.container_id else ""
