"""Measurements over JSON."""

import json
from typing import Any
from uuid import UUID

from flask import Response, current_app, request, url_for
from flask_babel import get_locale
from flask_smorest import exceptions

from biobank.access.guard import note_look
from biobank.access.models import Purpose, Site
from biobank.errors import Conflict
from biobank.measurements import actions, fhir, history, importing, tables
from biobank.measurements.edits import changes_of
from biobank.measurements.finishing import reasons
from biobank.measurements.models import MeasurementImport, MeasurementRecord
from biobank.measurements.protocol import load
from biobank.measurements.schemas import (
    AlertActionSchema,
    CancelMeasurementsSchema,
    FinishMeasurementsSchema,
    HistoryReasonSchema,
    ImportQuerySchema,
    MeasurementChangeSchema,
    MeasurementImportSchema,
    MeasurementsSchema,
    StoredEntrySchema,
    UseReadingSchema,
    WholeEntrySchema,
)
from biobank.measurements.sheet import Sheet
from biobank.measurements.signing import signature_of
from biobank.measurements.storing import changed_since
from biobank.measurements.whole import entry_changes
from biobank.participants.actions import participant_of
from biobank.visits.actions import visit_of
from biobank.web.api import PREFIX, Blueprint, PageQuery, keyset_page
from biobank.web.transaction import current_tx

blueprint = Blueprint("measurements_api", __name__, url_prefix=PREFIX, description="A visit's measurements")
ADDRESS = "/visits/<uuid:visit_id>/measurements"


class StaleTag(Conflict):
    """If-Match names a version that is no longer the newest (RFC 9110, 13.1.1)."""

    status = 412


def document(sheet: Sheet) -> dict[str, Any]:
    """The record as it crosses the wire."""
    record, locale = sheet.record, str(get_locale())
    return {
        "visit_id": record.visit_id, "participant_id": record.participant_id, "protocol": record.protocol_id,
        "state": state_of(sheet), "version": record.version, "opened_at": record.opened_at,
        "finalised_at": record.finalised_at, "finalised_by": record.finalised_by,
        "signature": signature_of(current_tx(), sheet),
        "entry": sheet.entry, "assessment": sheet.assessment.as_json(locale),
        "unfinished": [] if sheet.is_final else reasons(sheet, locale),
        "to_confirm": [entry.ref for entry in sheet.unchecked],
        "versions": sheet.versions, "events": sheet.events,
        "entries": sheet.entries, "readings": sheet.readings, "alerts": sheet.alerts,
    }  # fmt: skip


def state_of(sheet: Sheet) -> str:
    """The record's state, cancelled and amending among them."""
    if sheet.version is not None:
        return "final"
    if sheet.is_cancelled:
        return "cancelled"
    return "amending" if sheet.is_amending else str(sheet.record.state)


def _answer(sheet: Sheet) -> dict[str, Any]:
    blueprint.set_etag({"version": sheet.record.version})
    return document(sheet)


def _check_tag(sheet: Sheet) -> None:
    """Refuse an edit of any version but the newest, naming what was changed since the one that was read."""
    newest = sheet.record.version
    read = next((version for version in range(newest, -1, -1) if _is_tagged(version)), None)
    if read == newest:
        return
    since = newest if read is None else read
    refusal = changed_since(sheet, since, [entry for entry in sheet.entries if entry.seq > since])
    raise StaleTag(refusal.template, code=refusal.code, details=refusal.details, **refusal.words)


def _is_tagged(version: int) -> bool:
    try:
        blueprint.check_etag({"version": version})
    except exceptions.PreconditionFailed:
        return False
    return True


@blueprint.route(ADDRESS, methods=["GET"])
@blueprint.etag
@blueprint.response(200, MeasurementsSchema)
def show(visit_id: UUID) -> dict[str, Any]:
    """A visit's measurements, what the protocol says of them, and where each came from."""
    sheet = actions.sheet_of(current_tx(), visit_id)
    note_look("participant", sheet.record.participant_id, Purpose.VISIT)
    return _answer(sheet)


