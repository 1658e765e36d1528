"""What is wrong with a tube, over JSON."""

from typing import Any
from uuid import UUID

from biobank.specimens import actions, flaw_schemas, schemas
from biobank.specimens.interface import blueprint
from biobank.specimens.models import Tube
from biobank.web.transaction import current_tx


@blueprint.route("/tubes/<uuid:tube_id>/conditions", methods=["POST"])
@blueprint.arguments(flaw_schemas.ConditionSchema)
@blueprint.response(200, schemas.TubeSchema)
def note_condition(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Record a coded condition of a tube; one that forbids its use puts it on hold or rejects it."""
    actions.note_condition(current_tx(), tube_id, given["condition"], given["note"])
    return actions.find_tube(current_tx(), tube_id)
