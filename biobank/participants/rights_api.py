"""Over JSON: who looked, own data, consent, withdrawal, and the report of a death."""

from typing import Any
from uuid import UUID

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Forbidden
from biobank.participants import actions, consenting, leaving, rights
from biobank.participants.looking import seen
from biobank.participants.models import Participant
from biobank.participants.schemas import (
    ConsentForm,
    LooksSchema,
    OwnDataSchema,
    ParticipantSchema,
    WithdrawSchema,
)
from biobank.web.api import Blueprint
from biobank.web.transaction import actor, current_tx

_AT = "/participants/<uuid:participant_id>"


def register(blueprint: Blueprint) -> None:
    """Add these operations to the participants' blueprint."""

    @blueprint.route(f"{_AT}/looks", methods=["GET"])
    @blueprint.response(200, LooksSchema)
    def looks(participant_id: UUID) -> dict[str, Any]:
        """Everybody who looked at anything of this participant's, newest first; at most 5,000."""
        seen(participant_id)
        return {"looks": rights.looks_at(current_tx(), participant_id)}

    @blueprint.route(f"{_AT}/data", methods=["POST"])
    @blueprint.response(200, OwnDataSchema)
    def return_data(participant_id: UUID) -> dict[str, Any]:
        """The participant's own data, for their own hands. The handing over is recorded; the answer is not kept."""
        note_look("identity", participant_id, Purpose.VISIT)
        return {"data": rights.own_data(current_tx(), participant_id)}

    @blueprint.route(f"{_AT}/consents", methods=["POST"])
    @blueprint.arguments(ConsentForm)
    @blueprint.response(201, ParticipantSchema)
    def give_consent(given: dict[str, Any], participant_id: UUID) -> Participant:
        """Record a newly signed consent form."""
        site_id = actor().site_id
        if site_id is None:
            raise Forbidden("Only staff of a site do this for a participant.")
        participant = actions.require_active(current_tx(), participant_id)
        consenting.give(current_tx(), participant, version=given["version"], on=given["on"], site_id=site_id)
        return participant

    @blueprint.route(f"{_AT}/withdraw", methods=["POST"])
    @blueprint.arguments(WithdrawSchema)
    @blueprint.response(200, ParticipantSchema)
    def withdraw(given: dict[str, Any], participant_id: UUID) -> Participant:
        """Let somebody leave the study, for good."""
        return actions.withdraw(current_tx(), participant_id, given["reason"])

    @blueprint.route(f"{_AT}/death", methods=["POST"])
    @blueprint.response(202, ParticipantSchema)
    def report_death(participant_id: UUID) -> Participant:
        """Report a death; it is recorded once a second person has approved it."""
        leaving.report_death(current_tx(), participant_id)
        return actions.participant_of(current_tx(), participant_id)
