"""What can be done about payments: owe one, note a decline, hold, release, pay again after a proven failure."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Phrase
from biobank.payments import caps, ledger, means, policy, states
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
from biobank.payments.models import (
    DECIDED,
    Decision,
    Disbursement,
    Entitlement,
    HoldReason,
    Payee,
    PayScheme,
    State,
    TransferKind,
)
from biobank.payments.policy import Facts
from biobank.payments.questions import resolve_exception
from biobank.payments.reconciliation import match, match_all
from biobank.payments.statement_files import import_statement
from biobank.payments.states import Step

__all__ = [
    "Totals", "add_payee", "books_difference", "confirm_suggestion", "decline", "disbursement_of", "ensure_scheme",
    "entitle", "hold", "import_statement", "latest_of", "match", "match_all", "pay_again", "release",
    "resolve_exception", "totals", "undo_match",
]  # fmt: skip

FINISHED = Facts(is_complete=True, measurements="final", samples="collected")
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


def entitle(
    tx: Tx, *, payee_id: UUID, site_id: UUID, earned_at: datetime, facts: Facts = FINISHED
) -> Entitlement:  # fmt: skip
    """Decide by the policy in force whether a first visit has earned the payment, and owe and queue it if it has.

    All in the caller's transaction. Whoever has earned or declined it before keeps that decision. A visit that earns
    nothing is noted with the reasons, and a later one may still earn it. Past a limit the payment waits for a person.
    """
    scheme = ensure_scheme(tx)
    ruling = policy.decide(policy.in_force(scheme.code, earned_at.date()), facts)
    decision = Decision.ELIGIBLE if ruling.is_earned else Decision.INELIGIBLE
    standing = decided_of(tx, payee_id, scheme.code)
    if standing is not None:
        return standing
    is_new = _decide(tx, scheme, decision, payee_id=payee_id, site_id=site_id, earned_at=earned_at,
                     reasons=ruling.reasons, policy_version=ruling.version)  # fmt: skip
    entitlement = latest_decision(tx, payee_id, scheme.code)
    if is_new and ruling.is_earned:
        _begin(tx, entitlement, scheme)
    return entitlement


def _begin(tx: Tx, entitlement: Entitlement, scheme: PayScheme) -> None:
    cap = caps.count_one(tx, scheme.code, entitlement.site_id)
    provider = means.provider_at(tx, entitlement.site_id)
    if cap is None:
        first = new_attempt(entitlement, scheme.amount_cents, seq=1, state=State.QUEUED, provider=provider)
        add_attempt(tx, first, Phrase("Earned by a completed visit."))
    else:
        first = new_attempt(entitlement, scheme.amount_cents, seq=1, state=State.HELD, provider=provider,
                            hold_reason=HoldReason.CAP)  # fmt: skip
        add_attempt(tx, first, caps.PASSED % {"kind": cap.kind, "limit": cap.limit})
    ledger.post(tx, TransferKind.ACCRUAL, first.id, first.amount_cents)


def decline(
    tx: Tx, *, payee_id: UUID, site_id: UUID, reason: str, decision: Decision = Decision.DECLINED
) -> Entitlement:  # fmt: skip
    """Note that somebody wants no payment, or is paid as another payee. Refused once it may be on its way."""
    scheme = ensure_scheme(tx)
    if _decide(tx, scheme, decision, payee_id=payee_id, site_id=site_id, earned_at=clock.now(), reasons=[reason]):
        return latest_decision(tx, payee_id, scheme.code)
    entitlement = _locked(tx, payee_id, scheme)
    if entitlement.decision is not Decision.ELIGIBLE:
        return entitlement
    take_back(tx, entitlement, decision, reason)
    return entitlement


def take_back(tx: Tx, entitlement: Entitlement, decision: Decision, reason: str) -> None:
    """Owe an earned payment no more, and void its attempt. `Conflict` once that may be on its way."""
    last = latest_of(tx, entitlement.id)
    _withdraw_attempt(tx, last, reason)
    entitlement.decision, entitlement.reasons = decision, [*entitlement.reasons, reason]
    entitlement.decided_at, entitlement.decided_by = clock.now(), tx.actor.name
    entitlement.decided_by_id = tx.actor.id
    tx.session.flush()
    kind = TransferKind.DECLINED if decision is Decision.DECLINED else TransferKind.REVOKED
    ledger.post(tx, kind, last.id, last.amount_cents)


def policy_today() -> policy.Policy:
    """The policy that holds for visits completed today."""
    return policy.in_force(SCHEME, clock.now().date())


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
    policy_version: int | None = None,
) -> bool:
    """Write the decision unless one stands; the database lets one through, however many ask at once."""
    return insert_ignore(
        tx.session, Entitlement, id=new_id(), payee_id=payee_id, scheme_id=scheme.id, scheme_code=scheme.code,
        decision=decision, earned_at=earned_at, decided_at=clock.now(), decided_by=tx.actor.name,
        decided_by_id=tx.actor.id, site_id=site_id, reasons=list(reasons), policy_version=policy_version,
    )  # fmt: skip


def decided_of(tx: Tx, payee_id: UUID, scheme_code: str = SCHEME) -> Entitlement | None:
    """The decision that uses up somebody's slot, if there is one."""
    query = sa.select(Entitlement).filter_by(payee_id=payee_id, scheme_code=scheme_code)
    return tx.session.scalar(query.where(Entitlement.decision.in_(DECIDED)))


def latest_decision(tx: Tx, payee_id: UUID, scheme_code: str = SCHEME) -> Entitlement:
    """The decision that stands, or the newest of those that leave the slot open."""
    found = decided_of(tx, payee_id, scheme_code)
    if found is not None:
        return found
    query = sa.select(Entitlement).filter_by(payee_id=payee_id, scheme_code=scheme_code)
    return tx.session.scalars(query.order_by(Entitlement.id.desc()).limit(1)).one()


def _locked(tx: Tx, payee_id: UUID, scheme: PayScheme) -> Entitlement:
    query = sa.select(Entitlement).filter_by(payee_id=payee_id, scheme_code=scheme.code)
    query = query.where(Entitlement.decision.in_(DECIDED)).with_for_update(of=Entitlement)
    return tx.session.scalars(query.execution_options(populate_existing=True)).one()
