"""Stations over JSON: what a station sends and fetches, signed; what staff may list and register."""

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from biobank import clock
from biobank.actor import Role
from biobank.stations import actions, device_api, print_api, print_schemas, schemas
from biobank.stations.models import InboxReading, Station
from biobank.stations.print_waiting import await_labels
from biobank.stations.signpost import blueprint
from biobank.stations.verify import station_skew
from biobank.web.transaction import actor, current_tx

__all__ = ["blueprint", "device_api", "print_api"]


@blueprint.route("/stations/<uuid:station_id>/readings", methods=["POST"])
@blueprint.arguments(schemas.ReadingBatchSchema())
@blueprint.response(200, schemas.ReadingReceiptSchema)
def post_readings(given: dict[str, Any], station_id: UUID) -> actions.Receipt:
    """Deliver readings and scans; each number is kept once, however often it is sent."""
    return actions.receive_readings(current_tx(), station_id, given["readings"], skew=station_skew())


@blueprint.route("/stations/<uuid:station_id>/heartbeat", methods=["POST"])
@blueprint.arguments(schemas.HeartbeatSchema)
@blueprint.response(200, schemas.HeardSchema)
def heartbeat(given: dict[str, Any], station_id: UUID) -> dict[str, Any]:
    """Tell how the station and its devices are."""
    devices = schemas.DeviceSchema(many=True).dump(given["devices"])
    tx = current_tx()
    station = actions.note_heartbeat(tx, station_id, devices=devices, spooled=given["spooled"], skew=station_skew(),
                                     ports=given["ports"])  # fmt: skip
    actions.note_heard(tx, station, given["heard"])
    return {"server_time": clock.now(), "site": station.site.name} | actions.orders(tx, station)


@blueprint.route("/stations/<uuid:station_id>/print-jobs/claim", methods=["POST"])
@blueprint.arguments(print_schemas.PrintClaimSchema)
@blueprint.response(200, print_schemas.PrintWorkListSchema)
def claim_print_jobs(given: dict[str, Any], station_id: UUID) -> dict[str, Any]:
    """Take the labels that wait, for 30 seconds; with none there, wait for one as long as the station will."""
    waited = await_labels(station_id, given["printers"], given["wait_seconds"])
    return {
        "jobs": [
            {
                "id": work.job.id,
                "printer": work.job.printer,
                "content_type": work.content_type,
                "lease": work.job.lease,
                "content": base64.b64encode(work.content).decode(),
                "sha256": work.job.content_sha256,
            }
            for work in actions.claim_print_jobs(current_tx(), station_id, printers=given["printers"])
        ],
        "waited": waited,
    }


@blueprint.route("/stations/<uuid:station_id>/print-jobs/<uuid:job_id>/state", methods=["POST"])
@blueprint.arguments(print_schemas.PrintReportSchema)
@blueprint.response(200, print_schemas.PrintReportSchema)
def report_print_job(given: dict[str, Any], station_id: UUID, job_id: UUID) -> Any:
    """Tell how far a label has come: `sending` before its first byte, the result after its last."""
    return actions.report_print_job(current_tx(), job_id, given["state"], given["detail"], lease=given["lease"])


@blueprint.route("/stations", methods=["GET"])
@blueprint.response(200, schemas.StationSchema(many=True))
def list_stations() -> Sequence[Station]:
    """The stations of your site; an administrator sees those of every site."""
    return actions.stations_of(current_tx(), None if actor().has(Role.ADMINISTRATOR) else actor().site_id)


@blueprint.route("/stations", methods=["POST"])
@blueprint.arguments(schemas.StationSchema)
@blueprint.response(201, schemas.StationSchema)
def add_station(given: dict[str, Any]) -> Station:
    """Register a station by the public key that `biobank-station keygen` printed."""
    return actions.add_station(current_tx(), **given)


@blueprint.route("/stations/<uuid:station_id>/readings", methods=["GET"])
@blueprint.response(200, schemas.InboxReadingSchema(many=True))
def list_readings(station_id: UUID) -> Sequence[InboxReading]:
    """The last 50 readings and scans of a station, newest first."""
    actions.require_station(current_tx(), station_id)
    return actions.recent_readings(current_tx(), station_id)
