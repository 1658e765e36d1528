"""The figures that the equations compare, read from the rows themselves."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.payments import equations, ledger, states, sums
from biobank.payments.equations import AccountFacts, BookFacts, DeepFacts, Equation
from biobank.payments.models import (
    Decision,
    Disbursement,
    DisbursementEvent,
    Entitlement,
    PayScheme,
    ReconMatch,
    State,
    StatementFile,
    StatementLine,
    Topic,
    Transfer,
    TransferKind,
)

MEANS = (ledger.PROVIDER, ledger.CARDS, ledger.FLOAT, ledger.ACH)
TRANSIT_AGE = timedelta(days=10)
UNKNOWN_AGE = timedelta(days=3)
# More equations, of whatever else keeps money: cards on hand, floats.
SOURCES: list[Callable[[Tx], Iterable[Equation]]] = []


def quick_equations(tx: Tx) -> list[Equation]:
    """The equations cheap enough for every look."""
    return list(equations.quick(kept_facts(sums.read(tx))))


def all_equations(tx: Tx) -> list[Equation]:
    """Every equation; reads through all payments and lines."""
    facts = book_facts(tx)
    more = [*sums.equations(tx), *(equation for source in SOURCES for equation in source(tx))]
    return [*equations.quick(facts), *equations.deep(facts, _walk(tx)), *more]


def book_facts(tx: Tx) -> BookFacts:
    """Balances, debt and payments."""
    return BookFacts(balances=ledger.balances(tx), owed=_owed(tx), paid=_paid(tx), paid_by_entries=_paid_entries(tx))


def kept_facts(kept: Mapping[Topic, sums.Sums]) -> BookFacts:
    """The same from the kept sums, which do not grow with the payments."""
    entries, paid = kept[Topic.ENTRY], [kept[Topic.PAYMENT].get(state, (0, 0))[1] for state in states.PAID]
    to_means = sums.between(entries, {ledger.PAYABLE}, MEANS) - sums.between(entries, MEANS, {ledger.PAYABLE})
    return BookFacts(balances=sums.balances(entries), owed=kept[Topic.EARNED].get(Decision.ELIGIBLE, (0, 0))[1],
                     paid=sum(paid), paid_by_entries=to_means)  # fmt: skip


def _owed(tx: Tx) -> int:
    """The cents of all that was earned."""
    query = sa.select(Entitlement.scheme_id, sa.func.count()).where(Entitlement.decision == Decision.ELIGIBLE)
    counts = {scheme: int(number) for scheme, number in tx.session.execute(query.group_by(Entitlement.scheme_id))}
    amounts = {one.id: one.amount_cents for one in tx.session.scalars(sa.select(PayScheme))}
    return sum(number * amounts[scheme] for scheme, number in counts.items())


def _paid(tx: Tx) -> int:
    return _cents(tx, sa.select(sa.func.sum(Disbursement.amount_cents)).where(Disbursement.state.in_(states.PAID)))


def _paid_entries(tx: Tx) -> int:
    """What left by any means of paying towards the debt, less what came back."""
    out = sa.select(sa.func.sum(Transfer.amount_cents)).where(
        Transfer.debit == ledger.PAYABLE, Transfer.credit.in_(MEANS)
    )
    back = sa.select(sa.func.sum(Transfer.amount_cents)).where(
        Transfer.credit == ledger.PAYABLE, Transfer.debit.in_(MEANS)
    )
    return _cents(tx, out) - _cents(tx, back)


def _cents(tx: Tx, query: sa.Select[Any]) -> int:
    return int(tx.session.scalar(query) or 0)


def _walk(tx: Tx) -> DeepFacts:
    return DeepFacts(
        accounts=tuple(account_facts(tx)),
        settled_without_line=_settled_without_line(tx),
        on_a_line_yet_sent=_on_a_line_yet_sent(tx),
        double_live_count=_double_live(tx),
        old_unknown_count=_old_unknown(tx),
        stale={account: _stale(tx, account) for account in equations.IN_TRANSIT},
    )


def is_confirmed(column: Any, value: Any) -> sa.Exists:
    """Whether a line or a transfer belongs to its counterpart for certain."""
    # As it stands in the indexes of confirmed matches: a bound value would not be known to be theirs.
    return sa.exists(1).where(column == value, sa.text("recon_match.state = 'confirmed'"))


def account_facts(tx: Tx) -> Iterator[AccountFacts]:
    """The accounts that have statements, each with both sides of its reconciliation."""
    files = sa.select(StatementFile.account).distinct().order_by(StatementFile.account)
    for account in tx.session.scalars(files).all():
        of_account = sa.select(StatementFile).filter_by(account=account)
        first = tx.session.scalars(of_account.order_by(StatementFile.id).limit(1)).one()
        yield AccountFacts(
            account=account, opening=first.opening_cents, closing=last_statement(tx, account).closing_cents,
            lines=_lines(tx, account), unmatched_lines=_lines(tx, account, only_open=True),
            outstanding=_outstanding(tx, account),
        )  # fmt: skip


def last_statement(tx: Tx, account: str) -> StatementFile:
    """The statement that reaches furthest; raises NoResultFound where there is none."""
    query = sa.select(StatementFile).filter_by(account=account)
    return tx.session.scalars(query.order_by(StatementFile.closed_on.desc(), StatementFile.id.desc()).limit(1)).one()


def _lines(tx: Tx, account: str, *, only_open: bool = False) -> int:
    query = sa.select(sa.func.sum(StatementLine.amount_cents)).where(StatementLine.account == account)
    if only_open:
        query = query.where(~is_confirmed(ReconMatch.line_id, StatementLine.id))
    return _cents(tx, query)


def _outstanding(tx: Tx, account: str) -> int:
    signed = sa.case((Transfer.debit == account, Transfer.amount_cents), else_=-Transfer.amount_cents)
    query = sa.select(sa.func.sum(signed)).where(sa.or_(Transfer.debit == account, Transfer.credit == account))
    return _cents(tx, query.where(~is_confirmed(ReconMatch.transfer_id, Transfer.id)))


def _payments(tx: Tx, state: State, condition: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.sum(Transfer.amount_cents)).join(
        Disbursement, Disbursement.id == Transfer.disbursement_id
    )
    return _cents(tx, query.where(Disbursement.state == state, Transfer.kind == TransferKind.PAYMENT, condition))


def _settled_without_line(tx: Tx) -> int:
    return _payments(tx, State.SETTLED, ~is_confirmed(ReconMatch.transfer_id, Transfer.id))


def _on_a_line_yet_sent(tx: Tx) -> int:
    return _payments(tx, State.SENT, is_confirmed(ReconMatch.transfer_id, Transfer.id))


def _double_live(tx: Tx) -> int:
    live = sa.select(Disbursement.entitlement_id).where(Disbursement.state.not_in(states.DEAD))
    doubled = live.group_by(Disbursement.entitlement_id).having(sa.func.count() > 1).subquery()
    return _cents(tx, sa.select(sa.func.count()).select_from(doubled))


def _old_unknown(tx: Tx) -> int:
    since = sa.select(DisbursementEvent.disbursement_id).where(
        DisbursementEvent.disbursement_id == Disbursement.id,
        DisbursementEvent.state == State.UNKNOWN,
        DisbursementEvent.at < clock.now() - UNKNOWN_AGE,
    )
    query = sa.select(sa.func.count()).select_from(Disbursement)
    return _cents(tx, query.where(Disbursement.state == State.UNKNOWN, since.exists()))


def _stale(tx: Tx, account: str) -> int:
    """What stood in transit ten days ago and has not gone since."""
    before = ledger.balances(tx, until=(clock.now() - TRANSIT_AGE).date()).get(account, 0)
    now = ledger.balance(tx, account)
    if before * now <= 0:
        return 0
    return min(before, now) if now > 0 else max(before, now)
