"""A sent payment that did not arrive: finance asks, the worker has the provider send it again or take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore, run_tx
from biobank.errors import Conflict, Phrase
from biobank.participants.person import Contact
from biobank.payments import deliveries, gates, states
from biobank.payments.asking import CANCELLED
from biobank.payments.attempts import disbursement_of
from biobank.payments.delivery_models import ErrandKind, RewardErrand
from biobank.payments.models import Disbursement, Entitlement, ExceptionKind
from biobank.payments.providers.base import Delivery, ProviderError
from biobank.payments.questions import open_exception
from biobank.payments.till import Till

SENT_AGAIN = Phrase("The provider sends it again.")
TAKEN_BACK = Phrase("The provider has taken it back. Book the refund when the statement tells of it, then pay again.")
KEPT = Phrase("The provider did not take it back: it may have been used. Nothing has changed.")
REFUSED = Phrase("The provider refused: %(said)s")
# Longer than the longest call. Both errands may be run twice without harm.
LEASE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class _Errand:
    id: UUID
    kind: ErrandKind
    reward_ref: str
    delivery: Delivery
    contact: Contact


def ask(tx: Tx, disbursement_id: UUID, kind: ErrandKind, note: str) -> RewardErrand:
    """Have the worker ask the provider. Refused for a payment that no provider delivers, and while one is asked."""
    payment = disbursement_of(tx, disbursement_id)
    if payment.state not in states.PAID or not payment.reward_ref:
        raise Conflict("Only a payment that the provider has sent can be sent again or taken back.", code="not-sent")
    is_new = insert_ignore(
        tx.session, RewardErrand, id=new_id(), disbursement_id=payment.id, kind=kind, note=note[:400],
        asked_at=clock.now(), asked_by=tx.actor.name, next_at=clock.now(),
    )  # fmt: skip
    if not is_new:
        raise Conflict("The provider is being asked about this payment already. Wait for its answer.", code="asked")
    return of_payment(tx, disbursement_id)[-1]


def of_payment(tx: Tx, disbursement_id: UUID) -> Sequence[RewardErrand]:
    """What was asked about a payment, the oldest first."""
    query = sa.select(RewardErrand).filter_by(disbursement_id=disbursement_id)
    return tx.session.scalars(query.order_by(RewardErrand.id)).all()


def run_next(till: Till) -> bool:
    """Run the errand that has waited longest; False when there is none. No transaction is open during the call."""
    if not _is_any(till):
        return False
    errand = run_tx(till.databases, lambda tx: _take(tx, till), SYSTEM)
    if errand is None:
        return False
    came_of_it, is_back = _call(till, errand)
    run_tx(till.databases, lambda tx: _record(tx, errand.id, came_of_it, is_back=is_back), SYSTEM)
    return True


def _due(till: Till) -> sa.Select[RewardErrand]:
    its_own = sa.select(RewardErrand).join(Disbursement, Disbursement.id == RewardErrand.disbursement_id)
    return its_own.where(RewardErrand.done_at.is_(None), RewardErrand.next_at <= clock.now(),
                         Disbursement.provider == till.name).order_by(RewardErrand.next_at).limit(1)  # fmt: skip


def _is_any(till: Till) -> bool:
    with till.databases.transaction(read_only=True) as tx:
        return tx.session.scalar(_due(till)) is not None and not gates.is_shut(tx, till.name)


def _take(tx: Tx, till: Till) -> _Errand | None:
    found = tx.session.scalar(_due(till).with_for_update(of=RewardErrand, skip_locked=True))
    if found is None or not gates.pass_one(tx, till):
        return None
    found.next_at = clock.now() + LEASE
    payment = tx.session.get_one(Disbursement, found.disbursement_id)
    payee_id = tx.session.get_one(Entitlement, payment.entitlement_id).payee_id
    delivery = deliveries.route_of(tx, payment.id)
    contact = deliveries.contact_of(tx, payee_id) if delivery is not Delivery.LINK else Contact()
    return _Errand(found.id, found.kind, str(payment.reward_ref), delivery, contact)


def _call(till: Till, errand: _Errand) -> tuple[str, bool]:
    """What came of it, and whether the payment was taken back."""
    try:
        if errand.kind is ErrandKind.CANCEL:
            is_back = till.provider.cancel(errand.reward_ref)
            return (TAKEN_BACK if is_back else KEPT), is_back
        found = deliveries.address(errand.contact, errand.delivery)
        is_email = errand.delivery is Delivery.EMAIL
        till.provider.resend(errand.reward_ref, email=found if is_email else None, phone=None if is_email else found)
    except ProviderError as problem:
        return REFUSED % {"said": _without(str(problem), errand.contact)}, False
    return SENT_AGAIN, False


def _without(said: str, contact: Contact) -> str:
    """The provider's words without the addresses that it may repeat."""
    for private in (contact.email, contact.phone):
        said = said.replace(private, "…") if private else said
    return said[:500]


def _record(tx: Tx, errand_id: UUID, came_of_it: str, *, is_back: bool) -> None:
    errand = tx.session.get_one(RewardErrand, errand_id)
    errand.done_at, errand.came_of_it = clock.now(), came_of_it
    tx.session.flush()
    if is_back:
        open_exception(tx, ExceptionKind.FLAGGED, CANCELLED, disbursement_id=errand.disbursement_id)
    soon = sa.update(Disbursement).where(Disbursement.id == errand.disbursement_id)
    tx.session.execute(soon.where(Disbursement.state.in_(states.PAID)).values(next_at=clock.now()))
