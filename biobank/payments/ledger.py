"""The ledger: double entries that are only ever added, each known by what happened to which payment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, NotFound, Phrase
from biobank.payments.models import (
    Account,
    Disbursement,
    Period,
    PeriodState,
    ReconMatch,
    Transfer,
    TransferKind,
)

BANK, PROVIDER, TOPUP, ACH, CARDS, FLOAT = "1000", "1100", "1150", "1160", "1200", "1210"
SUSPENSE, PAYABLE, UNCLAIMED, EXPENSE, FEES, LOSS = "1900", "2000", "2100", "5000", "5010", "5090"
ACCOUNTS: Mapping[str, Phrase] = {
    BANK: Phrase("Bank"),
    PROVIDER: Phrase("Provider balance"),
    TOPUP: Phrase("Top-up in transit"),
    ACH: Phrase("ACH in transit"),
    CARDS: Phrase("Cards on hand"),
    FLOAT: Phrase("Floats"),
    SUSPENSE: Phrase("Suspense"),
    PAYABLE: Phrase("Incentives payable"),
    UNCLAIMED: Phrase("Unclaimed incentives"),
    EXPENSE: Phrase("Incentive expense"),
    FEES: Phrase("Provider fees"),
    LOSS: Phrase("Loss"),
}


@dataclass(frozen=True, slots=True)
class Posting:
    """Which account is debited and which credited."""

    debit: str
    credit: str


_KIND = TransferKind
POSTINGS: Mapping[TransferKind, Posting] = {
    _KIND.ACCRUAL: Posting(EXPENSE, PAYABLE),
    _KIND.DECLINED: Posting(PAYABLE, EXPENSE),
    _KIND.REVOKED: Posting(PAYABLE, EXPENSE),
    _KIND.PAYMENT: Posting(PAYABLE, PROVIDER),
    _KIND.FEE: Posting(FEES, PROVIDER),
    _KIND.REFUNDED: Posting(PROVIDER, PAYABLE),
    _KIND.FEE_BACK: Posting(PROVIDER, FEES),
    _KIND.TOPUP_SENT: Posting(TOPUP, BANK),
    _KIND.TOPUP_CREDITED: Posting(PROVIDER, TOPUP),
    _KIND.TOPUP_REVERSED: Posting(TOPUP, PROVIDER),
    _KIND.CARD_GIVEN: Posting(PAYABLE, CARDS),
    _KIND.CASH_GIVEN: Posting(PAYABLE, FLOAT),
    _KIND.CARDS_BOUGHT: Posting(CARDS, BANK),
    _KIND.FLOAT_FILLED: Posting(FLOAT, BANK),
    _KIND.FLOAT_BANKED: Posting(BANK, FLOAT),
    _KIND.ACH_RELEASED: Posting(PAYABLE, ACH),
    _KIND.ACH_DEBITED: Posting(ACH, BANK),
    _KIND.ACH_RETURNED: Posting(ACH, PAYABLE),
    _KIND.ACH_CREDITED: Posting(BANK, ACH),
    _KIND.CARDS_SHORT: Posting(LOSS, CARDS),
    _KIND.CARDS_OVER: Posting(CARDS, LOSS),
    _KIND.FLOAT_SHORT: Posting(LOSS, FLOAT),
    _KIND.FLOAT_OVER: Posting(FLOAT, LOSS),
    _KIND.DORMANT: Posting(PAYABLE, UNCLAIMED),
    _KIND.ESCHEATED: Posting(UNCLAIMED, BANK),
    _KIND.BANK_FEE: Posting(FEES, BANK),
    _KIND.SUSPENSE_OUT: Posting(SUSPENSE, PROVIDER),
    _KIND.SUSPENSE_IN: Posting(PROVIDER, SUSPENSE),
    _KIND.BANK_SUSPENSE_OUT: Posting(SUSPENSE, BANK),
    _KIND.BANK_SUSPENSE_IN: Posting(BANK, SUSPENSE),
    _KIND.SUSPENSE_LOSS: Posting(LOSS, SUSPENSE),
    _KIND.SUSPENSE_GAIN: Posting(SUSPENSE, LOSS),
}


# Debts and what becomes of them: no bank or provider tells of these.
NEVER_ON_A_STATEMENT = frozenset({_KIND.ACCRUAL, _KIND.DECLINED, _KIND.REVOKED, _KIND.DORMANT})


_ADDED = sa.insert(Transfer.__table__)  # type: ignore[arg-type]
# A statement calls a payment by its own reference, whatever else a line may carry.
_ADDED_OF_PAYMENT = _ADDED.values(
    reference=sa.select(Disbursement.external_id).where(Disbursement.id == sa.bindparam("of")).scalar_subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry to add, in cents: of a payment, or of a `source` (a statement line, a count) with a `uid` of its own.

    `posted_on` is today where it is not given.
    """

    kind: TransferKind
    amount_cents: int
    disbursement_id: UUID | None = None
    uid: str | None = None
    source: str | None = None
    reference: str | None = None
    note: str | None = None
    site_id: UUID | None = None
    posted_on: date | None = None


