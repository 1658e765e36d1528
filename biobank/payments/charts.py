"""The few charts of finance: their figures, and where each bar stands in a drawing of 460 by 180."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.payments import sums
from biobank.payments.models import Disbursement, Entitlement, Topic, Transfer, TransferKind

WIDTH, HEIGHT, FLOOR = 460, 180, 20
DAYS, MOST = 30, 3000
PAYING: Mapping[TransferKind, str] = {
    TransferKind.PAYMENT: "provider", TransferKind.CARD_GIVEN: "card", TransferKind.CASH_GIVEN: "cash",
    TransferKind.ACH_RELEASED: "ACH",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in units of the drawing; `label` and `figure` are what it says."""

    x: float
    y: float
    width: float
    height: float
    label: str
    figure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day: payments made by method, and the days from visit to payment (median and 95th percentile)."""

    day: date
    paid: Mapping[str, int]
    median: float | None = None
    p95: float | None = None

    @property
    def total(self) -> int:
        return sum(self.paid.values())


def bars(figures: Sequence[tuple[str, float]]) -> list[Bar]:
    """Bars of equal width on one floor, the highest as high as the drawing; nothing is drawn for nothing."""
    if not figures:
        return []
    most, step = max(value for _, value in figures) or 1, WIDTH / len(figures)
    return [
        Bar(round(place * step + step * 0.1, 1), round(HEIGHT - FLOOR - (HEIGHT - FLOOR - 14) * value / most, 1),
            round(step * 0.8, 1), round((HEIGHT - FLOOR - 14) * value / most, 1), label, f"{value:g}")
        for place, (label, value) in enumerate(figures)
    ]  # fmt: skip


def days(tx: Tx) -> list[Day]:
    """The last thirty days, oldest first."""
    today = clock.now().date()
    since = today - timedelta(days=DAYS - 1)
    paid, waits = _paid(tx, since), _waits(tx, since)
    found = []
    for step in range(DAYS):
        day = since + timedelta(days=step)
        of_day = sorted(waits.get(day, []))
        found.append(Day(day=day, paid=paid.get(day, {}), median=statistics.median(of_day) if of_day else None,
                         p95=percentile(of_day, 0.95) if of_day else None))  # fmt: skip
    return found


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that this share of an ordered, not empty row does not exceed (nearest rank)."""
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def _paid(tx: Tx, since: date) -> dict[date, dict[str, int]]:
    found: dict[date, dict[str, int]] = defaultdict(dict)
    for name, day, number, _ in sums.by_day(tx, Topic.ENTRY, since):
        _, _, kind = sums.sides(name)
        if kind in PAYING:
            found[day][PAYING[kind]] = number
    return found


def _waits(tx: Tx, since: date) -> dict[date, list[float]]:
    """Days from visit to payment, by the day of payment, of the newest few thousand payments."""
    query = (
        sa.select(Transfer.posted_on, Entitlement.earned_at, Transfer.posted_at)
        .join(Disbursement, Disbursement.id == Transfer.disbursement_id)
        .join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
        .where(Transfer.posted_on >= since, Transfer.kind.in_(PAYING))
        # By day and no further: that is how they lie in the index.
        .order_by(Transfer.posted_on.desc())
        .limit(MOST)
    )
    found: dict[date, list[float]] = defaultdict(list)
    for day, earned_at, paid_at in tx.session.execute(query):
        found[day].append(_between(earned_at, paid_at))
    return found


def _between(earned_at: datetime, paid_at: datetime) -> float:
    return max(0.0, round((paid_at - earned_at).total_seconds() / 86400, 3))
