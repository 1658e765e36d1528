"""A payment over the desk: kept ready, seen by two people as it is handed over, or put back; no clock ends it."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Phrase
from biobank.payments import actions, card_stock, floats, states
from biobank.payments.attempts import disbursement_of, latest_of
from biobank.payments.cash_models import Means
from biobank.payments.floats import Person
from biobank.payments.models import Disbursement, Entitlement, State
from biobank.payments.states import Step

BY_HAND = (Means.CASH, Means.CARD)
NOT_BY_LINK = (*BY_HAND, Means.BANK, Means.LOAD)
READY, GIVEN, BACK = (
    Phrase("Kept ready at the desk."),
    Phrase("Handed over before two people."),
    Phrase("Back in the safe."),
)
BY_LINK = Phrase("Paid by link instead.")
_CHANGED = Phrase("Somebody was here before you. Look at the payment again.")


def of_payee(tx: Tx, payee_id: UUID, means: Sequence[Means] = BY_HAND) -> Disbursement:
    """The payment of somebody that is paid at the desk; raises `Conflict` where there is none."""
    standing = actions.decided_of(tx, payee_id)
    payment = latest_of(tx, standing.id) if standing is not None else None
    if payment is None or payment.provider not in means:
        raise Conflict("This payment is not paid at the desk. Look at it again.", code="not-at-the-desk")
    return payment


def require_reserved(payment: Disbursement) -> None:
    """Raise `Conflict` unless the payment is kept ready."""
    if payment.state is not State.RESERVED:
        raise Conflict(_CHANGED, code="moved-on")


def reserve(tx: Tx, payment: Disbursement, site_id: UUID, serial: str) -> None:
    """Keep cash, or the card of this serial, ready for a payment earned at this site; nothing else may take it now."""
    if payment.entitlement.site_id != site_id:
        raise Conflict("This payment was earned at another site, which pays it.", code="other-site")
    _step(tx, payment, State.QUEUED, State.RESERVED, READY)
    if payment.provider == Means.CARD:
        card_stock.reserve(tx, site_id, payment, serial)
    else:
        # What is ready now counts among the reserved already.
        floats.require_free(tx, site_id, 0)


def what(tx: Tx, payment: Disbursement) -> str:
    """What is handed over, for whoever signs: the card's last four, or the cash."""
    if payment.provider == Means.CARD:
        return f"Gift card …{card_stock.kept_for(tx, payment.id).last4}"
    return f"Cash {payment.amount_cents // 100}.{payment.amount_cents % 100:02} dollars"


def give(tx: Tx, disbursement_id: UUID, first: Person) -> None:
    """It was handed over: the actor has seen it, `first` has done it. Settled at once, as no statement will show it."""
    payment = disbursement_of(tx, disbursement_id)
    site_id = payment.entitlement.site_id
    receipt = {"provider_ref": f"R-{payment.external_id}", "sent_at": clock.now(), "next_at": None}
    _step(tx, payment, State.RESERVED, State.SENT, GIVEN, **receipt)
    if payment.provider == Means.CARD:
        card_stock.give(tx, site_id, payment)
    else:
        floats.give(tx, site_id, payment, first)
    _step(tx, payment, State.SENT, State.SETTLED, "", settled_at=clock.now())


def put_back(tx: Tx, disbursement_id: UUID) -> None:
    """It lies in the safe again, as the actor has seen: the payment waits at the desk as before."""
    payment = disbursement_of(tx, disbursement_id)
    _step(tx, payment, State.RESERVED, State.QUEUED, BACK)
    if payment.provider == Means.CARD:
        card_stock.put_back(tx, disbursement_id)


def pay_by_link(tx: Tx, payee_id: UUID) -> None:
    """Let the provider pay what would be paid at the desk, as long as nothing is kept ready."""
    payment = of_payee(tx, payee_id, NOT_BY_LINK)
    changed = sa.update(Disbursement).where(Disbursement.id == payment.id, Disbursement.state == State.QUEUED)
    free = changed.values(provider=None, next_at=clock.now(), version=Disbursement.version + 1)
    if tx.session.scalar(free.returning(Disbursement.id)) is None:
        raise Conflict(_CHANGED, code="moved-on")
    step = Step(disbursement_id=payment.id, came_from=State.QUEUED, to=State.QUEUED, note=BY_LINK)
    states.write_event(tx, step, payment.attempts)


def ready_at(tx: Tx, site_id: UUID) -> Sequence[Disbursement]:
    """What is kept ready at a site, the oldest first: it must be given or back in the safe by the day's end."""
    query = sa.select(Disbursement).join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
    ready = query.where(Entitlement.site_id == site_id, Disbursement.state == State.RESERVED)
    return tx.session.scalars(ready.order_by(Disbursement.id)).all()


def _step(tx: Tx, payment: Disbursement, came_from: State, to: State, note: str, **changes: object) -> None:
    if not states.move(tx, Step(disbursement_id=payment.id, came_from=came_from, to=to, note=note, changes=changes)):
        raise Conflict(_CHANGED, code="moved-on")
