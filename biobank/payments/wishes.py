"""Somebody who wants no payment, and who wants it after all: the second takes a second person, at finance."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.access.approval_models import Approval
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, Phrase
from biobank.payments import actions, ledger, means
from biobank.payments.attempts import add_attempt, new_attempt
from biobank.payments.models import Decision, Disbursement, Entitlement, PayScheme, State, TransferKind

WANTED = "payments.wanted"

# Coded, so that nothing personal is ever typed beside a payment.
NOT_WANTED_WHY: Mapping[str, Phrase] = {
    "wish": Phrase("They wish no payment"),
    "not-allowed": Phrase("They may not take it"),
}
WANTED_WHY: Mapping[str, Phrase] = {
    "changed-mind": Phrase("They have changed their mind"),
    "mistake": Phrase("It was noted by mistake"),
}


def note_not_wanted(tx: Tx, *, payee_id: UUID, site_id: UUID, why: str) -> Entitlement:
    """Note that somebody wants no payment, before or after it is earned. `Conflict` once it may be on its way."""
    _require(why, NOT_WANTED_WHY)
    return actions.decline(tx, payee_id=payee_id, site_id=site_id, reason=why)


def ask_wanted(tx: Tx, *, payee_id: UUID, why: str) -> Approval:
    """Ask finance to pay somebody after all who had wanted no payment."""
    _require(why, WANTED_WHY)
    entitlement = entitlement_of(tx, payee_id)
    if entitlement is None or entitlement.decision is not Decision.DECLINED:
        raise Conflict("Nothing is noted here that could be taken back. Look at the payment again.",
                       code="not-declined")  # fmt: skip
    return approvals.ask(
        tx, kind=WANTED, subject=entitlement.id, payload={"why": why},
        summary=Phrase("Pay %(code)s the $25 after all, who had wanted none."), words={"code": entitlement.payee.code},
    )  # fmt: skip


def waits_for_finance(tx: Tx, entitlement: Entitlement | None) -> bool:
    return entitlement is not None and approvals.open_about(tx, WANTED, entitlement.id) is not None


def pay_after_all(tx: Tx, entitlement_id: UUID, why: str) -> Disbursement:
    """Owe and queue the payment again; the actor is the second person. `Conflict` if it is owed already."""
    locked = sa.select(Entitlement).filter_by(id=entitlement_id).with_for_update(of=Entitlement)
    entitlement = tx.session.scalars(locked.execution_options(populate_existing=True)).one()
    if entitlement.decision is not Decision.DECLINED:
        raise Conflict("This payment is owed already. Refuse this.", code="not-declined")
    entitlement.decision, entitlement.reasons = Decision.ELIGIBLE, [*entitlement.reasons, why]
    entitlement.decided_at, entitlement.decided_by = clock.now(), tx.actor.name
    entitlement.decided_by_id = tx.actor.id
    tx.session.flush()
    scheme = tx.session.get_one(PayScheme, entitlement.scheme_id)
    voided = tx.session.scalar(sa.select(Disbursement).filter_by(entitlement_id=entitlement.id)
                               .order_by(Disbursement.seq.desc()).limit(1))  # fmt: skip
    attempt = new_attempt(
        entitlement, scheme.amount_cents, seq=voided.seq + 1 if voided else 1, state=State.QUEUED,
        provider=means.provider_at(tx, entitlement.site_id), replaces_id=voided.id if voided else None,
    )  # fmt: skip
    add_attempt(tx, attempt, Phrase("Wanted after all."))
    ledger.post(tx, TransferKind.ACCRUAL, attempt.id, attempt.amount_cents)
    return attempt


def entitlement_of(tx: Tx, payee_id: UUID) -> Entitlement | None:
    """What was decided about somebody's $25, if anything was."""
    is_any = sa.select(Entitlement.id).filter_by(payee_id=payee_id, scheme_code=actions.SCHEME).limit(1)
    return actions.latest_decision(tx, payee_id) if tx.session.scalar(is_any) else None


def _require(why: str, known: Mapping[str, Phrase]) -> None:
    if why not in known:
        raise Invalid("Choose why from the list.", code="unknown-reason")
