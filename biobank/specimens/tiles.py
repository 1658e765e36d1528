"""A shipment as one square for each tube, box by box, in the order of the list that travelled with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from biobank.db import Tx
from biobank.specimens.models import Container, ItemState, ScanOutcome, Shipment, ShipmentItem, Tube

ACROSS, SIDE = 20, 22
SIGNS: Mapping[ItemState, str] = {
    ItemState.EXPECTED: "",
    ItemState.RECEIVED: "✓",
    ItemState.HELD: "‖",
    ItemState.MISSING: "!",
    ItemState.LATE_RECEIVED: "◷",
    ItemState.ELSEWHERE: "⇄",
}
# What a scan makes of its tube's square, which the page paints without asking for the five hundred others.
AFTER: Mapping[ScanOutcome, ItemState] = {
    ScanOutcome.OK: ItemState.RECEIVED,
    ScanOutcome.HOLD: ItemState.HELD,
    ScanOutcome.LATE: ItemState.LATE_RECEIVED,
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One tube: its code, what became of it, and where its square stands, in units of the drawing."""

    code: str
    kind: str
    state: ItemState
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Rack:
    """One box or bag with its squares and the drawing's size."""

    code: str
    tiles: Sequence[Tile]
    width: int
    height: int
    done: int


def racks_of(tx: Tx, shipment: Shipment) -> list[Rack]:
    """The boxes of a shipment; one query, whatever its size."""
    query = (
        sa.select(Container.code, Tube.code, Tube.kind, ShipmentItem.state)
        .join(Container, ShipmentItem.container_id == Container.id)
        .join(Tube, ShipmentItem.tube_id == Tube.id)
        .where(ShipmentItem.shipment_id == shipment.id)
        .order_by(Container.code, Tube.code)
    )
    boxes: dict[str, list[tuple[str, str, ItemState]]] = {}
    for box, code, kind, state in tx.session.execute(query):
        boxes.setdefault(box, []).append((code, kind, state))
    return [_rack(code, lines) for code, lines in boxes.items()]


def told(racks: Sequence[Rack]) -> str:
    """All that the drawing says, as text: the same for the same drawing."""
    return " ".join(f"{rack.code}: " + " ".join(f"{tile.code} {tile.state}" for tile in rack.tiles) for rack in racks)


def _rack(code: str, lines: Sequence[tuple[str, str, ItemState]]) -> Rack:
    tiles = [
        Tile(*line, x=number % ACROSS * SIDE, y=number // ACROSS * SIDE) for number, line in enumerate(lines)
    ]  # fmt: skip
    rows = -(-len(lines) // ACROSS)
    done = sum(tile.state not in (ItemState.EXPECTED, ItemState.MISSING) for tile in tiles)
    return Rack(code, tiles, min(len(lines), ACROSS) * SIDE, rows * SIDE, done)
