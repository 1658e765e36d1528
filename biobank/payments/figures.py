"""The figures of finance: what is owed, sent and settled, what is in doubt, and whether the books agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from biobank.db import Tx
from biobank.payments import book_facts, states, sums
from biobank.payments.models import (
    Decision,
    Disbursement,
    DisbursementEvent,
    Entitlement,
    MatchState,
    ReconException,
    ReconMatch,
    State,
    Topic,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How the payments stand; amounts in cents."""

    counts: Mapping[State, int]
    payable_count: int
    payable_cents: int
    sent_cents: int
    settled_cents: int
    unknown_since: datetime | None
    failed_count: int
    exceptions: int
    unmatched_lines: int
    unmatched_transfers: int
    books_difference_cents: int


def totals(tx: Tx) -> Totals:
    """Every figure of the home page; what grows with the payments comes from the kept sums."""
    kept = sums.read(tx)
    found = {state: kept[Topic.PAYMENT].get(state, (0, 0)) for state in State}
    owed_count, owed_cents = kept[Topic.EARNED].get(Decision.ELIGIBLE, (0, 0))
    paid_count = sum(found[state][0] for state in states.PAID)
    return Totals(
        counts={state: count for state, (count, _) in found.items()},
        payable_count=owed_count - paid_count,
        payable_cents=owed_cents - sum(found[state][1] for state in states.PAID),
        sent_cents=found[State.SENT][1],
        settled_cents=found[State.SETTLED][1],
        unknown_since=_oldest_unknown(tx),
        failed_count=_failed_for_good(tx),
        exceptions=_count(tx, sa.select(ReconException.id).where(ReconException.resolved_at.is_(None))),
        unmatched_lines=sum(number for number, _ in kept[Topic.LINE].values()),
        # Every payment posted is sent; every one matched is settled.
        unmatched_transfers=found[State.SENT][0],
        books_difference_cents=books_difference(tx),
    )


def books_difference(tx: Tx) -> int:
    """By how many cents the ledger and the payments' states disagree, all differences added up; 0 when they agree."""
    return sum(abs(equation.difference) for equation in book_facts.quick_equations(tx))


def is_matched(line_id: Any) -> sa.Exists:
    """Whether a statement line belongs to one of our transfers for certain."""
    return sa.exists().where(ReconMatch.line_id == line_id, ReconMatch.state == MatchState.CONFIRMED)


def _oldest_unknown(tx: Tx) -> datetime | None:
    """When the payment that has been in doubt longest was first called about."""
    query = sa.select(sa.func.min(DisbursementEvent.at)).join(
        Disbursement, Disbursement.id == DisbursementEvent.disbursement_id
    )
    return tx.session.scalar(query.where(Disbursement.state == State.UNKNOWN, DisbursementEvent.state == State.UNKNOWN))


def _failed_for_good(tx: Tx) -> int:
    """Payments that failed, are still owed and have not been made anew."""
    later = sa.orm.aliased(Disbursement)
    query = (
        sa.select(Disbursement.id)
        .join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
        .where(Disbursement.state.in_((State.FAILED, State.RETURNED)), Entitlement.decision == Decision.ELIGIBLE)
        .where(~sa.exists().where(later.replaces_id == Disbursement.id))
    )
    return _count(tx, query)


def _count(tx: Tx, query: sa.Select[Any]) -> int:
    return int(tx.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0)
