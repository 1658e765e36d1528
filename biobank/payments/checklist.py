"""What stands between a month and its close: blockers to put right, warnings to waive with a reason."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Phrase
from biobank.payments import book_facts
from biobank.payments.equations import Unit
from biobank.payments.figures import is_matched
from biobank.payments.models import (
    Disbursement,
    Period,
    PeriodEvent,
    PeriodStep,
    ReconException,
    State,
    StatementFile,
    StatementLine,
)

OUTSTANDING_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of the checklist. `count` things are in its way (0 is done); `page` is where they are seen."""

    code: str
    name: str
    count: int
    is_blocker: bool
    page: str
    cents: int | None = None
    waived: PeriodEvent | None = None

    @property
    def stops(self) -> bool:
        return self.count > 0 and (self.is_blocker or self.waived is None)


# More points, of whatever else must be counted before a month ends: stock, floats.
SOURCES: list[Callable[[Tx, Period], Iterable[Point]]] = []


def points(tx: Tx, period: Period) -> list[Point]:
    """The whole checklist of a month, with what was waived since it was last opened."""
    found = [*_points(tx, period), *(point for source in SOURCES for point in source(tx, period))]
    waived = _waived(tx, period)
    return [_with(point, waived.get(point.code)) for point in found]


def _with(point: Point, waived: PeriodEvent | None) -> Point:
    if waived is None or point.is_blocker:
        return point
    return Point(code=point.code, name=point.name, count=point.count, is_blocker=False, page=point.page,
                 cents=point.cents, waived=waived)  # fmt: skip


def _waived(tx: Tx, period: Period) -> dict[str, PeriodEvent]:
    waived: dict[str, PeriodEvent] = {}
    for event in tx.session.scalars(sa.select(PeriodEvent).filter_by(period_id=period.id).order_by(PeriodEvent.id)):
        if event.step in (PeriodStep.REOPENED, PeriodStep.UNLOCKED):
            waived.clear()
        elif event.step is PeriodStep.WAIVED and event.item:
            waived[event.item] = event
    return waived


def _points(tx: Tx, period: Period) -> Iterator[Point]:
    end = _end(period)
    is_running = int(period.closes_on >= clock.now().date())
    yield Point(code="over", name=Phrase("The month is over"), count=is_running, is_blocker=True,
                page="payments.periods")  # fmt: skip
    yield Point(code="doubt", name=Phrase("No payment of the month is unknown or on its way"), is_blocker=True,
                count=_count(tx, _in_doubt(end)), page="payments.ageing")  # fmt: skip
    yield Point(code="statements", name=Phrase("The statements reach the end of the month"), is_blocker=True,
                count=_count(tx, _short_accounts(period)), page="payments.statements")  # fmt: skip
    yield Point(code="lines", name=Phrase("Every statement line of the month is matched or booked"), is_blocker=True,
                count=_count(tx, _open_lines(period)), page="payments.open_lines")  # fmt: skip
    yield Point(code="exceptions", name=Phrase("Every exception of the month is resolved"), is_blocker=False,
                count=_count(tx, _exceptions(end)), page="payments.exceptions")  # fmt: skip
    yield Point(code="outstanding", name=Phrase("Nothing sent waits for its statement line longer than a week"),
                is_blocker=False, count=_count(tx, _outstanding(end)), page="payments.ageing")  # fmt: skip
    for one in book_facts.all_equations(tx):
        cents = one.difference if one.unit is Unit.CENTS else None
        yield Point(code=f"={one.code}", name=one.name, count=int(one.difference != 0), cents=cents,
                    is_blocker=not one.is_waivable, page=one.page)  # fmt: skip


def _end(period: Period) -> datetime:
    return datetime.combine(period.closes_on + timedelta(days=1), time(), UTC)


def _in_doubt(end: datetime) -> sa.Select[Any]:
    doubtful = (State.UNKNOWN, State.SENDING)
    return sa.select(Disbursement.id).where(Disbursement.state.in_(doubtful), Disbursement.created_at < end)


def _short_accounts(period: Period) -> sa.Select[Any]:
    furthest = sa.select(StatementFile.account).group_by(StatementFile.account)
    return furthest.having(sa.func.max(StatementFile.closed_on) < period.closes_on)


def _open_lines(period: Period) -> sa.Select[Any]:
    return sa.select(StatementLine.id).where(StatementLine.booked_on.between(period.opens_on, period.closes_on),
                                             ~is_matched(StatementLine.id))  # fmt: skip


def _exceptions(end: datetime) -> sa.Select[Any]:
    return sa.select(ReconException.id).where(ReconException.resolved_at.is_(None), ReconException.opened_at < end)


def _outstanding(end: datetime) -> sa.Select[Any]:
    return sa.select(Disbursement.id).where(Disbursement.state == State.SENT,
                                            Disbursement.sent_at < end - OUTSTANDING_AGE)  # fmt: skip


def _count(tx: Tx, query: sa.Select[Any]) -> int:
    return int(tx.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0)
