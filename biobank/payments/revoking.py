"""A payment that turns out not to be earned: taken back by two people, as long as nothing has been sent."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from biobank.access import approvals
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, Phrase
from biobank.payments import actions, states
from biobank.payments.attempts import disbursement_of, latest_of
from biobank.payments.models import Decision, Entitlement

REVOKE = "payments.revoke"
# Coded, so that nothing personal is ever typed beside a payment.
WHY: Mapping[str, Phrase] = {
    "no-visit": Phrase("There was no such visit"),
    "wrong-person": Phrase("The visit was recorded for the wrong participant"),
    "test-entry": Phrase("It was entered as a trial"),
}


def ask(tx: Tx, disbursement_id: UUID, why: str) -> None:
    """Ask a second person to take an unsent payment back."""
    if why not in WHY:
        raise Invalid("Choose why from the list.", code="unknown-reason")
    payment = disbursement_of(tx, disbursement_id)
    entitlement = payment.entitlement
    if entitlement.decision is not Decision.ELIGIBLE or latest_of(tx, entitlement.id).state not in states.UNSENT:
        raise Conflict("Only an earned payment that nothing was sent for can be taken back.", code="payment-sent")
    approvals.ask(
        tx, kind=REVOKE, subject=entitlement.id, payload={"why": why}, words={"code": entitlement.payee.code},
        summary=Phrase("Take back the payment of %(code)s: it was not earned."),
    )  # fmt: skip


def revoke(tx: Tx, entitlement_id: UUID, why: str) -> None:
    """Take it back; the actor is the second person. A later visit may still earn the payment."""
    locked = sa.select(Entitlement).filter_by(id=entitlement_id).with_for_update(of=Entitlement)
    entitlement = tx.session.scalars(locked.execution_options(populate_existing=True)).one()
    if entitlement.decision is not Decision.ELIGIBLE:
        raise Conflict("This payment is not owed any more. Refuse this.", code="not-owed")
    actions.take_back(tx, entitlement, Decision.REVOKED, why)
