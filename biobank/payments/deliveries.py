"""A link at the desk, an e-mail or a text message: what somebody wishes, and how a payment is then delivered."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Phrase, Refused
from biobank.participants import actions as participants
from biobank.participants.person import Contact
from biobank.payments.delivery_models import DeliveryChoice, DeliveryRoute
from biobank.payments.models import Disbursement, Entitlement, State
from biobank.payments.providers.base import Delivery, PaymentRequest

BY_EMAIL, BY_PHONE = Phrase("By e-mail, as the participant wishes."), Phrase("By text message, as they wish.")
NO_ADDRESS = Phrase("There is no address to deliver to any more: by link.")
_NOTES = {Delivery.EMAIL: BY_EMAIL, Delivery.PHONE: BY_PHONE}
# Once it may be on its way, what is chosen changes nothing.
STILL_HERE = frozenset({State.QUEUED, State.HELD})


def choose(tx: Tx, payee_id: UUID, delivery: Delivery) -> None:
    """Deliver somebody's payment this way. Refused without such an address, and once the payment is on its way."""
    if _last_state(tx, payee_id) not in {None, *STILL_HERE}:
        raise Conflict("The $25 is on its way already. Finance can have it sent again if it does not arrive.",
                       code="payment-sent")  # fmt: skip
    if delivery is not Delivery.LINK and address(contact_of(tx, payee_id), delivery) is None:
        raise Conflict("No such address of the participant is kept. Write it on the participant's page first.",
                       code="no-address")  # fmt: skip
    tx.session.add(DeliveryChoice(payee_id=payee_id, delivery=delivery, at=clock.now(), by=tx.actor.name))
    tx.session.flush()


def _last_state(tx: Tx, payee_id: UUID) -> State | None:
    query = sa.select(Disbursement.state).join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
    return tx.session.scalar(query.where(Entitlement.payee_id == payee_id).order_by(Disbursement.id.desc()).limit(1))


def choice_of(tx: Tx, payee_id: UUID) -> Delivery:
    """What somebody wishes now."""
    query = sa.select(DeliveryChoice.delivery).filter_by(payee_id=payee_id).order_by(DeliveryChoice.id.desc()).limit(1)
    return tx.session.scalar(query) or Delivery.LINK


def chosen_for(entitlement_id: sa.ColumnElement[UUID]) -> sa.ScalarSelect[Delivery]:
    """How the payment of an entitlement is to be delivered, asked within a query; none is a link."""
    chosen = sa.select(DeliveryChoice.delivery).join(Entitlement, Entitlement.payee_id == DeliveryChoice.payee_id)
    chosen = chosen.where(Entitlement.id == entitlement_id).order_by(DeliveryChoice.id.desc()).limit(1)
    return chosen.scalar_subquery()


def route_of(tx: Tx, disbursement_id: UUID) -> Delivery:
    """How a payment is delivered."""
    query = sa.select(DeliveryRoute.delivery).filter_by(disbursement_id=disbursement_id)
    return tx.session.scalar(query) or Delivery.LINK


def by_itself() -> sa.Exists:
    """Whether the provider delivers this payment, so that no link of it is ever handed over."""
    return sa.exists().where(DeliveryRoute.disbursement_id == Disbursement.id)


def contact_of(tx: Tx, payee_id: UUID) -> Contact:
    """How somebody can be reached; empty where their identity is gone."""
    try:
        return participants.contact_of(tx, participants.participant_of_payee(tx, payee_id))
    except Refused:
        return Contact()


def address(contact: Contact, delivery: Delivery) -> str | None:
    """The address that this way of delivery needs; None where it needs none, or none is kept."""
    kept = {Delivery.EMAIL: contact.email, Delivery.PHONE: contact.phone}.get(delivery)
    return (kept or "").strip() or None


def request_of(tx: Tx, payment: sa.Row[*tuple[Any, ...]]) -> tuple[PaymentRequest, str]:
    """What the provider is asked, and a word for the history. The way, `chosen` before, is fixed with the first try.

    The address is read anew for each try: the one key stands for the payment, whatever address goes with it.
    """
    delivery = route_of(tx, payment.id) if payment.attempts else payment.chosen or Delivery.LINK
    if delivery is Delivery.LINK:
        return PaymentRequest(payment.external_id, payment.amount_cents, payment.currency), ""
    payee_id = tx.session.scalars(sa.select(Entitlement.payee_id).filter_by(id=payment.entitlement_id)).one()
    found = address(contact_of(tx, payee_id), delivery)
    if found is None:
        return PaymentRequest(payment.external_id, payment.amount_cents, payment.currency), NO_ADDRESS
    if not payment.attempts:
        tx.session.execute(sa.insert(DeliveryRoute).values(disbursement_id=payment.id, delivery=delivery))
    return PaymentRequest(
        payment.external_id, payment.amount_cents, payment.currency, delivery,
        recipient_email=found if delivery is Delivery.EMAIL else None,
        recipient_phone=found if delivery is Delivery.PHONE else None,
    ), _NOTES[delivery]  # fmt: skip
