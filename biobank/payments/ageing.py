"""How long things have waited: counts and cents by age, each bucket a filter of the list behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Phrase
from biobank.payments import sums
from biobank.payments.models import Disbursement, ReconException, State, Topic

# Days, both inclusive; the last bucket has no end.
BUCKETS: Mapping[str, tuple[int, int | None]] = {
    "0-1": (0, 1), "2-3": (2, 3), "4-7": (4, 7), "8-30": (8, 30), "31-60": (31, 60), "61-90": (61, 90),
    "91-": (91, None),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of waiting: how many in each bucket, and where the list is."""

    code: str
    name: Phrase
    counts: Sequence[int]
    page: str
    state: str | None = None

    @property
    def total(self) -> int:
        return sum(self.counts)


def between(column: Any, bucket: str, *, is_day: bool = False) -> sa.ColumnElement[bool]:
    """Whether a moment or day lies in this bucket, counted back from today (UTC)."""
    youngest, oldest = BUCKETS[bucket]
    today = clock.now() if not is_day else clock.now().date()
    newest: Any = today - timedelta(days=youngest)
    condition: sa.ColumnElement[bool] = column <= newest if youngest else sa.true()
    if oldest is None:
        return condition
    return sa.and_(condition, column > today - timedelta(days=oldest + 1))


def rows(tx: Tx) -> list[Row]:
    """What waits: payments in doubt, payments not yet on a statement, lines without entry, questions."""
    sent, unknown = Disbursement.state == State.SENT, Disbursement.state == State.UNKNOWN
    waiting = Disbursement.state.in_((State.QUEUED, State.HELD, State.FAILED, State.RETURNED))
    return [
        Row(code="unknown", name=Phrase("Unknown whether paid"), page="payments.home", state="unknown",
            counts=_counts(tx, Disbursement.created_at, unknown)),
        Row(code="payable", name=Phrase("Earned, not sent"), page="payments.home", state="payable",
            counts=_counts(tx, Disbursement.created_at, waiting)),
        Row(code="sent", name=Phrase("Sent, not on a statement"), page="payments.home", state="sent",
            counts=_counts(tx, Disbursement.sent_at, sent)),
        Row(code="lines", name=Phrase("Statement lines without entry"), page="payments.open_lines",
            counts=_open_lines(tx)),
        Row(code="exceptions", name=Phrase("Exceptions"), page="payments.exceptions",
            counts=_counts(tx, ReconException.opened_at, ReconException.resolved_at.is_(None))),
    ]  # fmt: skip


def _open_lines(tx: Tx) -> list[int]:
    found = dict.fromkeys(BUCKETS, 0)
    for _, day, number, _ in sums.by_day(tx, Topic.LINE):
        age = days_since(day)
        # A line of tomorrow is as young as one of today.
        found[next(name for name, (_, oldest) in BUCKETS.items() if oldest is None or age <= oldest)] += number
    return list(found.values())


def _counts(tx: Tx, column: Any, condition: sa.ColumnElement[bool]) -> list[int]:
    cases = [sa.func.sum(sa.case((between(column, bucket), 1), else_=0)) for bucket in BUCKETS]
    found = tx.session.execute(sa.select(*cases).where(condition)).one()
    return [int(count or 0) for count in found]


def days_since(day: date) -> int:
    """Whole days from a day to today (UTC)."""
    return (clock.now().date() - day).days
