"""What waits for its counterpart: statement lines and entries of an account that no match joins yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.payments import matching
from biobank.payments.book_facts import is_confirmed
from biobank.payments.models import (
    Disbursement,
    Period,
    PeriodState,
    ReconMatch,
    State,
    StatementLine,
    Transfer,
    TransferKind,
)
from biobank.payments.statements import StatementLine as PlainLine

# A line that shows one of these settles its payment.
PAYING = (TransferKind.PAYMENT, TransferKind.ACH_RELEASED)


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry without its line: `cents` as the statement will show it; `order` is the provider's own reference."""

    id: UUID
    kind: TransferKind
    disbursement_id: UUID | None
    cents: int
    posted_on: Any
    reference: str
    order: str
    is_sent: bool

    @property
    def settles(self) -> UUID | None:
        """The payment that a line showing this entry settles."""
        return self.disbursement_id if self.kind in PAYING and self.is_sent else None

    def as_matched(self) -> matching.Transfer:
        return matching.Transfer(str(self.id), self.reference, self.cents, self.posted_on)


def open_days(tx: Tx, column: Any) -> sa.ColumnElement[bool] | None:
    """Whether a day lies in no month that is locked or closed; None where all are open."""
    query = sa.select(Period.opens_on, Period.closes_on).where(Period.state != PeriodState.OPEN)
    shut: list[list[date]] = []
    for first, last in tx.session.execute(query.order_by(Period.opens_on)):
        if shut and first == shut[-1][1] + timedelta(days=1):
            shut[-1][1] = last
        else:
            shut.append([first, last])
    return sa.and_(*(~column.between(first, last) for first, last in shut)) if shut else None


def lines(tx: Tx, account: str) -> dict[UUID, PlainLine]:
    """Open lines of an account in months that are open, in their order, by key."""
    query = sa.select(
        StatementLine.id, StatementLine.line_key, StatementLine.booked_on, StatementLine.text, StatementLine.reference,
        StatementLine.amount_cents, StatementLine.occurrence, StatementLine.return_code,
    )  # fmt: skip
    query = query.where(StatementLine.account == account, ~is_confirmed(ReconMatch.line_id, StatementLine.id))
    days = open_days(tx, StatementLine.booked_on)
    query = query if days is None else query.where(days)
    return {row[0]: PlainLine(*row[1:]) for row in tx.session.execute(query.order_by(StatementLine.id))}


def entries_query(account: str) -> sa.Select[Any]:
    """The columns of `OpenEntry` for the entries of an account that wait for their line."""
    signed = sa.case((Transfer.debit == account, Transfer.amount_cents), else_=-Transfer.amount_cents)
    reference = sa.func.coalesce(Disbursement.external_id, Transfer.reference, Transfer.uid)
    query = sa.select(
        Transfer.id, Transfer.kind, Transfer.disbursement_id, signed, Transfer.posted_on, reference,
        sa.func.coalesce(Disbursement.provider_ref, ""), Disbursement.state == State.SENT,
    )  # fmt: skip
    return query.outerjoin(Disbursement, Disbursement.id == Transfer.disbursement_id).where(
        sa.or_(Transfer.debit == account, Transfer.credit == account),
        ~is_confirmed(ReconMatch.transfer_id, Transfer.id),
        sa.or_(Transfer.kind.not_in(PAYING), Disbursement.state.in_((State.SENT, State.RETURNED))),
    )


def other_entries(tx: Tx, account: str) -> frozenset[str]:
    """By what a statement calls the open entries of an account that belong to no payment."""
    query = sa.select(sa.func.coalesce(Transfer.reference, Transfer.uid)).where(
        Transfer.disbursement_id.is_(None),
        sa.or_(Transfer.debit == account, Transfer.credit == account),
        ~is_confirmed(ReconMatch.transfer_id, Transfer.id),
    )
    return frozenset(tx.session.scalars(query))


def entries(tx: Tx, account: str) -> list[OpenEntry]:
    """Every entry of an account that waits for its line."""
    return as_entries(tx.session.execute(entries_query(account).order_by(Transfer.id)))


def as_entries(rows: Iterable[Any]) -> list[OpenEntry]:
    return [OpenEntry(*row) for row in rows]
