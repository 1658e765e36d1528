"""How things stand: at the biobank, or at one site; as figures and as a line of days."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from biobank import clock
from biobank.db import Tx
from biobank.specimens import bench, case_lists
from biobank.specimens.case_models import Case, CaseState
from biobank.specimens.custody import ShipmentState, TubeStatus
from biobank.specimens.models import CollectionOrder, CustodyEvent, ReceiptScan, Shipment, Tube

DAYS = 14
_AGES = (("0-1", 0, 2), ("2-3", 2, 4), ("4-7", 4, 8), ("8-30", 8, 31), ("31+", 31, 10_000))
_ON_THE_WAY = (ShipmentState.HANDED_OVER, ShipmentState.IN_TRANSIT)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: tubes collected and tubes received."""

    day: date
    collected: int
    received: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures of now. `ages` are open cases by whole days."""

    waiting: int
    on_the_way: int
    overdue: int
    at_the_bench: int
    on_hold: int
    cases: dict[case_lists.Show, int]
    ages: list[tuple[str, int]]
    days: list[Day]


def standing(tx: Tx, zone: str) -> Standing:
    """How things stand for whoever asks: their site, or all sites for those who receive or audit."""
    at = case_lists.only_site(tx)
    return Standing(
        waiting=_tubes(tx, at, Tube.state.in_([TubeStatus.COLLECTED, TubeStatus.PROCESSED, TubeStatus.PACKED])),
        on_the_way=_shipments(tx, at, Shipment.state.in_(_ON_THE_WAY)),
        overdue=_shipments(tx, at, Shipment.state.in_(_ON_THE_WAY), Shipment.expected_by < clock.now()),
        at_the_bench=_shipments(tx, at, Shipment.state.in_([ShipmentState.ARRIVED, ShipmentState.RECEIVING])),
        on_hold=_tubes(tx, at, Tube.state == TubeStatus.HELD),
        cases=case_lists.counts(tx), ages=_ages(tx, at), days=_days(tx, at, ZoneInfo(zone)),
    )  # fmt: skip


def _tubes(tx: Tx, at: UUID | None, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Tube).where(*conditions)
    if at:
        query = query.join(CollectionOrder, Tube.order_id == CollectionOrder.id).where(CollectionOrder.site_id == at)
    return tx.session.scalar(query) or 0


def _shipments(tx: Tx, at: UUID | None, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Shipment).where(*conditions)
    return tx.session.scalar(query.where(Shipment.site_id == at) if at else query) or 0


def _ages(tx: Tx, at: UUID | None) -> list[tuple[str, int]]:
    query = sa.select(Case.opened_at).where(Case.state == CaseState.OPEN)
    query = query.where(Case.site_id == at) if at else query
    ages = [(clock.now() - opened).days for opened in tx.session.scalars(query)]
    return [(words, sum(least <= age < most for age in ages)) for words, least, most in _AGES]


def _days(tx: Tx, at: UUID | None, zone: ZoneInfo) -> list[Day]:
    today = clock.now().astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    since = datetime.combine(first, datetime.min.time(), zone)
    collected = _by_day(tx, Tube.collected_at, since, zone, at, sa.true())
    received = _by_day(tx, ReceiptScan.at, since, zone, at, sa.and_(bench.stands(), _is_receipt()))
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return [Day(day, collected[day], received[day]) for day in days]


def _is_receipt() -> sa.ColumnElement[bool]:
    """A card's condition has an event too, which moves nothing."""
    moved = CustodyEvent.from_custodian != CustodyEvent.to_custodian
    return sa.exists().where(CustodyEvent.id == ReceiptScan.event_id, moved)


def _by_day(  # noqa: PLR0917
    tx: Tx, column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None], since: datetime,
    zone: ZoneInfo, at: UUID | None, condition: sa.ColumnElement[bool],
) -> Counter[date]:  # fmt: skip
    """Counted by the hour in the database, laid onto days here: a site's day is not the database's."""
    hour = sa.func.substr(sa.cast(column, sa.String), 1, 13)
    query = sa.select(hour, sa.func.count()).where(column >= since, condition).group_by(hour)
    if at:
        query = query if column.class_ is Tube else query.join(Tube, Tube.id == ReceiptScan.tube_id)
        query = query.join(CollectionOrder, Tube.order_id == CollectionOrder.id).where(CollectionOrder.site_id == at)
    found: Counter[date] = Counter()
    for text, count in tx.session.execute(query):
        moment = datetime.fromisoformat(f"{text[:10]}T{text[11:13]}:00").replace(tzinfo=UTC)
        found[moment.astimezone(zone).date()] += count
    return found
