"""What a bench is at: its open shipment, how far that is, its last scans, and taking the last one back."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict
from biobank.specimens import cases, log
from biobank.specimens.custody import ShipmentState
from biobank.specimens.models import (
    Container,
    CustodyEvent,
    ItemState,
    ReceiptScan,
    ScanOutcome,
    Shipment,
    ShipmentItem,
    Tube,
)
from biobank.specimens.packing import lock_tube

AT_THE_BENCH = (ShipmentState.ARRIVED, ShipmentState.RECEIVING)
# Whoever comes back to a shipment later than this scans its number again.
REMEMBERED = timedelta(days=7)
_A_DAY = timedelta(hours=24)
_NEEDS_NO_LOOK = (ScanOutcome.OPENED, ScanOutcome.OK, ScanOutcome.AGAIN, ScanOutcome.COMMAND)
OUTSTANDING = (ItemState.EXPECTED, ItemState.MISSING)
_NEWEST = (ReceiptScan.at.desc(), ReceiptScan.id.desc())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a scan came to: `message` is the English sentence with places that `words` fill."""

    outcome: ScanOutcome
    message: str
    words: dict[str, str] = field(default_factory=dict)
    code: str | None = None
    shipment_id: UUID | None = None
    tube_id: UUID | None = None
    event_id: UUID | None = None
    object_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a shipment is: tubes accounted for, of all; and per box the tubes still expected."""

    done: int
    total: int
    expected: dict[str, int]
    totals: dict[str, int] = field(default_factory=dict)
    parents: dict[str, UUID | None] = field(default_factory=dict)

    def expected_in(self, box: Container) -> int:
        """How many are still expected in a box, those in its bags among them."""
        inside = [code for code, parent in self.parents.items() if parent == box.id]
        return sum(self.expected.get(code, 0) for code in [box.code, *inside])

    @property
    def left(self) -> int:
        return self.total - self.done


def say(outcome: ScanOutcome, message: str, **words: str) -> Answer:
    """An outcome with its sentence; sentences stand in calls of `say`, where the catalogue of words finds them."""
    return Answer(outcome, message, words)


def current_shipment(tx: Tx) -> Shipment | None:
    """The shipment that this person is at: the last they scanned anything of that is still open."""
    found = tx.session.scalar(_CURRENT, {"actor_id": tx.actor.id, "since": clock.now() - REMEMBERED})
    # A session forgets the rows that nobody holds: the page that answers a scan asks for this one again.
    tx.session.info["bench.shipment"] = found
    return found


# Statements of every scan are put together once: that costs as much as asking them.
_CURRENT = (
    sa.select(Shipment)
    .join(ReceiptScan, ReceiptScan.shipment_id == Shipment.id)
    .where(
        ReceiptScan.actor_id == sa.bindparam("actor_id"),
        ReceiptScan.at >= sa.bindparam("since"),
        Shipment.state.in_(AT_THE_BENCH),
    )
    .order_by(*_NEWEST)
    .limit(1)
    .execution_options(populate_existing=True)
)


def progress_of(tx: Tx, shipment: Shipment) -> Progress:
    """How many tubes of a shipment are accounted for, and what is still expected by box."""
    done = 0
    expected: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    parents: dict[str, UUID | None] = {}
    for box, parent, state, count in tx.session.execute(_COUNTED, {"shipment_id": shipment.id}):
        parents[box] = parent
        totals[box] += count
        done += 0 if state in OUTSTANDING else count
        expected[box] += count if state in OUTSTANDING else 0
    return Progress(done, totals.total(), dict(sorted(expected.items())), totals, parents)


_COUNTED = (
    sa.select(Container.code, Container.parent_id, ShipmentItem.state, sa.func.count())
    .join(Container, ShipmentItem.container_id == Container.id)
    .where(ShipmentItem.shipment_id == sa.bindparam("shipment_id"))
    .group_by(Container.code, Container.parent_id, ShipmentItem.state)
)


def last_scans(tx: Tx, limit: int = 10) -> list[ReceiptScan]:
    """This person's newest scans, newest first."""
    return list(tx.session.scalars(_LAST, {"actor_id": tx.actor.id, "limit": limit}))


