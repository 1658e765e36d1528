"""Whether everything that the tables show is what the events say: tubes, bags, boxes, parcels, things found, places."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.specimens import log, projection
from biobank.specimens.custody import NotAllowed, ShipmentEvent, ShipmentState, advance_shipment
from biobank.specimens.models import (
    Container,
    ContainerKind,
    CustodyEvent,
    FoundObject,
    PlaceKind,
    Shipment,
    StoragePlace,
    SubjectKind,
    Tube,
)

_AT_ONCE = 500
_SHIPMENT_EVENTS = frozenset(ShipmentEvent)
Story = Sequence[CustodyEvent]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing whose row, story and chain do not agree."""

    kind: SubjectKind
    id: UUID
    code: str


def differences(tx: Tx) -> Iterator[Difference]:
    """Everything of which row, story and chain do not agree; nothing on a sound database."""
    yield from _of(tx, SubjectKind.TUBE, sa.select(Tube), _tube_stands)
    bags = Container.kind == ContainerKind.BAG
    yield from _of(
        tx, SubjectKind.BAG, sa.select(Container).where(bags), lambda bag, story: _bag_stands(tx, bag, story)
    )
    yield from _of(tx, SubjectKind.BOX, sa.select(Container).where(~bags), _box_stands)
    yield from _of(tx, SubjectKind.SHIPMENT, sa.select(Shipment), _shipment_stands)
    yield from _of(tx, SubjectKind.OBJECT, sa.select(FoundObject), lambda _thing, story: bool(story))
    kept = sa.select(StoragePlace).where(StoragePlace.kind == PlaceKind.BOX)
    yield from _of(tx, SubjectKind.PLACE, kept, _place_stands)


def _of(
    tx: Tx, kind: SubjectKind, query: sa.Select[Any], stands: Callable[[Any, Story], bool]
) -> Iterator[Difference]:  # fmt: skip
    """The rows of a query that their stories do not tell, some hundreds at a time."""
    model: Any = query.column_descriptions[0]["entity"]
    last: UUID | None = None
    while True:
        page = query.order_by(model.id).limit(_AT_ONCE)
        rows = tx.session.scalars(page.where(model.id > last) if last else page).unique().all()
        stories = _stories(tx, kind, [row.id for row in rows])
        for row in rows:
            story = stories.get(row.id, ())
            if not log.is_whole(story) or not _tells(stands, row, story):
                yield Difference(kind, row.id, str(getattr(row, "code", None) or row.id))
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id
        tx.session.expunge_all()


def _tells(stands: Callable[[Any, Story], bool], row: Any, story: Story) -> bool:
    """Whether a story tells this row; one that breaks the law of custody tells none."""
    try:
        return stands(row, story)
    except NotAllowed:
        return False


def _stories(tx: Tx, kind: SubjectKind, ids: Sequence[UUID]) -> Mapping[UUID, Story]:
    query = sa.select(CustodyEvent).where(CustodyEvent.subject_kind == kind, CustodyEvent.subject_id.in_(ids))
    found: dict[UUID, list[CustodyEvent]] = defaultdict(list)
    for event in tx.session.scalars(query.order_by(CustodyEvent.subject_id, CustodyEvent.seq)):
        found[event.subject_id].append(event)
    return found


def _tube_stands(tube: Tube, story: Story) -> bool:
    return projection.retell(story) == projection.read(tube)


def _bag_stands(tx: Tx, bag: Container, story: Story) -> bool:
    """A bag lies in the box that it was last scanned into, until it was scanned out."""
    moves = [event for event in story if event.type in ("packed", "unpacked")]
    told = moves[-1].detail["box"] if moves and moves[-1].type == "packed" else None
    box = tx.session.get_one(Container, bag.parent_id).code if bag.parent_id else None
    return bool(story) and told == box


def _box_stands(box: Container, story: Story) -> bool:
    """A box is as open or closed as its last event left it."""
    return bool(story) and str(box.state) == {"opened": "open", "closed": "closed"}.get(story[-1].type)


def _shipment_stands(shipment: Shipment, story: Story) -> bool:
    """A shipment's state is where the law leads by its own events."""
    state = ShipmentState.DRAFT
    for event in story:
        if event.type in _SHIPMENT_EVENTS:
            state = advance_shipment(state, ShipmentEvent(event.type))
    return bool(story) and state is shipment.state


def _place_stands(box: StoragePlace, story: Story) -> bool:
    """A box stands where it was last put. One that was set up before places had stories says nothing."""
    if not story:
        return box.version == 1
    to: object = story[-1].detail["to"]
    return to == {"rack": str(box.parent_id), "slot": box.slot, "cold": str(box.cold)}
