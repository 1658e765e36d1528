"""The administrator's page that takes a FHIR document into a visit, and its report."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask_babel import get_locale, gettext

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import NotFound, Refused
from biobank.measurements import importing
from biobank.measurements.models import MeasurementImport, MeasurementRecord
from biobank.measurements.typed import BadValue
from biobank.web import problems
from biobank.web.transaction import current_tx

ADDRESS = "/measurements/import"


def import_form() -> str:
    """The box for a document."""
    return _form()


def import_file() -> Any:
    """Take the uploaded document, or say all that is wrong with it."""
    given = request.files.get("file")
    data = given.read() if given else b""
    if not data:
        return _form(error=gettext("Choose the document first: a FHIR Bundle as JSON.")), 422
    tx = current_tx()
    try:
        visit_id = importing.visit_for(tx, data, request.form.get("participant", "").strip() or None)
        taken = importing.import_document(tx, visit_id, data, subject=request.form.get("subject"))
    except BadValue as refusal:
        tx.session.rollback()
        reasons = [finding.text.to(str(get_locale())) for finding in refusal.findings]
        return _form(reasons=reasons), 422
    except Refused as refusal:
        tx.session.rollback()
        return _form(refusal=problems.say(refusal)), refusal.status
    return redirect(url_for("measurements.imported", import_id=taken.id), 303)


def imported(import_id: UUID) -> str:
    """What was taken of a document, and what was not and why."""
    tx = current_tx()
    found = tx.session.get(MeasurementImport, import_id)
    if found is None:
        raise NotFound("There is no such import. Go back to Administration.")
    record = tx.session.get_one(MeasurementRecord, found.record_id)
    note_look("participant", record.participant_id, Purpose.AUDIT)
    return render_template("measurements/imported.html", it=found)


def _form(**context: Any) -> str:
    return render_template("measurements/import.html", given=request.form, **context)


ROUTES = (
    (ADDRESS, "GET", import_form),
    (ADDRESS, "POST", import_file),
    ("/measurements/imports/<uuid:import_id>", "GET", imported),
)
