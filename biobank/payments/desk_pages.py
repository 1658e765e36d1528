"""The participant's $25 as the clinic's desk sees it: how far it is, the link to hand over, the paper to take home."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, make_response, render_template, request, url_for

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Conflict
from biobank.participants import actions as participants
from biobank.payments import actions, links
from biobank.payments.models import Disbursement, Entitlement, State
from biobank.visits import actions as visits
from biobank.visits.models import Visit
from biobank.web import problems
from biobank.web.transaction import current_tx

# The desk waits for these to pass by themselves.
_MOVING = frozenset({State.QUEUED, State.SENDING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class _Payment:
    """What a participant's payment looks like from the desk."""

    entitlement: Entitlement | None
    last: Disbursement | None
    has_link: bool

    @property
    def state(self) -> str:
        if self.entitlement is None:
            return "none"
        return str(self.last.state) if self.last else "declined"

    @property
    def is_moving(self) -> bool:
        """Whether it is worth looking again soon."""
        waits = self.last is not None and self.last.state in _MOVING
        return waits or (self.state == State.SENT and not self.has_link)

    @property
    def mark(self) -> str:
        """Changes whenever the desk would see something else."""
        return f"{self.state}-{int(self.has_link)}"


def _payment_of(visit: Visit) -> _Payment:
    tx = current_tx()
    payee_id = participants.payee_of(tx, visit.participant_id)
    entitlement = tx.session.scalar(sa.select(Entitlement).filter_by(payee_id=payee_id, scheme_code=actions.SCHEME))
    if entitlement is None:
        return _Payment(None, None, has_link=False)
    ordered = sa.select(Disbursement).filter_by(entitlement_id=entitlement.id).order_by(Disbursement.seq.desc())
    last = tx.session.scalar(ordered.limit(1))
    return _Payment(entitlement, last, has_link=last is not None and links.is_kept(tx, last.id))


def for_visit(visit_id: UUID) -> str | Response:
    """How far the participant's $25 is, asked again and again while it moves."""
    visit = visits.visit_of(current_tx(), visit_id)
    payment = _payment_of(visit)
    again = url_for("payments.for_visit", visit_id=visit.id, background=1, seen=payment.mark)
    if not problems.wants_fragment():
        participant = participants.participant_of(current_tx(), visit.participant_id)
        return render_template("payments/for_visit.html", visit=visit, participant=participant, payment=payment,
                               again=again, step="finish")  # fmt: skip
    if request.args.get("seen") == payment.mark:
        return make_response("", 204)
    return render_template("payments/_for_visit.html", visit=visit, payment=payment, again=again)


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
    if payment.last is None or not payment.has_link:
        raise Conflict("The $25 is not ready yet. Go back and wait until the page says that it is.", code="no-link-yet")
    note_look("participant", visit.participant_id, Purpose.PAYMENT)
    participant = participants.participant_of(tx, visit.participant_id)
    return {"visit": visit, "participant": participant, "payment": payment, "step": "finish",
            "link": links.open_link(tx, payment.last.id)}  # fmt: skip


ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("/visits/<uuid:visit_id>/payment", "GET", for_visit),
    ("/visits/<uuid:visit_id>/payment/link", "GET", link),
    ("/visits/<uuid:visit_id>/your-25", "GET", paper),
)
