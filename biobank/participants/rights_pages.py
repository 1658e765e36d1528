"""Pages for what a participant may ask: who looked, own data, a newer consent; and the report of a death."""

from typing import Any
from uuid import UUID

from flask import Response, flash, json, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Forbidden
from biobank.participants import actions, consenting, consents, leaving, rights
from biobank.participants.looking import seen
from biobank.participants.models import Participant
from biobank.participants.schemas import CodeForm, ConsentForm
from biobank.web.forms import read_form
from biobank.web.transaction import actor, current_tx

CONFIRM_DIGITS = 4


def _site_id() -> UUID:
    site_id = actor().site_id
    if site_id is None:
        raise Forbidden("Only staff of a site do this for a participant.")
    return site_id


def looks(participant_id: UUID) -> str:
    """Who looked at this record, in the participant's own language unless another is asked for."""
    participant = seen(participant_id)
    language = request.args.get("language", str(participant.language))
    with force_locale(language if language in ("en", "es") else "en"):
        rows = rights.looks_at(current_tx(), participant_id)
        return render_template("participants/who_looked.html", participant=participant, rows=rows, language=language)


def data(participant_id: UUID) -> Any:
    """The participant's own data: a page to print, or a file. By POST, because the handing over is recorded."""
    participant = seen(participant_id)
    note_look("identity", participant_id, Purpose.VISIT)
    found = rights.own_data(current_tx(), participant_id)
    if request.form.get("as") == "file":
        response = Response(json.dumps(found, indent=2, ensure_ascii=False), mimetype="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{participant.clinic_code}.json"'
        return response
    with force_locale(str(participant.language)):
        return render_template("participants/own_data.html", participant=participant, data=found)


def _consent_page(participant: Participant, **context: Any) -> str:
    filled: dict[str, Any] = {"errors": {}, "values": {}} | context
    acts = consenting.acts_of(current_tx(), participant.id)
    return render_template("participants/consent.html", participant=participant, acts=acts,
                           versions=reversed(consents.versions()), **filled)  # fmt: skip


def consent_form(participant_id: UUID) -> str:
    return _consent_page(seen(participant_id))


def consent(participant_id: UUID) -> Any:
    """Record a newly signed form, or that the consent was taken back."""
    tx = current_tx()
    participant = actions.require_active(tx, participant_id)
    if request.form.get("act") == "withdrawn":
        consenting.take_back(tx, participant)
        flash(gettext("The consent is taken back. A visit needs a newly signed form."))
    else:
        values, errors = read_form(ConsentForm())
        if errors:
            return _consent_page(participant, errors=errors, values=request.form), 422
        consenting.give(tx, participant, site_id=_site_id(), version=values["version"], on=values["on"])
        flash(gettext("The signed consent is recorded."))
    return redirect(url_for("participants.show", participant_id=participant_id), 303)


def death(participant_id: UUID) -> Any:
    """Report a death; a colleague must approve it."""
    tx = current_tx()
    participant = actions.participant_of(tx, participant_id)
    values, errors = read_form(CodeForm())
    if errors or values["confirm"] != participant.clinic_code[-CONFIRM_DIGITS:]:
        flash(gettext("Nothing was reported: the four digits were not the last ones of the code."), "error")
    else:
        leaving.report_death(tx, participant_id)
        flash(gettext("Reported. A colleague of your site must approve it before anything changes."))
    return redirect(url_for("participants.show", participant_id=participant_id), 303)


def privacy() -> str:
    """What the programme promises a participant, in their words; both languages."""
    return render_template("participants/privacy.html")


ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("/participants/<uuid:participant_id>/looks", "GET", looks),
    ("/participants/<uuid:participant_id>/data", "POST", data),
    ("/participants/<uuid:participant_id>/consent", "GET", consent_form),
    ("/participants/<uuid:participant_id>/consent", "POST", consent),
    ("/participants/<uuid:participant_id>/death", "POST", death),
    ("/privacy", "GET", privacy),
)