@blueprint.route(ADDRESS, methods=["PATCH"])
@blueprint.etag
@blueprint.arguments(MeasurementChangeSchema)
@blueprint.response(200, MeasurementsSchema)
def change(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    """Enter values, answers and modifications, all or none. 412 names what was changed since the version read."""
    sheet = actions.sheet_to_change(current_tx(), visit_id)
    _check_tag(sheet)
    fill_rest = given.pop("fill_rest")
    return _answer(actions.change(current_tx(), sheet, changes_of(sheet, **given), fill_rest=fill_rest))


@blueprint.route(ADDRESS, methods=["PUT"])
@blueprint.etag
@blueprint.arguments(WholeEntrySchema)
@blueprint.response(200, StoredEntrySchema)
def replace(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    """Store a whole entry as `biobank measurements check` reads it, all or none; what it leaves out is taken back."""
    sheet = actions.sheet_to_change(current_tx(), visit_id)
    _check_tag(sheet)
    stored = actions.change(current_tx(), sheet, entry_changes(sheet, given["entry"]))
    blueprint.set_etag({"version": stored.record.version})
    locale = str(get_locale())
    return {"version": stored.record.version, "state": state_of(stored), "unfinished": reasons(stored, locale),
            "assessment": stored.assessment.as_json(locale)}  # fmt: skip


@blueprint.route(f"{ADDRESS}/use", methods=["POST"])
@blueprint.arguments(UseReadingSchema)
@blueprint.response(200, MeasurementsSchema)
def use_reading(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    """Put a reading that was set aside into a place; what stood there stays in the record."""
    return document(actions.use_reading(current_tx(), visit_id, **given))


@blueprint.route(f"{ADDRESS}/alerts/<string:code>/acknowledge", methods=["POST"])
@blueprint.arguments(AlertActionSchema)
@blueprint.response(200, MeasurementsSchema)
def acknowledge(given: dict[str, str], visit_id: UUID, code: str) -> dict[str, Any]:
    """Record what was done about an alert."""
    return document(actions.acknowledge_alert(current_tx(), visit_id, code, given["action"]))


@blueprint.route(f"{ADDRESS}/finalise", methods=["POST"])
@blueprint.arguments(FinishMeasurementsSchema)
@blueprint.response(200, MeasurementsSchema)
def finalise(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    """Close the record. 409 says what is missing, wrong, not acted on or not compared with the display."""
    tx = current_tx()
    version = given["version"]
    if version is None:
        version = actions.sheet_of(tx, visit_id).record.version
    return document(actions.finalise(tx, visit_id, version))


@blueprint.route(f"{ADDRESS}/versions/<int:number>", methods=["GET"])
@blueprint.response(200, MeasurementsSchema)
def show_version(visit_id: UUID, number: int) -> dict[str, Any]:
    """One finished version as it was left."""
    sheet = history.version_of(current_tx(), visit_id, number)
    note_look("participant", sheet.record.participant_id, Purpose.VISIT)
    return document(sheet)


@blueprint.route(f"{ADDRESS}/amend", methods=["POST"])
@blueprint.arguments(HistoryReasonSchema)
@blueprint.response(200, MeasurementsSchema)
def amend(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    """Open a final record again for a new version; the former one stays readable."""
    return document(history.amend(current_tx(), visit_id, **given))


@blueprint.route(f"{ADDRESS}/drop", methods=["POST"])
@blueprint.arguments(HistoryReasonSchema)
@blueprint.response(200, MeasurementsSchema)
def drop(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    """Give up an open amendment; the former version stands as it was."""
    return document(history.drop(current_tx(), visit_id, **given))


@blueprint.route(f"{ADDRESS}/cancel", methods=["POST"])
@blueprint.arguments(CancelMeasurementsSchema)
@blueprint.response(200, MeasurementsSchema)
def cancel(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    """Take a final record out of use."""
    return document(history.cancel(current_tx(), visit_id, **given))


@blueprint.route(f"{ADDRESS}/restore", methods=["POST"])
@blueprint.arguments(HistoryReasonSchema)
@blueprint.response(200, MeasurementsSchema)
def restore(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    """Put a cancelled record into use again."""
    return document(history.restore(current_tx(), visit_id, **given))


@blueprint.route(f"{ADDRESS}/fhir", methods=["GET"])
@blueprint.response(200, content_type="application/fhir+json")
def show_fhir(visit_id: UUID) -> Response:
    """The final record as a FHIR R4 document Bundle, the participant by clinic code. 409 if it was cancelled."""
    tx = current_tx()
    sheet = history.final_version(tx, visit_id)
    note_look("participant", sheet.record.participant_id, Purpose.VISIT)
    site = tx.session.get_one(Site, visit_of(tx, visit_id).site_id)
    code = participant_of(tx, sheet.record.participant_id).clinic_code
    body = json.dumps(fhir.document(sheet, clinic_code=code, site_code=site.code), ensure_ascii=False)
    return current_app.response_class(body, mimetype="application/fhir+json")


@blueprint.route(f"{ADDRESS}/import", methods=["POST"])
@blueprint.arguments(ImportQuerySchema, location="query")
@blueprint.response(200, MeasurementImportSchema)
def import_document(given: dict[str, Any], visit_id: UUID) -> MeasurementImport:
    """Take a FHIR R4 document Bundle, the body, into a record without answers. 422 names everything it refuses."""
    return importing.import_document(current_tx(), visit_id, request.get_data(), subject=given["subject"])


@blueprint.route("/measurements.csv", methods=["GET"])
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, content_type="text/csv")
def show_table(page: dict[str, Any]) -> Response:
    """Final records as CSV by participant's code, newest first, one page at a time (`Link: rel=next`)."""
    tx = current_tx()
    query = history.finished_records(tx)
    rows, after = keyset_page(tx.session, query, key=MeasurementRecord.id, **page)
    finals = [history.final_of(tx, record) for record in rows]
    for final in finals:
        note_look("participant", final.sheet.record.participant_id, Purpose.AUDIT)
    response = current_app.response_class(tables.to_csv(load(), finals), mimetype="text/csv")
    if after is not None:
        target = url_for("measurements_api.show_table", after=after, limit=page["limit"])
        response.headers["Link"] = f'<{target}>; rel="next"'
    return response
