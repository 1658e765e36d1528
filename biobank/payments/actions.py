"""What can be done about payments: owe one, note a decline, hold, release, pay again after a proven failure."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Phrase
from biobank.payments import ledger, states
from biobank.payments.attempts import (
    add_attempt,
    disbursement_of,
    hold,
    latest_of,
    new_attempt,
    pay_again,
    release,
)
from biobank.payments.figures import Totals, books_difference, totals
from biobank.payments.matching_by_hand import confirm_suggestion, undo_match
from biobank.payments.models import Decision, Disbursement, Entitlement, Payee, PayScheme, State, TransferKind
from biobank.payments.questions import resolve_exception
from biobank.payments.reconciliation import match, match_all
from biobank.payments.statement_files import import_statement
from biobank.payments.states import Step

__all__ = [
    "Totals", "add_payee", "books_difference", "confirm_suggestion", "decline", "disbursement_of", "ensure_scheme",
    "entitle", "hold", "import_statement", "latest_of", "match", "match_all", "pay_again", "release",
    "resolve_exception", "totals", "undo_match",
]  # fmt: skip

SCHEME, VERSION, AMOUNT_CENTS, CURRENCY = "visit-1", 1, 2500, "USD"


def add_payee(tx: Tx, payee_id: UUID, code: str) -> Payee:
    """Make somebody known to finance, by an F code alone."""
    payee = Payee(id=payee_id, code=code)
    tx.session.add(payee)
    tx.session.flush()
    return payee


def ensure_scheme(tx: Tx) -> PayScheme:
    """The scheme in force: $25 for a first visit. It and the accounts are made at its first use."""
    query = sa.select(PayScheme).filter_by(code=SCHEME, version=VERSION)
    found = tx.session.scalar(query)
    if found is not None:
        return found
    ledger.ensure_accounts(tx)
    insert_ignore(tx.session, PayScheme, id=new_id(), code=SCHEME, version=VERSION, amount_cents=AMOUNT_CENTS,
                  currency=CURRENCY)  # fmt: skip
    return tx.session.scalars(query).one()


def entitle(tx: Tx, *, payee_id: UUID, site_id: UUID, earned_at: datetime) -> Entitlement:
    """Owe somebody the payment of a first visit and queue it, in the caller's transaction.

    Whoever has earned or declined it before keeps that decision, and nothing else happens.
    """
    scheme = ensure_scheme(tx)
    if not _decide(tx, scheme, Decision.ELIGIBLE, payee_id=payee_id, site_id=site_id, earned_at=earned_at,
                   reasons=["visit-complete"]):  # fmt: skip
        return _entitlement_of(tx, payee_id, scheme)
    entitlement = _entitlement_of(tx, payee_id, scheme)
    first = new_attempt(entitlement, scheme.amount_cents, seq=1, state=State.QUEUED)
    add_attempt(tx, first, Phrase("Earned by a completed visit."))
    ledger.post(tx, TransferKind.ACCRUAL, first.id, first.amount_cents)
    return entitlement


def decline(tx: Tx, *, payee_id: UUID, site_id: UUID, reason: str) -> Entitlement:
    """Note that somebody wants no payment. Refused once the payment may be on its way."""
    scheme = ensure_scheme(tx)
    if _decide(tx, scheme, Decision.DECLINED, payee_id=payee_id, site_id=site_id, earned_at=clock.now(),
               reasons=[reason]):  # fmt: skip
        return _entitlement_of(tx, payee_id, scheme)
    entitlement = _entitlement_of(tx, payee_id, scheme, is_locked=True)
    if entitlement.decision is Decision.DECLINED:
        return entitlement
    last = latest_of(tx, entitlement.id)
    _withdraw_attempt(tx, last, reason)
    entitlement.decision, entitlement.reasons = Decision.DECLINED, [*entitlement.reasons, reason]
    entitlement.decided_at, entitlement.decided_by = clock.now(), tx.actor.name
    entitlement.decided_by_id = tx.actor.id
    tx.session.flush()
    ledger.post(tx, TransferKind.DECLINED, last.id, last.amount_cents)
    return entitlement


def _withdraw_attempt(tx: Tx, last: Disbursement, reason: str) -> None:
    if last.state in states.DEAD:
        return
    if last.state not in states.UNSENT or not states.move(
        tx, Step(disbursement_id=last.id, came_from=last.state, to=State.VOIDED, note=reason,
                 changes={"hold_reason": None, "next_at": None})
    ):  # fmt: skip
        raise Conflict("The payment is on its way or made. It cannot be declined any more.", code="payment-sent")


def _decide(
    tx: Tx,
    scheme: PayScheme,
    decision: Decision,
    *,
    payee_id: UUID,
    site_id: UUID,
    earned_at: datetime,
    reasons: Sequence[str],
) -> bool:
    """Write the decision unless one stands; the database lets one through, however many ask at once."""
    return insert_ignore(
        tx.session, Entitlement, id=new_id(), payee_id=payee_id, scheme_id=scheme.id, scheme_code=scheme.code,
        decision=decision, earned_at=earned_at, decided_at=clock.now(), decided_by=tx.actor.name,
        decided_by_id=tx.actor.id, site_id=site_id, reasons=list(reasons),
    )  # fmt: skip


def _entitlement_of(tx: Tx, payee_id: UUID, scheme: PayScheme, *, is_locked: bool = False) -> Entitlement:
    query = sa.select(Entitlement).filter_by(payee_id=payee_id, scheme_code=scheme.code)
    query = query.where(Entitlement.decision.in_(list(Decision)))
    if is_locked:
        query = query.with_for_update(of=Entitlement).execution_options(populate_existing=True)
    return tx.session.scalars(query).one()
