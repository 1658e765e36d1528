"""What became of a payment after it was sent: asked of the provider on a hint, and now and then without one."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.db import Tx, run_tx
from biobank.errors import Phrase
from biobank.payments import deliveries, gates, states
from biobank.payments.gate_models import Hint
from biobank.payments.models import Disbursement, ExceptionKind, State
from biobank.payments.providers.base import Delivered, ProviderError
from biobank.payments.questions import open_exception
from biobank.payments.till import Till

AGAIN, AFTER_TROUBLE, AT_MOST = timedelta(days=7), timedelta(hours=1), timedelta(days=90)
EARLY, SOON = timedelta(hours=1), timedelta(minutes=1)
ASKED, UNDERSTOOD, STRANGE = Phrase("The provider is asked."), Phrase("Noted."), Phrase("It is no payment of ours.")
UNDELIVERED = Phrase("The provider could not deliver the payment.")
CANCELLED = Phrase("The provider has cancelled the payment after it was made.")
_QUESTIONS = {
    Delivered.FAILED: (ExceptionKind.DELIVERY_FAILED, UNDELIVERED),
    Delivered.CANCELLED: (ExceptionKind.FLAGGED, CANCELLED),
}


def ask_next(till: Till) -> bool:
    """Take up a hint, or ask about one sent payment whose time has come; False when there is neither."""
    with till.databases.transaction(read_only=True) as tx:
        is_shut, has_hint = gates.is_shut(tx, till.name), _has_hint(tx, till)
    if is_shut:
        return False
    if has_hint:
        run_tx(till.databases, lambda tx: take_hint(tx, till.name), SYSTEM)
    found = _next(till)
    if found is None:
        return False
    disbursement_id, reward_ref = found
    try:
        state = till.provider.ask_reward(reward_ref)
    except ProviderError:
        run_tx(till.databases, lambda tx: _ask_again(tx, disbursement_id, AFTER_TROUBLE))
        return True
    run_tx(till.databases, lambda tx: _record(tx, disbursement_id, state), SYSTEM)
    return True


def _has_hint(tx: Tx, till: Till) -> bool:
    return tx.session.scalar(_open_hints(till.name).limit(1)) is not None


def _open_hints(provider: str) -> sa.Select[Hint]:
    due = sa.select(Hint).where(Hint.provider == provider, Hint.done_at.is_(None), Hint.next_at <= clock.now())
    return due.order_by(Hint.next_at)


def _next(till: Till) -> tuple[UUID, str] | None:
    with till.databases.transaction(read_only=True) as tx:
        query = sa.select(Disbursement.id, Disbursement.reward_ref).where(
            Disbursement.state.in_(states.PAID), Disbursement.provider == till.name,
            Disbursement.reward_ref.is_not(None), Disbursement.next_at <= clock.now(),
            sa.or_(Disbursement.sealed_link.is_not(None), deliveries.by_itself()),
        )  # fmt: skip
        found = tx.session.execute(query.order_by(Disbursement.next_at).limit(1)).first()
    return None if found is None else (found.id, str(found.reward_ref))


def _record(tx: Tx, disbursement_id: UUID, state: Delivered) -> None:
    if state in _QUESTIONS:
        kind, words = _QUESTIONS[state]
        open_exception(tx, kind, words, disbursement_id=disbursement_id)
    _ask_again(tx, disbursement_id, AGAIN)


def _ask_again(tx: Tx, disbursement_id: UUID, pause: timedelta) -> None:
    later = clock.now() + pause
    payment = sa.update(Disbursement).where(Disbursement.id == disbursement_id, Disbursement.state.in_(states.PAID))
    tx.session.execute(payment.values(next_at=later))
    tx.session.execute(payment.where(Disbursement.sent_at < later - AT_MOST).values(next_at=None))


def take_hint(tx: Tx, provider: str) -> None:
    """Make the payment that the oldest open hint names due to be asked about; nothing else is believed of it.

    A hint may come before we have written down whose reward it is: it is taken up again for an hour.
    """
    hint = tx.session.scalar(_open_hints(provider).limit(1).with_for_update(skip_locked=True))
    if hint is None:
        return
    hint.came_of_it = _follow(tx, hint)
    if hint.came_of_it == STRANGE and clock.now() - hint.received_at < EARLY:
        hint.next_at = clock.now() + SOON
    else:
        hint.done_at = clock.now()
    tx.session.flush()


def _follow(tx: Tx, hint: Hint) -> str:
    if hint.resource_type not in {"rewards", "orders"}:
        return UNDERSTOOD
    key = Disbursement.reward_ref if hint.resource_type == "rewards" else Disbursement.provider_ref
    ours = sa.update(Disbursement).where(Disbursement.provider == hint.provider, key == hint.resource_ref)
    asked = (*states.PAID, State.UNKNOWN)
    due = ours.where(Disbursement.state.in_(asked)).values(next_at=clock.now()).returning(Disbursement.id)
    return ASKED if tx.session.execute(due).all() else STRANGE
