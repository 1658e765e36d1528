"""The participant's $25 as the clinic's desk sees it: how far it is, the link to hand over, the paper to take home."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa
from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Conflict, Invalid
from biobank.participants import actions as participants
from biobank.payments import ach, card_loads, cash, deliveries, handover, links, means, wishes
from biobank.payments.cash_models import Means
from biobank.payments.models import Decision, Disbursement, Entitlement, State
from biobank.payments.providers.base import Delivery
from biobank.payments.squares import square_of
from biobank.visits import actions as visits
from biobank.visits.models import Visit, VisitState
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

# The desk waits for these to pass by themselves.
_MOVING = frozenset({State.QUEUED, State.SENDING, State.UNKNOWN})
# As long as nothing has been sent, somebody may say that they want no payment.
_STILL_HERE = frozenset({"none", State.QUEUED, State.HELD})


class WhySchema(ma.Schema):
    """Why somebody wants no payment, or wants it after all: a code of `wishes`."""

    why = ma.fields.String(required=True, validate=ma.validate.OneOf([*wishes.NOT_WANTED_WHY, *wishes.WANTED_WHY]))


class DeliverySchema(ma.Schema):
    """How the provider delivers the payment: link, email or phone."""

    delivery = ma.fields.Enum(Delivery, by_value=True, required=True)


_why_form, _delivery_form = WhySchema(), DeliverySchema()


@dataclass(frozen=True, slots=True)
class _Payment:
    """What a participant's payment looks like from the desk."""

    entitlement: Entitlement | None
    last: Disbursement | None
    has_link: bool
    waits_for_finance: bool = False
    waits_for_signature: bool = False
    bank_last4: str = ""
    card_last4: str = ""
    site_pays_by_link: bool = True
    route: Delivery = Delivery.LINK
    wish: Delivery = Delivery.LINK
    reached_by: frozenset[Delivery] = frozenset()

    @property
    def by_link(self) -> bool:
        """Whether the provider pays it, so that it may be a link, an e-mail or a text message."""
        return self.site_pays_by_link if self.last is None else self.last.provider not in handover.NOT_BY_LINK

    @property
    def by_itself(self) -> bool:
        """Whether the provider delivers it, so that the desk hands nothing over."""
        return self.route is not Delivery.LINK

    @property
    def by_bank(self) -> bool:
        """Whether it goes with a file to the bank."""
        return self.last is not None and self.last.provider == Means.BANK

    @property
    def by_load(self) -> bool:
        """Whether it is loaded onto a card that the participant keeps."""
        return self.last is not None and self.last.provider == Means.LOAD

    @property
    def by_hand(self) -> bool:
        """Whether the site pays it, in cash or by a card."""
        return self.last is not None and self.last.provider in handover.BY_HAND

    @property
    def state(self) -> str:
        if self.entitlement is None:
            return "none"
        if self.entitlement.decision is not Decision.ELIGIBLE:
            return str(self.entitlement.decision)
        return str(self.last.state) if self.last else "none"

    @property
    def may_be_declined(self) -> bool:
        return self.state in _STILL_HERE

    @property
    def is_moving(self) -> bool:
        """Whether it is worth looking again soon."""
        waits = self.last is not None and self.last.state in _MOVING and self.by_link
        return waits or (self.state == State.SENT and self.by_link and not (self.has_link or self.by_itself))

    @property
    def mark(self) -> str:
        """Changes whenever the desk would see something else."""
        asked = "-asked" if self.waits_for_finance or self.waits_for_signature else ""
        return f"{self.state}-{int(self.has_link)}{asked}"


def _payment_of(visit: Visit) -> _Payment:
    tx = current_tx()
    payee_id = participants.payee_of(tx, visit.participant_id)
    entitlement = wishes.entitlement_of(tx, payee_id)
    if entitlement is None:
        return _Payment(None, None, has_link=False, **_ways(visit, payee_id))
    ordered = sa.select(Disbursement).filter_by(entitlement_id=entitlement.id).order_by(Disbursement.seq.desc())
    last = tx.session.scalar(ordered.limit(1))
    has_link = last is not None and links.is_kept(tx, last.id)
    is_asked = last is not None and cash.open_about(tx, last.id) is not None
    bank = ach.last4_of(tx, payee_id)
    route = deliveries.route_of(tx, last.id) if last is not None else Delivery.LINK
    ways = _ways(visit, payee_id) if last is not None and last.state in deliveries.STILL_HERE else {}
    return _Payment(entitlement, last, has_link, wishes.waits_for_finance(tx, entitlement), is_asked, bank,
                    card_loads.last4_of(tx, payee_id), route=route,
                    **ways)  # fmt: skip


