"""Today's list, booking, a visit with its steps, and its finish."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank import clock
from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Refused
from biobank.participants import actions as participants
from biobank.visits import actions, arrivals, cards, day
from biobank.visits.arrivals import site_id
from biobank.visits.models import Visit
from biobank.visits.schemas import BookForm, CancelForm
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.languages import zone
from biobank.web.transaction import current_tx

blueprint = Blueprint("visits", __name__)
CHECK_IN = "/participants/<uuid:participant_id>/check-in"
blueprint.add_url_rule(CHECK_IN, view_func=arrivals.check_in_form)
blueprint.add_url_rule(CHECK_IN, view_func=arrivals.check_in, methods=["POST"])


@blueprint.app_template_global("visits_of")
def visits_of(participant_id: UUID) -> Sequence[Visit]:
    """A participant's visits, for the participant's own page, which does not know of visits."""
    return day.visits_of(current_tx(), participant_id)


def _today_page(**context: Any) -> str:
    lists = day.day_of(current_tx(), site_id(), zone())
    return render_template("visits/today.html", day=lists, date=clock.today(zone()), **context)


@blueprint.get("/today")
def today() -> str:
    return _today_page()


@blueprint.post("/today/scan")
def scan() -> Any:
    """Open what a participant's card stands for: the open visit, the check-in, or the page that says why not."""
    tx = current_tx()
    try:
        participant = participants.by_clinic_code(tx, request.form.get("code", ""))
    except Refused as refusal:
        return _today_page(refusal=problems.say(refusal)), refusal.status
    visit = actions.open_visit_of(tx, participant.id)
    if visit and visit.site_id == site_id():
        return redirect(url_for("visits.show", visit_id=visit.id), 303)
    if visit or participant.status != "active":
        return redirect(url_for("participants.show", participant_id=participant.id), 303)
    return redirect(url_for("visits.check_in_form", participant_id=participant.id), 303)


def _book_page(participant_id: UUID, **context: Any) -> str:
    participant = participants.participant_of(current_tx(), participant_id)
    filled: dict[str, Any] = {"values": {"day": clock.today(zone())}, "errors": {}} | context
    return render_template("visits/book.html", participant=participant, zone=zone(), **filled)


@blueprint.get("/participants/<uuid:participant_id>/book")
def book_form(participant_id: UUID) -> str:
    page = _book_page(participant_id)
    note_look("participant", participant_id, Purpose.VISIT)
    return page


@blueprint.post("/participants/<uuid:participant_id>/book")
def book(participant_id: UUID) -> Any:
    values, errors = read_form(BookForm())
    if errors:
        return _book_page(participant_id, values=request.form, errors=errors), 422
    try:
        actions.book(current_tx(), participant_id, site_id(), day.to_utc(values["local"], zone()))
    except Refused as refusal:
        return _book_page(participant_id, values=request.form, refusal=problems.say(refusal)), refusal.status
    flash(gettext("Booked. The visit will stand in the list of that day."))
    return redirect(url_for("participants.show", participant_id=participant_id), 303)


def _visit_page(template: str, visit: Visit, **context: Any) -> str:
    participant = participants.participant_of(current_tx(), visit.participant_id)
    return render_template(template, visit=visit, participant=participant, errors={},
                           still=actions.still_to_do(visit), **context)  # fmt: skip


def _seen(visit_id: UUID) -> Visit:
    visit = actions.visit_of(current_tx(), visit_id)
    note_look("participant", visit.participant_id, Purpose.VISIT)
    return visit


@blueprint.get("/visits/<uuid:visit_id>")
def show(visit_id: UUID) -> str:
    visit = _seen(visit_id)
    return _visit_page("visits/show.html", visit, step=None, card=cards.card_of(current_tx(), visit))


@blueprint.post("/visits/<uuid:visit_id>/card")
def print_card(visit_id: UUID) -> Response:
    """Print the participant's card at the visit's station."""
    cards.print_card(current_tx(), visit_id)
    flash(gettext("The card is on its way to the printer."))
    return redirect(url_for("visits.show", visit_id=visit_id), 303)


def _finish_page(visit: Visit, **context: Any) -> str:
    has_payment = visit.state == "complete" and "payments.for_visit" in current_app.view_functions
    payment_url = url_for("payments.for_visit", visit_id=visit.id) if has_payment else None
    return _visit_page("visits/finish.html", visit, step="finish", payment_url=payment_url, **context)


@blueprint.get("/visits/<uuid:visit_id>/finish")
def finish(visit_id: UUID) -> str:
    return _finish_page(_seen(visit_id))


@blueprint.post("/visits/<uuid:visit_id>/complete")
def complete(visit_id: UUID) -> Any:
    tx = current_tx()
    try:
        actions.complete_visit(tx, visit_id)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return _finish_page(actions.visit_of(tx, visit_id), refusal=problems.say(refusal)), refusal.status
    return redirect(url_for("visits.finish", visit_id=visit_id), 303)


@blueprint.post("/visits/<uuid:visit_id>/cancel")
def cancel(visit_id: UUID) -> Response:
    values, errors = read_form(CancelForm())
    actions.cancel_visit(current_tx(), visit_id, "" if errors else values["reason"])
    flash(gettext("The visit is cancelled. What was recorded in it stays."))
    return redirect(url_for("visits.today"), 303)