_LAST = (
    sa.select(ReceiptScan)
    .where(ReceiptScan.actor_id == sa.bindparam("actor_id"))
    .order_by(*_NEWEST)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def late_scans(tx: Tx) -> list[ReceiptScan]:
    """This person's scans of the last day that were made without a line and need a look, in their order."""
    query = sa.select(ReceiptScan).where(*_late(tx))
    return list(tx.session.scalars(query.order_by(ReceiptScan.at, ReceiptScan.id)))


def count_late(tx: Tx) -> int:
    """How many they are."""
    return tx.session.scalar(sa.select(sa.func.count()).select_from(ReceiptScan).where(*_late(tx))) or 0


def _late(tx: Tx) -> list[sa.ColumnElement[bool]]:
    return [ReceiptScan.actor_id == tx.actor.id, ReceiptScan.at >= clock.now() - _A_DAY,
            ReceiptScan.scanned_at.is_not(None), ReceiptScan.outcome.not_in(_NEEDS_NO_LOOK)]  # fmt: skip


def also_here(tx: Tx, shipment: Shipment) -> list[str]:
    """Who else scanned something of this shipment within ten minutes."""
    since = clock.now() - timedelta(minutes=10)
    asked = {"shipment_id": shipment.id, "actor_id": tx.actor.id, "since": since}
    return sorted(tx.session.scalars(_ALSO_HERE, asked))


_ALSO_HERE = (
    sa.select(ReceiptScan.actor_name)
    .distinct()
    .where(
        ReceiptScan.shipment_id == sa.bindparam("shipment_id"),
        ReceiptScan.actor_id != sa.bindparam("actor_id"),
        ReceiptScan.at >= sa.bindparam("since"),
    )
)


def receipt_of(tx: Tx, tube_id: UUID) -> ReceiptScan | None:
    """The scan that a tube was received by, unless it was taken back."""
    return tx.session.scalar(_RECEIPT, {"tube_id": tube_id})


def undo(tx: Tx, raw: str) -> Answer:
    """Take back this person's last receipt at the open shipment: the event stays, declared not to have occurred."""
    shipment = current_shipment(tx)
    if shipment is None:
        raise Conflict("There is no open shipment, so there is nothing to undo.")
    scan = tx.session.scalar(_UNDOABLE, {"actor_id": tx.actor.id, "shipment_id": shipment.id})
    if scan is None or scan.event_id is None:
        raise Conflict("Nothing of this shipment is left to undo.")
    tube = lock_tube(tx, _code_of(tx, scan))
    event = tx.session.get_one(CustodyEvent, scan.event_id)
    log.take_back(tx, tube, event.id, reason="undone-at-bench", raw_scan=raw)
    cases.follow_undo(tx, tube.id, event.id, is_receipt=_is_receipt(event))
    if _is_receipt(event):
        reopen_item(tx, tube)
        said = say(ScanOutcome.COMMAND, "Undone: tube %(tube)s is not received.", tube=tube.code)
    else:
        said = say(ScanOutcome.COMMAND, "Undone: the condition of tube %(tube)s is taken back.", tube=tube.code)
    return replace(said, code=tube.code, shipment_id=shipment.id, tube_id=tube.id)


def _is_receipt(event: CustodyEvent) -> bool:
    return event.from_custodian != event.to_custodian


def _code_of(tx: Tx, scan: ReceiptScan) -> str:
    return str(tx.session.scalar(sa.select(Tube.code).filter_by(id=scan.tube_id)))


def stands() -> sa.ColumnElement[bool]:
    """Scans that something followed from, which was not taken back since."""
    correction = aliased(CustodyEvent)
    taken_back = sa.exists().where(correction.corrects == ReceiptScan.event_id)
    return sa.and_(ReceiptScan.event_id.is_not(None), ~taken_back)


_STANDING = sa.select(ReceiptScan).where(stands()).order_by(*_NEWEST).limit(1)
_RECEIPT = _STANDING.where(ReceiptScan.tube_id == sa.bindparam("tube_id"))
_UNDOABLE = _STANDING.where(
    ReceiptScan.actor_id == sa.bindparam("actor_id"),
    ReceiptScan.shipment_id == sa.bindparam("shipment_id"),
    ReceiptScan.tube_id.is_not(None),
)


def reopen_item(tx: Tx, tube: Tube) -> None:
    """The line of the list waits again as it did before: as missing where the shipment is closed."""
    query = (
        sa.select(ShipmentItem, Shipment.state)
        .join(Shipment, ShipmentItem.shipment_id == Shipment.id)
        .where(ShipmentItem.tube_id == tube.id)
        .order_by(Shipment.id.desc())
        .limit(1)
    )
    found = tx.session.execute(query).one_or_none()
    if found is not None:
        item, state = found
        closed = state in (ShipmentState.CLOSED, ShipmentState.CLOSED_WITH_DISCREPANCY)
        item.state = ItemState.MISSING if closed else ItemState.EXPECTED
