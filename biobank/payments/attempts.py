"""One attempt to pay after another: made, held, released by a second person, made anew after a proven failure."""

import secrets
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.payments import states
from biobank.payments.models import Decision, Disbursement, Entitlement, HoldReason, State
from biobank.payments.states import Step

# Without letters and digits that are taken for one another; 32 of them, so that each is equally likely.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# The provider or the bank has said that nothing of it is spent any more.
PROVEN = (State.FAILED, State.RETURNED)


def new_attempt(entitlement: Entitlement, amount_cents: int, *, seq: int, **values: Any) -> Disbursement:
    """An attempt not yet in the database, with the one key that it keeps for ever."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return Disbursement(
        id=new_id(), entitlement_id=entitlement.id, scheme_id=entitlement.scheme_id, seq=seq,
        external_id=f"BB-{drawn}-{seq}", amount_cents=amount_cents, attempts=0, created_at=clock.now(),
        next_at=clock.now(), version=1, **values,
    )  # fmt: skip


def add_attempt(tx: Tx, attempt: Disbursement, note: str) -> None:
    """Keep a new attempt and the first line of its history."""
    tx.session.add(attempt)
    tx.session.flush()
    birth = Step(disbursement_id=attempt.id, came_from=attempt.state, to=attempt.state, note=note)
    states.write_event(tx, birth, 0, is_birth=True)


def latest_of(tx: Tx, entitlement_id: UUID) -> Disbursement:
    """The newest attempt to pay an entitlement, as it stands now."""
    query = sa.select(Disbursement).filter_by(entitlement_id=entitlement_id).order_by(Disbursement.seq.desc()).limit(1)
    return tx.session.scalars(query.execution_options(populate_existing=True)).one()


def disbursement_of(tx: Tx, disbursement_id: UUID) -> Disbursement:
    """The payment of this key, as it stands now."""
    query = sa.select(Disbursement).filter_by(id=disbursement_id).execution_options(populate_existing=True)
    found = tx.session.scalar(query)
    if found is None:
        raise NotFound("There is no such payment. Look for its reference in the list.")
    return found


def hold(tx: Tx, disbursement_id: UUID, reason: str) -> None:
    """Keep a queued payment from being sent until another person releases it."""
    _require_words(reason)
    held = {"hold_reason": HoldReason.BY_FINANCE, "requested_by_id": tx.actor.id, "approved_by_id": None}
    step = Step(disbursement_id=disbursement_of(tx, disbursement_id).id, came_from=State.QUEUED, to=State.HELD,
                note=reason, changes=held)  # fmt: skip
    if not states.move(tx, step):
        raise Conflict("Only a payment that waits to be sent can be held. Look at its state again.")


def release(tx: Tx, disbursement_id: UUID) -> None:
    """Let a held payment be sent. Never by the person who held it or asked for it."""
    held = disbursement_of(tx, disbursement_id)
    if tx.actor.id is None or held.requested_by_id == tx.actor.id:
        raise Conflict("You asked for this yourself. Another person must look at it and release it.", code="two-people")
    sent_off = {"hold_reason": None, "approved_by_id": tx.actor.id, "next_at": clock.now()}
    step = Step(disbursement_id=held.id, came_from=State.HELD, to=State.QUEUED,
                note=Phrase("Released."), changes=sent_off)  # fmt: skip
    if not states.move(tx, step):
        raise Conflict("This payment is not held any more. Look at its state again.")


def pay_again(tx: Tx, disbursement_id: UUID, reason: str) -> Disbursement:
    """Make a new attempt with a new key after proof that the old one failed; it waits for a second person."""
    _require_words(reason)
    old = disbursement_of(tx, disbursement_id)
    owed = sa.select(Entitlement).filter_by(id=old.entitlement_id).with_for_update(of=Entitlement)
    entitlement = tx.session.scalars(owed).one()
    newest = latest_of(tx, entitlement.id)
    if old.state not in PROVEN or newest.id != old.id or entitlement.decision is not Decision.ELIGIBLE:
        raise Conflict("Only a payment that has failed or come back, and is not made anew, can be paid again.",
                       code="not-failed")  # fmt: skip
    again = new_attempt(entitlement, old.amount_cents, seq=old.seq + 1, state=State.HELD, replaces_id=old.id,
                         hold_reason=HoldReason.PAY_AGAIN, requested_by_id=tx.actor.id)  # fmt: skip
    add_attempt(tx, again, reason)
    return again


def _require_words(reason: str) -> None:
    if len(reason.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")


def is_owed(tx: Tx, payee_id: UUID) -> bool:
    """Whether a payment to somebody is neither made nor given up."""
    open_states = set(State) - states.PAID - states.DEAD
    query = sa.select(Disbursement.id).join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
    query = query.where(Entitlement.payee_id == payee_id, Disbursement.state.in_(open_states))
    return tx.session.scalar(query.limit(1)) is not None
