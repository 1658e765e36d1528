"""Participants over JSON."""

from typing import Any
from uuid import UUID

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Forbidden
from biobank.participants import actions, doubles_api, rights_api
from biobank.participants.eligibility import EligibilityAnswers
from biobank.participants.models import Participant
from biobank.participants.schemas import ChangeSchema, EnrolSchema, LookupSchema, ParticipantSchema
from biobank.web.api import PREFIX, Blueprint
from biobank.web.transaction import actor, current_tx

blueprint = Blueprint("participants_api", __name__, url_prefix=PREFIX, description="Participants, known by code")


def _tag(participant: Participant) -> dict[str, int]:
    return {"version": participant.version}


@blueprint.route("/participants", methods=["POST"])
@blueprint.arguments(EnrolSchema)
@blueprint.response(201, ParticipantSchema)
def enrol(given: dict[str, Any]) -> Participant:
    """Enrol somebody. 409 `likely-duplicate` asks for a `distinct_reason` if it is another person after all."""
    site_id = actor().site_id
    if site_id is None:
        raise Forbidden("Only staff of a site enrol participants.")
    answers = EligibilityAnswers(**given.pop("answers"))
    distinct = given.pop("distinct_reason")
    return actions.enrol(current_tx(), answers=answers, distinct=distinct, site_id=site_id, **given)


@blueprint.route("/participants/lookup", methods=["POST"])
@blueprint.arguments(LookupSchema)
@blueprint.response(200, ParticipantSchema)
def lookup(given: dict[str, str]) -> Participant:
    """The participant of a card's code."""
    participant = actions.by_clinic_code(current_tx(), given["code"])
    note_look("participant", participant.id, Purpose.VISIT)
    return participant


@blueprint.route("/participants/<uuid:participant_id>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, ParticipantSchema)
def show(participant_id: UUID) -> Participant:
    """A participant's code, state and language."""
    participant = actions.participant_of(current_tx(), participant_id)
    note_look("participant", participant_id, Purpose.VISIT)
    blueprint.set_etag(_tag(participant))
    return participant


@blueprint.route("/participants/<uuid:participant_id>", methods=["PATCH"])
@blueprint.etag
@blueprint.arguments(ChangeSchema)
@blueprint.response(200, ParticipantSchema)
def change(given: dict[str, Any], participant_id: UUID) -> Participant:
    """Change language or contact; If-Match says which version was read."""
    tx = current_tx()
    version = actions.locked(tx, participant_id).version
    blueprint.check_etag({"version": version})
    participant = actions.change(tx, participant_id, version=version, values=given)
    blueprint.set_etag(_tag(participant))
    return participant


rights_api.register(blueprint)
doubles_api.register(blueprint)
