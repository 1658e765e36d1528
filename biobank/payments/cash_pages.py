"""The site's cash and gift cards on its page, and the payment handed over at the desk: two people sign each."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Forbidden, Invalid, Refused
from biobank.participants import actions as participants
from biobank.payments import actions, card_stock, cash, floats, handover
from biobank.visits import actions as visits
from biobank.web import problems
from biobank.web.transaction import current_tx

AMOUNT = re.compile(r"\d{1,6}(\.\d{2})?", re.ASCII)


def _cents(text: str) -> int:
    plain = text.strip().removeprefix("$").replace(",", "")
    if not AMOUNT.fullmatch(plain):
        raise Invalid("Write the amount in dollars, such as 250.00.", code="amount")
    return int(Decimal(plain) * 100)


def _page(**context: Any) -> str:
    tx, site_id = current_tx(), current_tx().actor.site_id
    if site_id is None:
        raise Forbidden("Only somebody of a site can handle its cash and cards.", code="no-site")
    return render_template(
        "payments/site_cash.html", policy=actions.policy_today(), balance=floats.balance(tx, site_id),
        cards=card_stock.in_safe(tx, site_id), ready=handover.ready_at(tx, site_id), **context,
    )  # fmt: skip


def show() -> str:
    """What the site holds, what is kept ready, and every way to change it."""
    return _page()


def ask() -> Any:
    """Ask somebody else of the site to sign a movement or a count."""
    try:
        _ask(request.form.get("do", ""))
    except Refused as refusal:
        return _page(refusal=problems.say(refusal), values=request.form), refusal.status
    flash(gettext("Now somebody else of your site signs it, under Approvals."))
    return redirect(url_for("payments.site_cash"), 303)


def _ask(do: str) -> None:
    if do == "cards":
        serials = [line for line in request.form.get("serials", "").splitlines() if line.strip()]
        cash.ask_cards(current_tx(), request.form.get("brand", ""), serials)
    elif do == "count-cards":
        number = request.form.get("number", "").strip()
        cash.ask_card_count(current_tx(), int(number) if number.isascii() and number.isdigit() else -1)
    else:
        cash.ask_cash(current_tx(), do, _cents(request.form.get("amount", "")))


def _payee(visit_id: UUID) -> UUID:
    visit = visits.visit_of(current_tx(), visit_id)
    note_look("participant", visit.participant_id, Purpose.PAYMENT)
    return participants.payee_of(current_tx(), visit.participant_id)


def _back(visit_id: UUID) -> Response:
    return redirect(url_for("payments.for_visit", visit_id=visit_id), 303)


def give(visit_id: UUID) -> Response:
    """Keep the cash or the scanned card ready, and ask somebody to watch it handed over."""
    cash.ask_to_give(current_tx(), _payee(visit_id), request.form.get("serial", ""))
    flash(gettext("Hand it over while somebody else of your site watches; they sign it under Approvals."))
    return _back(visit_id)


def put_back(visit_id: UUID) -> Response:
    """Ask somebody to see that what was kept ready is in the safe again."""
    cash.ask_to_put_back(current_tx(), _payee(visit_id))
    flash(gettext("Now somebody else of your site looks into the safe and signs it, under Approvals."))
    return _back(visit_id)


def by_link(visit_id: UUID) -> Response:
    """Let the provider pay by link what would be paid at the desk."""
    handover.pay_by_link(current_tx(), _payee(visit_id))
    flash(gettext("It is paid by link."))
    return _back(visit_id)


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/site-cash", "GET", "site_cash", show),
    ("/site-cash", "POST", "ask_site_cash", ask),
    ("/visits/<uuid:visit_id>/payment/give", "POST", "give", give),
    ("/visits/<uuid:visit_id>/payment/put-back", "POST", "put_back", put_back),
    ("/visits/<uuid:visit_id>/payment/by-link", "POST", "by_link", by_link),
)
