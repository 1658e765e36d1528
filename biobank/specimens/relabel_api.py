"""A new label for a tube, over JSON."""

from typing import Any
from uuid import UUID

from biobank.specimens import relabel_schemas, relabelling, schemas
from biobank.specimens.entry_seam import as_told
from biobank.specimens.interface import blueprint
from biobank.specimens.models import Tube
from biobank.web.transaction import current_tx


@blueprint.route("/tubes/<uuid:tube_id>/labels", methods=["POST"])
@blueprint.arguments(relabel_schemas.NewLabelSchema)
@blueprint.response(201, schemas.TubeSchema)
def ask_label(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Print a new label of the same code for a tube whose label is gone or cannot be read; the older ones are void."""
    return relabelling.ask_label(current_tx(), tube_id, **given)


@blueprint.route("/tubes/<uuid:tube_id>/labels/applied", methods=["POST"])
@blueprint.arguments(schemas.ScanSchema)
@blueprint.response(200, schemas.TubeSchema)
def put_label(given: dict[str, Any], tube_id: UUID) -> Tube:
    """The new label was scanned on its tube, which is relabelled from now on."""
    with as_told(given):
        return relabelling.put_label(current_tx(), tube_id, given["code"])
