"""Labels over JSON: what waits and came out, batches, reprints, and a person's answer to "did it come out?"."""

from typing import Any
from uuid import UUID

from flask import Response

from biobank.stations import actions
from biobank.stations import print_schemas as schemas
from biobank.stations.print_models import PrintBatch, PrintJob
from biobank.stations.signpost import blueprint
from biobank.web.api import PageQuery, keyset_page, with_next
from biobank.web.transaction import current_tx

_JOB = schemas.PrintJobSchema()


@blueprint.route("/stations/<uuid:station_id>/print-jobs", methods=["GET"])
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, schemas.PrintJobSchema(many=True))
def list_print_jobs(given: dict[str, Any], station_id: UUID) -> Response:
    """The labels of a station, newest first."""
    tx = current_tx()
    actions.require_station(tx, station_id)
    query = actions.jobs_at(station_id)
    found, after = keyset_page(tx.session, query, key=PrintJob.id, **given)
    return with_next(found, after, _JOB.dump)


@blueprint.route("/print-batches/<uuid:batch_id>", methods=["GET"])
@blueprint.response(200, schemas.ProgressSchema)
def show_batch(batch_id: UUID) -> actions.Progress:
    """How far a batch is."""
    return actions.progress_of(current_tx(), batch_id)


@blueprint.route("/print-batches/<uuid:batch_id>/pause", methods=["POST"])
@blueprint.response(200, schemas.BatchSchema)
def pause_batch(batch_id: UUID) -> PrintBatch:
    """Hold back what the station has not fetched yet."""
    return actions.pause_batch(current_tx(), batch_id)


@blueprint.route("/print-batches/<uuid:batch_id>/resume", methods=["POST"])
@blueprint.response(200, schemas.BatchSchema)
def resume_batch(batch_id: UUID) -> PrintBatch:
    """Let a batch go on."""
    return actions.resume_batch(current_tx(), batch_id)


@blueprint.route("/print-batches/<uuid:batch_id>/cancel", methods=["POST"])
@blueprint.response(200, schemas.BatchSchema)
def cancel_batch(batch_id: UUID) -> PrintBatch:
    """Give up the labels that wait; what is at the printer or came out stays."""
    return actions.cancel_batch(current_tx(), batch_id)


@blueprint.route("/print-jobs/<uuid:job_id>/again", methods=["POST"])
@blueprint.arguments(schemas.PrintAgainSchema)
@blueprint.response(201, schemas.PrintJobSchema)
def print_again(given: dict[str, Any], job_id: UUID) -> PrintJob:
    """One more copy; the ones before it become void and must be destroyed."""
    return actions.print_again(current_tx(), job_id, given["reason"])


@blueprint.route("/print-jobs/<uuid:job_id>/answer", methods=["POST"])
@blueprint.arguments(schemas.CameOutSchema)
@blueprint.response(200, schemas.PrintJobSchema)
def answer_print_job(given: dict[str, Any], job_id: UUID) -> PrintJob:
    """Whether a label in doubt came out; without it a new copy waits. Answers the copy that counts."""
    return actions.confirm_printed(current_tx(), job_id, given["came_out"])
