"""A month's figures as they are signed: plain JSON with one hash, from which every paper is written."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.payments import checklist, ledger
from biobank.payments.models import (
    Disbursement,
    Period,
    PeriodPack,
    ReconException,
    ReconMatch,
    StatementFile,
    StatementLine,
    Transfer,
)

# A paper that nobody can read proves nothing; the sums always cover everything.
MOST_ITEMS = 500


def canonical(content: dict[str, Any]) -> bytes:
    """A pack as JSON with sorted keys and no spaces: the bytes that are hashed."""
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def digest(content: dict[str, Any]) -> str:
    """SHA-256 (hex) over the canonical JSON of a pack."""
    return hashlib.sha256(canonical(content)).hexdigest()


def keep(tx: Tx, period: Period, sealed: dict[str, Any]) -> PeriodPack:
    """Read the month's figures and keep them, with the seal of its entries, under one hash."""
    content = read(tx, period) | {"ledger": sealed}
    pack = PeriodPack(period_id=period.id, sha256=digest(content), content=content, made_at=clock.now(),
                      made_by=tx.actor.name)  # fmt: skip
    tx.session.add(pack)
    tx.session.flush()
    return pack


def read(tx: Tx, period: Period) -> dict[str, Any]:
    """The figures of a month; amounts in cents, days as YYYY-MM-DD. Codes and references only, never a name."""
    return {
        "period": period.code,
        "opens_on": str(period.opens_on),
        "closes_on": str(period.closes_on),
        "trial_balance": list(_trial_balance(tx, period)),
        "roll_forward": list(_roll_forward(tx, period)),
        "reconciliations": [_reconciliation(tx, account, period) for account in _accounts(tx)],
        "exceptions": list(_exceptions(tx, period)),
        "checklist": [
            {"code": point.code, "name": str(point.name), "count": point.count, "cents": point.cents,
             "waived": point.waived.note if point.waived else None, "by": point.waived.by if point.waived else None}
            for point in checklist.points(tx, period)
        ],
    }  # fmt: skip


def _trial_balance(tx: Tx, period: Period) -> Iterator[dict[str, Any]]:
    before = ledger.balances(tx, until=period.opens_on - timedelta(days=1))
    sums = {side: _sums(tx, side, period) for side in ("debit", "credit")}
    for code, name in ledger.ACCOUNTS.items():
        opening, debit, credit = before.get(code, 0), sums["debit"].get(code, 0), sums["credit"].get(code, 0)
        if opening or debit or credit:
            yield {"account": code, "name": str(name), "opening": opening, "debits": debit, "credits": credit,
                   "closing": opening + debit - credit}  # fmt: skip


def _sums(tx: Tx, side: str, period: Period) -> dict[str, int]:
    column = Transfer.debit if side == "debit" else Transfer.credit
    query = sa.select(column, sa.func.sum(Transfer.amount_cents)).group_by(column)
    found = tx.session.execute(query.where(Transfer.posted_on.between(period.opens_on, period.closes_on)))
    return {account: int(cents) for account, cents in found}


def _roll_forward(tx: Tx, period: Period) -> Iterator[dict[str, Any]]:
    """How the debt to participants came from its opening to its closing balance."""
    opening = -ledger.balances(tx, until=period.opens_on - timedelta(days=1)).get(ledger.PAYABLE, 0)
    yield {"what": "opening", "count": None, "cents": opening}
    signed = sa.case((Transfer.credit == ledger.PAYABLE, Transfer.amount_cents), else_=-Transfer.amount_cents)
    query = sa.select(Transfer.kind, sa.func.count(), sa.func.sum(signed)).where(
        sa.or_(Transfer.debit == ledger.PAYABLE, Transfer.credit == ledger.PAYABLE),
        Transfer.posted_on.between(period.opens_on, period.closes_on),
    )
    total = opening
    for kind, count, cents in tx.session.execute(query.group_by(Transfer.kind).order_by(Transfer.kind)):
        total += int(cents)
        yield {"what": str(kind), "count": int(count), "cents": int(cents)}
    yield {"what": "closing", "count": None, "cents": total}