def ensure_accounts(tx: Tx) -> None:
    """The accounts that postings need; nothing is done where they stand."""
    known = set(tx.session.scalars(sa.select(Account.code)))
    for code, name in ACCOUNTS.items():
        if code not in known:
            insert_ignore(tx.session, Account, code=code, name=name)


def lock(tx: Tx, account: str) -> None:
    """Let one at a time import, match or unmatch on an account, until the transaction ends; entries go on."""
    tx.session.execute(sa.select(Account.code).filter_by(code=account).with_for_update(key_share=True))


def lock_all(tx: Tx) -> None:
    """Let nobody import, match or add an entry until the transaction ends, and wait for those who do."""
    tx.session.execute(sa.select(Account.code).order_by(Account.code).with_for_update()).all()


def post(tx: Tx, kind: TransferKind, disbursement_id: UUID, amount_cents: int) -> UUID:
    """Add the entry of this kind for this payment. A second one is refused by the database."""
    return add(tx, Entry(kind=kind, disbursement_id=disbursement_id, amount_cents=amount_cents))


def add(tx: Tx, entry: Entry) -> UUID:
    """Add an entry; refused in a month that is locked or closed, and a second time under the same uid."""
    return _write(tx, entry, POSTINGS[entry.kind], reverses_id=None)


def _write(tx: Tx, entry: Entry, posting: Posting, *, reverses_id: UUID | None) -> UUID:
    transfer_id, now = new_id(), clock.now()
    posted_on = entry.posted_on or now.date()
    if entry.posted_on is not None:
        require_open(tx, posted_on)
    values = {
        "id": transfer_id, "uid": entry.uid or f"{entry.disbursement_id}:{entry.kind}", "kind": entry.kind,
        "debit": posting.debit, "credit": posting.credit, "amount_cents": entry.amount_cents, "posted_on": posted_on,
        "posted_at": now, "disbursement_id": entry.disbursement_id, "source": entry.source, "note": entry.note,
        "site_id": entry.site_id, "reverses_id": reverses_id, "posted_by": tx.actor.name,
    }  # fmt: skip
    if entry.disbursement_id is None or entry.kind in NEVER_ON_A_STATEMENT:
        tx.connection.execute(_ADDED, values | {"reference": entry.reference})
    else:
        tx.connection.execute(_ADDED_OF_PAYMENT, values | {"of": entry.disbursement_id})
    return transfer_id


def reverse(tx: Tx, transfer_id: UUID, reason: str) -> UUID:
    """Undo an entry by its opposite, posted today; each once at most, and none that is matched with a line."""
    found = tx.session.get(Transfer, transfer_id)
    if found is None:
        raise NotFound("There is no such entry in the books.")
    if found.kind is TransferKind.REVERSAL:
        raise Conflict("This entry undoes another one. Post the right one anew instead.", code="is-reversal")
    matched = sa.select(ReconMatch.id).filter_by(transfer_id=transfer_id, state="confirmed")
    if tx.session.scalar(matched) is not None:
        raise Conflict("A statement line is matched with this entry. Take the match back first.", code="matched")
    if tx.session.scalar(sa.select(Transfer.id).filter_by(reverses_id=transfer_id)) is not None:
        raise Conflict("This entry is undone already.", code="reversed")
    entry = Entry(
        kind=TransferKind.REVERSAL, amount_cents=found.amount_cents, disbursement_id=found.disbursement_id,
        uid=f"{transfer_id}:reversal", source=found.source, reference=found.reference, note=reason,
        site_id=found.site_id,
    )  # fmt: skip
    return _write(tx, entry, Posting(found.credit, found.debit), reverses_id=transfer_id)


def require_open(tx: Tx, day: date) -> None:
    """Refuse what would come into a month that is locked or closed, before the database does."""
    query = sa.select(Period.code).where(Period.state != PeriodState.OPEN, Period.opens_on <= day,
                                         Period.closes_on >= day)  # fmt: skip
    shut = tx.session.scalar(query)
    if shut is not None:
        raise Conflict("%(month)s is locked or closed: nothing more comes into it. Reopen it with a second person, or "
                       "book it today.", code="period-shut", month=shut)  # fmt: skip


def balance(tx: Tx, account: str) -> int:
    """Debits minus credits of an account, in cents."""
    return balances(tx).get(account, 0)


def balances(tx: Tx, *, until: date | None = None, since: date | None = None) -> dict[str, int]:
    """Debits minus credits of every account that was ever posted to, in cents; both days inclusive.

    One statement: two would see what was posted between them on one side only.
    """
    sides = []
    for side, sign in ((Transfer.debit, 1), (Transfer.credit, -1)):
        query = sa.select(side.label("account"), (sign * sa.func.sum(Transfer.amount_cents)).label("cents"))
        if until is not None:
            query = query.where(Transfer.posted_on <= until)
        if since is not None:
            query = query.where(Transfer.posted_on >= since)
        sides.append(query.group_by(side))
    both = sa.union_all(*sides).subquery()
    summed = sa.select(both.c.account, sa.func.sum(both.c.cents)).group_by(both.c.account)
    return {account: int(cents) for account, cents in tx.session.execute(summed)}
