"""Over JSON: two registrations of one person merged, and taken apart again."""

from typing import Any
from uuid import UUID

from biobank.participants import doubles
from biobank.participants.models import Participant
from biobank.participants.schemas import MergedSchema, MergeSchema, ParticipantSchema, ReasonForm
from biobank.web.api import Blueprint
from biobank.web.transaction import current_tx


def register(blueprint: Blueprint) -> None:
    """Add these operations to the participants' blueprint."""

    @blueprint.route("/duplicates/merge", methods=["POST"])
    @blueprint.arguments(MergeSchema)
    @blueprint.response(200, MergedSchema)
    def merge(given: dict[str, Any]) -> dict[str, Any]:
        """Make two registrations one person's; `paid_twice` says that finance must hear of it."""
        done = doubles.merge(current_tx(), **given)
        return {"kept_id": done.kept_id, "merged_id": done.merged_id, "paid_twice": bool(done.paid_twice)}

    @blueprint.route("/participants/<uuid:participant_id>/separate", methods=["POST"])
    @blueprint.arguments(ReasonForm)
    @blueprint.response(200, ParticipantSchema)
    def separate(given: dict[str, Any], participant_id: UUID) -> Participant:
        """Take a merged registration apart again."""
        return doubles.separate(current_tx(), participant_id, given["reason"])
