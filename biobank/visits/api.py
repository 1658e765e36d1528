"""Visits over JSON."""

from typing import Any
from uuid import UUID

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.participants.eligibility import EligibilityAnswers
from biobank.visits import actions
from biobank.visits.models import Visit
from biobank.visits.schemas import CancelForm, CheckInSchema, VisitSchema
from biobank.web.api import PREFIX, Blueprint
from biobank.web.transaction import current_tx

blueprint = Blueprint("visits_api", __name__, url_prefix=PREFIX, description="Visits")


@blueprint.route("/visits", methods=["POST"])
@blueprint.arguments(CheckInSchema)
@blueprint.response(201, VisitSchema)
def check_in(given: dict[str, Any]) -> Visit:
    """Check a participant in at a station."""
    answers = EligibilityAnswers(**given.pop("answers"))
    return actions.check_in(current_tx(), answers=answers, **given)


@blueprint.route("/visits/<uuid:visit_id>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, VisitSchema)
def show(visit_id: UUID) -> Visit:
    """A visit of this site."""
    visit = actions.visit_of(current_tx(), visit_id)
    note_look("participant", visit.participant_id, Purpose.VISIT)
    blueprint.set_etag({"version": visit.version})
    return visit


@blueprint.route("/visits/<uuid:visit_id>/complete", methods=["POST"])
@blueprint.response(200, VisitSchema)
def complete(visit_id: UUID) -> Visit:
    """Close a visit whose steps are both done; 422 says what is still to do."""
    return actions.complete_visit(current_tx(), visit_id)


@blueprint.route("/visits/<uuid:visit_id>/cancel", methods=["POST"])
@blueprint.arguments(CancelForm)
@blueprint.response(200, VisitSchema)
def cancel(given: dict[str, Any], visit_id: UUID) -> Visit:
    """Cancel a visit that is appointed or open."""
    return actions.cancel_visit(current_tx(), visit_id, given["reason"])
