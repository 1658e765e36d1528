"""The check-in page: who is it, may they take part today, where do they sit."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Forbidden, Refused
from biobank.participants import actions as participants
from biobank.participants.eligibility import EligibilityAnswers
from biobank.participants.pages import ANSWERS, say
from biobank.stations.desk import stations_of
from biobank.visits import actions, day
from biobank.visits.schemas import CheckInForm
from biobank.web.forms import read_form
from biobank.web.languages import zone
from biobank.web.transaction import actor, current_tx


def site_id() -> UUID:
    """The signed-in person's site."""
    found = actor().site_id
    if found is None:
        raise Forbidden("Only staff of a site see visits.")
    return found


def _page(participant_id: UUID, **context: Any) -> str:
    tx = current_tx()
    participant = participants.participant_of(tx, participant_id)
    filled: dict[str, Any] = {
        "values": {}, "facts": [], "errors": {}, "person": None, "visit_id": request.values.get("visit_id", type=UUID),
    } | context  # fmt: skip
    if filled["visit_id"] is None:
        expected = day.appointment_today(tx, participant_id, site_id(), zone())
        filled["visit_id"] = expected.id if expected else None
    stations = [(station.id, station.name) for station in stations_of(tx, site_id()) if station.active]
    return render_template("visits/check_in.html", participant=participant, stations=stations, **filled)


def check_in_form(participant_id: UUID) -> str | Response:
    """The form; with `reveal=yes` also name, birth date and address, once the look is on record."""
    tx = current_tx()
    if participants.participant_of(tx, participant_id).status != "active":
        return redirect(url_for("participants.show", participant_id=participant_id), 303)
    note_look("participant", participant_id, Purpose.VISIT)
    if request.args.get("reveal") != "yes":
        return _page(participant_id)
    note_look("identity", participant_id, Purpose.VISIT)
    return _page(participant_id, person=participants.person_of(tx, participant_id))


def check_in(participant_id: UUID) -> Any:
    """Check in. A refused form comes back with its answers; the name does not."""
    values, errors = read_form(CheckInForm())
    facts = request.form.getlist("identity")
    if errors:
        return _page(participant_id, values=request.form, facts=facts, errors=errors), 422
    answers = EligibilityAnswers(**{name: values.pop(name) for name in ANSWERS})
    try:
        visit = actions.check_in(current_tx(), participant_id=participant_id, answers=answers, **values)
    except Refused as refusal:
        return _page(participant_id, values=request.form, facts=facts, refusal=say(refusal)), refusal.status
    flash(gettext("Checked in."))
    return redirect(url_for("visits.show", visit_id=visit.id), 303)
