"""What each payee got in a year against the year's reporting threshold: the thresholds are data, no number is asked."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.payments import states
from biobank.payments.models import Disbursement, Entitlement, Payee

FILE = Path(__file__).parent / "tax_thresholds.json"
SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxYear:
    """A year's sums in cents: of all payees, the largest of one, and those that reach the threshold."""

    year: int
    threshold: int
    basis: str
    payees: int
    total: int
    largest: int
    reached: Sequence[tuple[str, int]]


@cache
def _table() -> dict[str, Any]:
    return dict(json.loads(FILE.read_text()))


def threshold(year: int) -> int:
    """The sum in cents from which a year's payments to one person are reported: the latest one known by that year."""
    known = {int(key): int(cents) for key, cents in _table()["cents"].items()}
    return known[max((key for key in known if key <= year), default=min(known))]


def years(tx: Tx) -> list[int]:
    """The years in which anything was paid, and this one, the newest first."""
    first = tx.session.scalar(sa.select(sa.func.min(Disbursement.sent_at)).where(_is_paid()))
    this = clock.now().year
    return list(range(this, (first.year if first else this) - 1, -1))


def _is_paid() -> sa.ColumnElement[bool]:
    return Disbursement.state.in_(states.PAID)


def sums(year: int) -> sa.Select[str, int]:
    """Each payee's F code and what was sent to them in the year (UTC), in cents; returned payments do not count."""
    begins, ends = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    cents = sa.func.sum(Disbursement.amount_cents).label("cents")
    return (
        sa.select(Payee.code, cents)
        .join(Entitlement, Entitlement.payee_id == Payee.id)
        .join(Disbursement, Disbursement.entitlement_id == Entitlement.id)
        .where(_is_paid(), Disbursement.sent_at >= begins, Disbursement.sent_at < ends)
        .group_by(Payee.code)
    )


def of_year(tx: Tx, year: int) -> TaxYear:
    """The figures of one year."""
    found, least = sums(year).subquery(), threshold(year)
    figures = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(found.c.cents), 0),
                        sa.func.coalesce(sa.func.max(found.c.cents), 0))  # fmt: skip
    payees, total, largest = tx.session.execute(figures.select_from(found)).one()
    reached = sa.select(found.c.code, found.c.cents).where(found.c.cents >= least).order_by(found.c.cents.desc())
    rows = [(code, int(cents)) for code, cents in tx.session.execute(reached.limit(SHOWN))]
    return TaxYear(year=year, threshold=least, basis=_table()["basis"], payees=payees, total=int(total),
                   largest=int(largest), reached=rows)  # fmt: skip


def sheet(tx: Tx, year: int) -> str:
    """Every payee's sum of the year as CSV, by F code: no name, no number of anybody."""
    least, text = threshold(year), io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("Year", "Payee", "Paid USD", "Threshold USD", "Reached"))
    for code, cents in tx.session.execute(sums(year).order_by(Payee.code)):
        writer.writerow((year, code, f"{cents // 100}.{cents % 100:02}", f"{least // 100}.{least % 100:02}",
                         "yes" if cents >= least else "no"))  # fmt: skip
    return text.getvalue()
