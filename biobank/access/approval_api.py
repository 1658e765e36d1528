"""Approvals over JSON."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from biobank.access import approvals
from biobank.access.approval_models import Approval
from biobank.access.approval_schemas import ApprovalSchema, DecideSchema
from biobank.access.interface import blueprint
from biobank.web.transaction import current_tx


@blueprint.route("/approvals", methods=["GET"])
@blueprint.response(200, ApprovalSchema(many=True))
def list_approvals() -> Sequence[Approval]:
    """What waits for a second person, of what you may see."""
    return approvals.waiting(current_tx())


@blueprint.route("/approvals/<uuid:approval_id>", methods=["GET"])
@blueprint.response(200, ApprovalSchema)
def show_approval(approval_id: UUID) -> Approval:
    """What was asked, exactly, and how it was decided."""
    return approvals.find(current_tx(), approval_id)


@blueprint.route("/approvals/<uuid:approval_id>/decision", methods=["POST"])
@blueprint.arguments(DecideSchema)
@blueprint.response(201, ApprovalSchema)
def decide(given: dict[str, Any], approval_id: UUID) -> Approval:
    """Approve, refuse, or withdraw what one asked for oneself."""
    return approvals.answer(current_tx(), approval_id, **given)