def _accounts(tx: Tx) -> list[str]:
    return list(tx.session.scalars(sa.select(StatementFile.account).distinct().order_by(StatementFile.account)))


def _signed(account: str) -> Any:
    return sa.case((Transfer.debit == account, Transfer.amount_cents), else_=-Transfer.amount_cents)


def _reconciliation(tx: Tx, account: str, period: Period) -> dict[str, Any]:
    """Book balance, less what the statement does not show yet, plus what only the statement shows = statement."""
    end = period.closes_on
    first = tx.session.scalars(
        sa.select(StatementFile).filter_by(account=account).order_by(StatementFile.id).limit(1)
    ).one()
    outstanding, unmatched = _outstanding(account, end), _unmatched(account, end)
    statement = first.opening_cents + _cents(
        tx, sa.select(sa.func.sum(StatementLine.amount_cents)).where(StatementLine.account == account,
                                                                     StatementLine.booked_on <= end)
    )  # fmt: skip
    return {
        "account": account,
        "brought_forward": first.opening_cents,
        "book": ledger.balances(tx, until=end).get(account, 0),
        "outstanding": _cents(tx, sa.select(sa.func.sum(outstanding.subquery().c.cents))),
        "unmatched": _cents(tx, sa.select(sa.func.sum(unmatched.subquery().c.cents))),
        "statement": statement,
        "outstanding_items": _items(tx, outstanding),
        "unmatched_items": _items(tx, unmatched),
    }


def _cents(tx: Tx, query: sa.Select[Any]) -> int:
    return int(tx.session.scalar(query) or 0)


def _outstanding(account: str, end: date) -> sa.Select[Any]:
    """Entries by the month's end whose line comes later or has not come."""
    line = sa.select(ReconMatch.id).join(StatementLine, StatementLine.id == ReconMatch.line_id)
    shown = line.where(ReconMatch.transfer_id == Transfer.id, ReconMatch.state == "confirmed",
                       StatementLine.booked_on <= end)  # fmt: skip
    return (
        sa.select(Transfer.posted_on.label("day"), _signed(account).label("cents"),
                  sa.func.coalesce(Disbursement.external_id, Transfer.reference, Transfer.source).label("words"))
        .outerjoin(Disbursement, Disbursement.id == Transfer.disbursement_id)
        .where(sa.or_(Transfer.debit == account, Transfer.credit == account), Transfer.posted_on <= end,
               ~shown.exists())
    )  # fmt: skip


def _unmatched(account: str, end: date) -> sa.Select[date, int, str]:
    """Lines by the month's end whose entry comes later or has not come."""
    entry = sa.select(ReconMatch.id).join(Transfer, Transfer.id == ReconMatch.transfer_id)
    booked = entry.where(ReconMatch.line_id == StatementLine.id, ReconMatch.state == "confirmed",
                         Transfer.posted_on <= end)  # fmt: skip
    return sa.select(StatementLine.booked_on.label("day"), StatementLine.amount_cents.label("cents"),
                     StatementLine.text.label("words")).where(
        StatementLine.account == account, StatementLine.booked_on <= end, ~booked.exists()
    )  # fmt: skip


def _items(tx: Tx, query: Any) -> list[dict[str, Any]]:
    rows = tx.session.execute(query.order_by("day").limit(MOST_ITEMS))
    return [{"day": str(day), "cents": int(cents), "words": words or ""} for day, cents, words in rows]


def _exceptions(tx: Tx, period: Period) -> Iterator[dict[str, Any]]:
    end = period.closes_on + timedelta(days=1)
    query = sa.select(ReconException).order_by(ReconException.id)
    for row in tx.session.scalars(query):
        opened, resolved = row.opened_at.date(), row.resolved_at.date() if row.resolved_at else None
        if opened < end and (resolved is None or resolved >= period.opens_on):
            yield {"kind": str(row.kind), "opened_on": str(opened), "note": row.note, "owner": row.owner,
                   "resolved_on": str(resolved) if resolved else None, "resolution": row.resolution,
                   "resolved_by": row.resolved_by}  # fmt: skip
