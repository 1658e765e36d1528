"""Openings, alerts and lists of looks over JSON."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, make_response

from biobank.access import security_log, watch
from biobank.access.interface import blueprint
from biobank.access.watch_models import LookAlert, Opening
from biobank.access.watch_schemas import (
    AlertSchema,
    FindingSchema,
    OpenedSchema,
    OpeningSchema,
    SecurityEventSchema,
    SecurityQuery,
    TouchedQuery,
    TouchedSchema,
)
from biobank.web.api import with_next
from biobank.web.transaction import current_tx


@blueprint.route("/participants/<uuid:participant_id>/open", methods=["POST"])
@blueprint.arguments(OpeningSchema)
@blueprint.response(201, OpenedSchema)
def open_record(given: dict[str, Any], participant_id: UUID) -> Opening:
    """Open the record of another site's participant for an hour, with a reason."""
    return watch.open_record(current_tx(), participant_id, **given)


@blueprint.route("/looks/touched", methods=["GET"])
@blueprint.arguments(TouchedQuery, location="query")
@blueprint.response(200, TouchedSchema(many=True))
def list_touched(given: dict[str, Any]) -> Sequence[watch.Touched]:
    """Whose data a member of staff touched between two moments."""
    return watch.touched(current_tx(), given["staff_id"], given["since"], given["until"])


@blueprint.route("/looks/alerts", methods=["GET"])
@blueprint.response(200, AlertSchema(many=True))
def list_alerts() -> Sequence[LookAlert]:
    """Alerts on unusual looking, those without an answer first."""
    return watch.alerts(current_tx())


@blueprint.route("/looks/alerts/<uuid:alert_id>/answer", methods=["POST"])
@blueprint.arguments(FindingSchema)
@blueprint.response(204)
def answer_alert(given: dict[str, Any], alert_id: UUID) -> Response:
    """Write down what was found out about an alert."""
    watch.answer_alert(current_tx(), alert_id, given["finding"])
    return make_response("", 204)


@blueprint.route("/looks/events", methods=["GET"])
@blueprint.arguments(SecurityQuery, location="query")
@blueprint.response(200, SecurityEventSchema(many=True))
def list_security_events(given: dict[str, Any]) -> Response:
    """Events of security with the refused sign-ins among them, the newest first."""
    rows, more = security_log.events(current_tx(), **given)
    return with_next(rows, more, SecurityEventSchema().dump)
