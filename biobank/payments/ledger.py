"""The ledger: double entries that are only ever added, each known by what happened to which payment."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.payments.models import Account, Transfer, TransferKind

PROVIDER, PAYABLE, EXPENSE, FEES = "1100", "2000", "5000", "5010"
ACCOUNTS: Mapping[str, str] = {
    PROVIDER: "Provider balance",
    PAYABLE: "Incentives payable",
    EXPENSE: "Incentive expense",
    FEES: "Provider fees",
}


@dataclass(frozen=True, slots=True)
class Posting:
    """Which account is debited and which credited."""

    debit: str
    credit: str


POSTINGS: Mapping[TransferKind, Posting] = {
    TransferKind.ACCRUAL: Posting(EXPENSE, PAYABLE),
    TransferKind.PAYMENT: Posting(PAYABLE, PROVIDER),
    TransferKind.FEE: Posting(FEES, PROVIDER),
    TransferKind.DECLINED: Posting(PAYABLE, EXPENSE),
}


def ensure_accounts(tx: Tx) -> None:
    """The accounts that postings need; nothing is done where they stand."""
    known = set(tx.session.scalars(sa.select(Account.code)))
    for code, name in ACCOUNTS.items():
        if code not in known:
            insert_ignore(tx.session, Account, code=code, name=name)


def lock(tx: Tx, account: str) -> None:
    """Let one at a time import, match or unmatch on an account, until the transaction ends."""
    tx.session.execute(sa.select(Account.code).filter_by(code=account).with_for_update())


def post(tx: Tx, kind: TransferKind, disbursement_id: UUID, amount_cents: int) -> UUID:
    """Add the entry of this kind for this payment. A second one is refused by the database."""
    transfer_id, now = new_id(), clock.now()
    tx.session.execute(
        sa.insert(Transfer).values(
            id=transfer_id, uid=f"{disbursement_id}:{kind}", kind=kind, debit=POSTINGS[kind].debit,
            credit=POSTINGS[kind].credit, amount_cents=amount_cents, posted_on=now.date(), posted_at=now,
            disbursement_id=disbursement_id,
        )
    )  # fmt: skip
    return transfer_id


def balance(tx: Tx, account: str) -> int:
    """Debits minus credits of an account, in cents."""
    signed = sa.case((Transfer.debit == account, Transfer.amount_cents), else_=-Transfer.amount_cents)
    query = sa.select(sa.func.sum(signed)).where(sa.or_(Transfer.debit == account, Transfer.credit == account))
    return int(tx.session.scalar(query) or 0)
