"""Cases, loggers and photographs over JSON."""

import base64
from typing import Any
from uuid import UUID

from flask import Response, current_app

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Invalid
from biobank.specimens import actions, case_lists, case_schemas, cases, corrections, photos
from biobank.specimens.case_models import Case
from biobank.specimens.case_schemas import CorrectionSchema, ScansSchema
from biobank.specimens.interface import blueprint
from biobank.specimens.models import CustodyEvent, Photo, ReceiptScan, TemperatureLog
from biobank.specimens.receiving import incoming
from biobank.specimens.schemas import EventSchema, ReceiptScanSchema
from biobank.web.api import with_next
from biobank.web.transaction import current_tx


@blueprint.route("/cases", methods=["GET"])
@blueprint.arguments(case_schemas.CaseQuery, location="query")
@blueprint.response(200, case_schemas.CaseSchema(many=True))
def list_cases(given: dict[str, Any]) -> Response:
    """Cases of everybody, or of one's own site."""
    limit = given["limit"]
    found = case_lists.rows(current_tx(), given["show"], site_id=given["site"], after=given["after"], limit=limit)
    last = found[-1].case.id if len(found) == limit else None
    return with_next([row.case for row in found], last, case_schemas.CaseSchema().dump)


@blueprint.route("/cases/<uuid:case_id>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, case_schemas.CaseFileSchema)
def show_case(case_id: UUID) -> dict[str, Any]:
    """A case with its history."""
    found = cases.find_case(current_tx(), case_id)
    blueprint.set_etag({"version": found.version})
    return {"case": found, "history": cases.history(current_tx(), case_id)}


@blueprint.route("/cases/<uuid:case_id>/take", methods=["POST"])
@blueprint.response(200, case_schemas.CaseSchema)
def take_case(case_id: UUID) -> Case:
    """See to a case from now on."""
    return cases.take(current_tx(), case_id)


@blueprint.route("/cases/<uuid:case_id>/notes", methods=["POST"])
@blueprint.arguments(case_schemas.NoteSchema)
@blueprint.response(200, case_schemas.CaseSchema)
def note_case(given: dict[str, Any], case_id: UUID) -> Case:
    """Write something down about a case."""
    return cases.note(current_tx(), case_id, given["note"])


@blueprint.route("/cases/<uuid:case_id>/report", methods=["POST"])
@blueprint.response(200, case_schemas.CaseSchema)
def report_case(case_id: UUID) -> Case:
    """Put a case into its sender's report."""
    return cases.report(current_tx(), case_id)


@blueprint.route("/cases/<uuid:case_id>/close", methods=["POST"])
@blueprint.arguments(case_schemas.CloseCaseSchema)
@blueprint.response(200, case_schemas.CaseSchema)
def close_case(given: dict[str, Any], case_id: UUID) -> Case:
    """Close a case with what it came to."""
    return cases.close(current_tx(), case_id, given["resolution"], given["note"])


@blueprint.route("/cases/<uuid:case_id>/reopen", methods=["POST"])
@blueprint.arguments(case_schemas.NoteSchema)
@blueprint.response(200, case_schemas.CaseSchema)
def reopen_case(given: dict[str, Any], case_id: UUID) -> Case:
    """Open a closed case again."""
    return cases.reopen(current_tx(), case_id, given["note"])


@blueprint.route("/cases/<uuid:case_id>/ask-release", methods=["POST"])
@blueprint.arguments(case_schemas.NoteSchema)
@blueprint.response(200, case_schemas.CaseSchema)
def ask_release(given: dict[str, Any], case_id: UUID) -> Case:
    """Sign for the release of a parcel that was not kept cold; a second person must approve it."""
    actions.ask_release(current_tx(), case_id, given["note"])
    return cases.find_case(current_tx(), case_id)


@blueprint.route("/shipments/<uuid:shipment_id>/loggers", methods=["POST"])
@blueprint.arguments(case_schemas.LoggerSchema)
@blueprint.response(201, case_schemas.TemperatureLogSchema)
def import_logger(given: dict[str, Any], shipment_id: UUID) -> TemperatureLog:
    """Read a logger's CSV into the parcel it travelled in; refused whole where a line cannot be read."""
    return actions.import_logger(current_tx(), shipment_id, given["content"].encode())


@blueprint.route("/photos", methods=["POST"])
@blueprint.arguments(case_schemas.PhotoQuery)
@blueprint.response(201, case_schemas.PhotoSchema)
def add_photo(given: dict[str, Any]) -> Photo:
    """Keep a photograph of a tube, a thing found or a shipment."""
    try:
        content = base64.b64decode(given.pop("content"), validate=True)
    # Letters outside ASCII are no base64 either, but another error.
    except ValueError:
        raise Invalid("The picture is not base64. Encode its bytes and send it again.", code="not-base64") from None
    return actions.add_photo(current_tx(), content, **given)


@blueprint.route("/photos/<uuid:photo_id>", methods=["GET"])
def show_photo(photo_id: UUID) -> Response:
    """The picture itself, a JPEG."""
    content = photos.picture_of(current_tx(), photo_id)
    note_look("photo", photo_id, Purpose.CUSTODY)
    return current_app.response_class(content, mimetype="image/jpeg")


@blueprint.route("/tubes/<uuid:tube_id>/corrections", methods=["POST"])
@blueprint.arguments(CorrectionSchema)
@blueprint.response(201, EventSchema)
def declare_error(given: dict[str, Any], tube_id: UUID) -> CustodyEvent:
    """Declare an error on an event of a tube: it did not happen, or at another time. Nothing is overwritten."""
    return corrections.declare(current_tx(), tube_id, given.pop("event_id"), given.pop("correction"), **given)


@blueprint.route("/receipts/batches", methods=["POST"])
@blueprint.arguments(ScansSchema)
@blueprint.response(200, ReceiptScanSchema(many=True))
def receive_scans(given: dict[str, Any]) -> list[ReceiptScan]:
    """Take many scans in their order, each with its own outcome; all of them are kept, or none."""
    return actions.receive_scans(current_tx(), [incoming(scan) for scan in given["scans"]])
