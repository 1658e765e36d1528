"""Enrolling, finding, changing and withdrawing participants on the page."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext

from biobank.access.actions import record_look
from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Forbidden, Refused
from biobank.participants import actions, consents, doubles_pages, rights_pages
from biobank.participants.eligibility import EligibilityAnswers
from biobank.participants.models import Participant
from biobank.participants.schemas import AnswersSchema, ChangeSchema, EnrolForm, SearchForm, WithdrawForm
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import actor, current_tx, databases

blueprint = Blueprint("participants", __name__)
ANSWERS = tuple(AnswersSchema().fields)
CONFIRM_DIGITS = 4


def say(refusal: Refused) -> str:
    """A refusal in the reader's language; conditions of taking part bring their own words."""
    if isinstance(refusal, actions.NotEligible):
        return " ".join(item.to(str(get_locale())) for item in refusal.refusals)
    return problems.say(refusal)


def _enrol_page(**context: Any) -> str:
    filled: dict[str, Any] = {"values": request.form, "errors": {}, "is_duplicate": False, "likely": []} | context
    return render_template(
        "participants/enrol.html", consents=[(name, name) for name in reversed(consents.known())], **filled
    )


@blueprint.get("/participants/enrol")
def enrol_form() -> str:
    return _enrol_page()


@blueprint.post("/participants/enrol")
def enrol() -> Any:
    values, errors = read_form(EnrolForm())
    if errors:
        return _enrol_page(errors=errors, is_duplicate="distinct_reason" in request.form), 422
    try:
        participant = _enrol(values)
    except Refused as refusal:
        is_duplicate = isinstance(refusal, actions.LikelyDuplicate)
        return _enrol_page(refusal=say(refusal), is_duplicate=is_duplicate, likely=_likely(refusal)), refusal.status
    flash(gettext("Enrolled. Check in now, or book a visit."))
    return redirect(url_for("participants.show", participant_id=participant.id), 303)


def _likely(refusal: Refused) -> list[Participant]:
    """Whom the details fit, by code; each look is kept, though the enrolment is not."""
    ids = [UUID(one) for one in refusal.details.get("participants", ())]
    # The refused transaction still holds what the looks must write to.
    current_tx().close()
    with databases().transaction(actor()) as tx:
        for one in ids:
            record_look(tx, subject_kind="participant", subject_id=one, purpose=Purpose.VISIT,
                        route=str(request.url_rule), request_id=None)  # fmt: skip
        return [actions.participant_of(tx, one) for one in ids]


def _enrol(values: dict[str, Any]) -> Participant:
    site_id = actor().site_id
    if site_id is None:
        raise Forbidden("Only staff of a site enrol participants.")
    answers = EligibilityAnswers(**{name: values.pop(name) for name in ANSWERS})
    is_distinct, reason = values.pop("distinct"), values.pop("distinct_reason")
    distinct = reason if is_distinct else None
    return actions.enrol(current_tx(), answers=answers, distinct=distinct, site_id=site_id, **values)


@blueprint.get("/participants/search")
def search_form() -> str:
    return render_template("participants/search.html", values={}, errors={}, found=None)


@blueprint.post("/participants/search")
def search() -> Any:
    """Codes of those who fit; the name and birth date came by POST and stand in no address."""
    values, errors = read_form(SearchForm())
    if errors:
        return render_template("participants/search.html", values=request.form, errors=errors, found=None), 422
    found = actions.search(current_tx(), **values)
    for participant in found:
        note_look("participant", participant.id, Purpose.VISIT)
    return render_template("participants/search.html", values={}, errors={}, found=found)


def _show_page(participant: Participant, **context: Any) -> str:
    kept_id = actions.survivor_of(current_tx(), participant.id)
    kept = actions.participant_of(current_tx(), kept_id) if kept_id != participant.id else None
    filled: dict[str, Any] = {"errors": {}, "reason": "not-said", "kept": kept} | context
    return render_template("participants/show.html", participant=participant, **filled)


@blueprint.get("/participants/<uuid:participant_id>")
def show(participant_id: UUID) -> str:
    participant = actions.participant_of(current_tx(), participant_id)
    note_look("participant", participant_id, Purpose.VISIT)
    return _show_page(participant)


@blueprint.post("/participants/<uuid:participant_id>/withdraw")
def withdraw(participant_id: UUID) -> Any:
    tx = current_tx()
    participant = actions.participant_of(tx, participant_id)
    values, errors = read_form(WithdrawForm())
    if not errors and values["confirm"] != participant.clinic_code[-CONFIRM_DIGITS:]:
        errors = {"confirm": gettext("These are not the last four digits of the code. Read them from the card.")}
    if errors:
        return _show_page(participant, errors=errors, reason=request.form.get("reason")), 422
    actions.withdraw(tx, participant_id, values["reason"])
    flash(gettext("Withdrawn. Nothing more will be recorded, and every tube is held."))
    return redirect(url_for("participants.show", participant_id=participant_id), 303)


def _change_page(participant: Participant, **context: Any) -> str:
    filled: dict[str, Any] = {"errors": {}, "values": {"language": participant.language}} | context
    return render_template("participants/change.html", participant=participant, **filled)


@blueprint.get("/participants/<uuid:participant_id>/change")
def change_form(participant_id: UUID) -> str:
    participant = actions.participant_of(current_tx(), participant_id)
    note_look("participant", participant_id, Purpose.VISIT)
    return _change_page(participant)


@blueprint.post("/participants/<uuid:participant_id>/change")
def change(participant_id: UUID) -> Any:
    tx = current_tx()
    participant = actions.participant_of(tx, participant_id)
    values, errors = read_form(ChangeSchema())
    if errors:
        return _change_page(participant, errors=errors, values=request.form), 422
    try:
        version = request.form.get("version", -1, type=int)
        actions.change(tx, participant_id, version=version, values=values)
    except Refused as refusal:
        return _change_page(participant, refusal=say(refusal), values=request.form), refusal.status
    flash(gettext("Changed."))
    return redirect(url_for("participants.show", participant_id=participant_id), 303)


for address, method, view in (*rights_pages.ROUTES, *doubles_pages.ROUTES):
    blueprint.add_url_rule(address, view_func=view, methods=[method])
