"""Pages for likely duplicates: the list, two registrations side by side, merge, and taking apart."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Refused
from biobank.participants import actions, doubles
from biobank.participants.schemas import ReasonForm, VerdictForm
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

CONFIRM_DIGITS = 4


def duplicates() -> str:
    """Pairs that look like one person: codes and kinds of detail, no names."""
    return render_template("participants/duplicates.html", pairs=doubles.to_review(current_tx()))


def _compare_page(first: UUID, second: UUID, **context: Any) -> str:
    for one in (first, second):
        note_look("identity", one, Purpose.VISIT)
    tx = current_tx()
    rows = [actions.participant_of(tx, one) for one in (first, second)]
    people = doubles.persons_of(tx, first, second)
    filled: dict[str, Any] = {"errors": {}, "values": {}} | context
    return render_template("participants/compare.html", sides=list(zip(rows, people, strict=True)), **filled)


def compare(first: UUID, second: UUID) -> str:
    """Both side by side; each look is recorded."""
    return _compare_page(first, second)


def decide(first: UUID, second: UUID) -> Any:
    """Two people, or one: then the registration that stays, confirmed by typing the end of the other's code."""
    values, errors = read_form(VerdictForm())
    if errors:
        return _compare_page(first, second, errors=errors, values=request.form), 422
    tx = current_tx()
    if values["verdict"] == "distinct":
        doubles.tell_apart(tx, first, second, values["reason"])
        flash(gettext("Noted: two different people. This pair is not asked about again."))
        return redirect(url_for("participants.duplicates"), 303)
    kept, merged = (first, second) if values["verdict"] == "first" else (second, first)
    if (values["confirm"] or "") != actions.participant_of(tx, merged).clinic_code[-CONFIRM_DIGITS:]:
        words = gettext("Type the last four digits of the code that is given up.")
        return _compare_page(first, second, errors={"confirm": words}, values=request.form), 422
    try:
        done = doubles.merge(tx, kept_id=kept, merged_id=merged, reason=values["reason"])
    except Refused as refusal:
        return _compare_page(first, second, refusal=problems.say(refusal), values=request.form), refusal.status
    flash(gettext("Merged. Both codes lead to this participant from now on."))
    if done.paid_twice:
        flash(gettext("Both registrations were paid already. Tell finance: one payment too many was made."), "warning")
    return redirect(url_for("participants.show", participant_id=kept), 303)


def separate(participant_id: UUID) -> Any:
    """Take a merged registration apart again."""
    values, errors = read_form(ReasonForm())
    if errors:
        flash(gettext("Nothing was changed: say why they are two people."), "error")
    else:
        doubles.separate(current_tx(), participant_id, values["reason"])
        flash(gettext("Two registrations again. A revoked payment does not come back by itself: tell finance."))
    return redirect(url_for("participants.show", participant_id=participant_id), 303)


ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("/duplicates", "GET", duplicates),
    ("/duplicates/<uuid:first>/<uuid:second>", "GET", compare),
    ("/duplicates/<uuid:first>/<uuid:second>", "POST", decide),
    ("/participants/<uuid:participant_id>/separate", "POST", separate),
)
