"""Places as a page draws them: how full each is, and a box with its positions in rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.specimens.models import PlaceKind, StoragePlace, Tube
from biobank.specimens.storage import places, positions, shelving


@dataclass(frozen=True, slots=True)
class Fill:
    """How many positions of a place's boxes are taken, and how many there are."""

    taken: int = 0
    size: int = 0

    @property
    def free(self) -> int:
        return self.size - self.taken

    @property
    def percent(self) -> int:
        return round(100 * self.taken / self.size) if self.size else 0

    def __add__(self, other: "Fill") -> "Fill":
        return Fill(self.taken + other.taken, self.size + other.size)


@dataclass(frozen=True, slots=True)
class Shown:
    """A place with how full it is and the places inside it, None for an empty slot."""

    place: StoragePlace
    fill: Fill
    slots: Sequence["Shown | None"] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """One position of a box."""

    name: str
    slot: int
    tube: Tube | None


@dataclass(frozen=True, slots=True)
class Grid:
    """The positions of a box, row by row, with the next free one."""

    rows: Sequence[Sequence[Position]]
    fill: Fill
    next: str | None


def draw(tx: Tx, place: StoragePlace) -> Shown:
    """A freezer, shelf or rack with everything inside it, down to its boxes, in as many queries as it has levels."""
    levels: list[Sequence[StoragePlace]] = [[place]]
    while levels[-1] and levels[-1][0].kind is not PlaceKind.BOX:
        levels.append(places.inside(tx, [inner.id for inner in levels[-1]]))
    boxes = levels[-1] if levels[-1] and levels[-1][0].kind is PlaceKind.BOX else []
    counts = _counts(tx, [box.id for box in boxes])
    children: dict[UUID, list[StoragePlace]] = {}
    for inner in (one for level in levels[1:] for one in level):
        if inner.parent_id is not None:
            children.setdefault(inner.parent_id, []).append(inner)
    return _shown(place, children, counts)


def overview(tx: Tx) -> list[Shown]:
    """Every freezer of the reader's site with how full it is."""
    return [draw(tx, freezer) for freezer in places.freezers(tx)]


def grid(tx: Tx, box: StoragePlace, *, after: str | None = None) -> Grid:
    """A box's positions; the next free one is sought from `after` on."""
    stand = shelving.in_box(tx, box.id)
    start = positions.slot_of(after, rows=box.rows, columns=box.columns) if after else 0
    free = next(positions.free(stand.keys(), box.size, start), None)
    rows = [[_position(box, row * box.columns + column + 1, stand) for column in range(box.columns)]
            for row in range(box.rows)]  # fmt: skip
    return Grid(rows, Fill(len(stand), box.size), positions.name_of(free, box.columns) if free else None)


def _position(box: StoragePlace, slot: int, stand: Mapping[int, Tube]) -> Position:
    return Position(positions.name_of(slot, box.columns), slot, stand.get(slot))


def _counts(tx: Tx, box_ids: Sequence[UUID]) -> dict[UUID | None, int]:
    query = sa.select(Tube.store_id, sa.func.count()).where(shelving.stands_in(box_ids)).group_by(Tube.store_id)
    return {row[0]: row[1] for row in tx.session.execute(query)}


def _shown(
    place: StoragePlace, children: Mapping[UUID, Sequence[StoragePlace]], counts: Mapping[UUID | None, int]
) -> Shown:
    if place.kind is PlaceKind.BOX:
        return Shown(place, Fill(counts.get(place.id, 0), place.size))
    inner = {child.slot: _shown(child, children, counts) for child in children.get(place.id, ())}
    fill = sum((one.fill for one in inner.values()), Fill())
    return Shown(place, fill, [inner.get(slot) for slot in range(1, place.size + 1)])