def _ways(visit: Visit, payee_id: UUID) -> dict[str, Any]:
    """How the payment may reach the participant, as long as that can be chosen. No address is shown."""
    tx = current_tx()
    contact = deliveries.contact_of(tx, payee_id)
    return {
        "site_pays_by_link": means.provider_at(tx, visit.site_id) is None, "wish": deliveries.choice_of(tx, payee_id),
        "reached_by": frozenset(way for way in Delivery if deliveries.address(contact, way)),
    }  # fmt: skip


def for_visit(visit_id: UUID) -> str | Response:
    """How far the participant's $25 is, asked again and again while it moves."""
    visit = visits.visit_of(current_tx(), visit_id)
    payment = _payment_of(visit)
    again = url_for("payments.for_visit", visit_id=visit.id, background=1, seen=payment.mark)
    offered = {"not_wanted_why": wishes.NOT_WANTED_WHY, "wanted_why": wishes.WANTED_WHY}
    if not problems.wants_fragment():
        participant = participants.participant_of(current_tx(), visit.participant_id)
        return render_template("payments/for_visit.html", visit=visit, participant=participant, payment=payment,
                               again=again, step="finish", **offered)  # fmt: skip
    if request.args.get("seen") == payment.mark:
        return make_response("", 204)
    return render_template("payments/_for_visit.html", visit=visit, payment=payment, again=again, **offered)


def decline(visit_id: UUID) -> AnyResponse:
    """The participant wants no payment."""
    tx, visit = current_tx(), visits.visit_of(current_tx(), visit_id)
    payee_id = participants.payee_of(tx, visit.participant_id)
    wishes.note_not_wanted(tx, payee_id=payee_id, site_id=visit.site_id, why=_why())
    flash(gettext("It is noted that the participant wants no payment."), "success")
    return redirect(url_for("payments.for_visit", visit_id=visit.id), 303)


def wanted(visit_id: UUID) -> AnyResponse:
    """The participant wants the payment after all: finance is asked."""
    tx, visit = current_tx(), visits.visit_of(current_tx(), visit_id)
    if visit.state != VisitState.COMPLETE:
        raise Conflict("Complete the visit first: the $25 is earned by a complete visit.", code="visit-open")
    wishes.ask_wanted(tx, payee_id=participants.payee_of(tx, visit.participant_id), why=_why())
    flash(gettext("Finance has been asked. The clinic will hear of it."), "success")
    return redirect(url_for("payments.for_visit", visit_id=visit.id), 303)


def choose_delivery(visit_id: UUID) -> AnyResponse:
    """The participant wishes a link at the desk, an e-mail or a text message."""
    tx, visit = current_tx(), visits.visit_of(current_tx(), visit_id)
    values, wrong = read_form(_delivery_form)
    if wrong:
        raise Invalid("Choose how the $25 is to reach the participant.", code="delivery")
    deliveries.choose(tx, participants.payee_of(tx, visit.participant_id), values["delivery"])
    flash(gettext("It is noted how the $25 is to reach the participant."), "success")
    return redirect(url_for("payments.for_visit", visit_id=visit.id), 303)


def _why() -> str:
    values, wrong = read_form(_why_form)
    if wrong:
        raise Invalid("Choose why from the list.", code="unknown-reason")
    return str(values["why"])


def link(visit_id: UUID) -> str:
    """The link itself, on a page of its own; each look at it is recorded first."""
    return render_template("payments/link.html", **_opened(visit_id))


def paper(visit_id: UUID) -> str:
    """A sheet in both languages to take home."""
    return render_template("payments/paper.html", **_opened(visit_id))


def _opened(visit_id: UUID) -> dict[str, Any]:
    tx = current_tx()
    visit = visits.visit_of(tx, visit_id)
    payment = _payment_of(visit)
    link = links.open_link(tx, payment.last.id) if payment.last and payment.has_link else None
    if link is None:
        raise Conflict("The $25 is not ready yet. Go back and wait until the page says that it is.", code="no-link-yet")
    note_look("participant", visit.participant_id, Purpose.PAYMENT)
    participant = participants.participant_of(tx, visit.participant_id)
    return {"visit": visit, "participant": participant, "payment": payment, "step": "finish",
            "link": link, "square": square_of(link)}  # fmt: skip


ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("/visits/<uuid:visit_id>/payment", "GET", for_visit),
    ("/visits/<uuid:visit_id>/payment/decline", "POST", decline),
    ("/visits/<uuid:visit_id>/payment/wanted", "POST", wanted),
    ("/visits/<uuid:visit_id>/payment/delivery", "POST", choose_delivery),
    ("/visits/<uuid:visit_id>/payment/link", "GET", link),
    ("/visits/<uuid:visit_id>/your-25", "GET", paper),
)
