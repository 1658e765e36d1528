"""What is lost and found over JSON: tubes, and parcels on their way."""

from typing import Any
from uuid import UUID

from biobank.specimens import actions, lost_schemas, schemas
from biobank.specimens.interface import blueprint
from biobank.specimens.models import Shipment, Tube
from biobank.web.transaction import current_tx


@blueprint.route("/tubes/<uuid:tube_id>/missing", methods=["POST"])
@blueprint.arguments(lost_schemas.WhereSchema)
@blueprint.response(200, schemas.TubeSchema)
def lose_tube(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Declare that a tube cannot be found; `note` says where somebody looked."""
    return actions.lose(current_tx(), tube_id, given["note"])


@blueprint.route("/tubes/<uuid:tube_id>/found", methods=["POST"])
@blueprint.arguments(schemas.ScanSchema)
@blueprint.response(200, schemas.TubeSchema)
def find_again(given: dict[str, Any], tube_id: UUID) -> Tube:
    """A lost tube was found and scanned."""
    return actions.find_again(current_tx(), tube_id, given["code"])


@blueprint.route("/shipments/<uuid:shipment_id>/carrier-scans", methods=["POST"])
@blueprint.arguments(lost_schemas.CarrierScanSchema)
@blueprint.response(200, schemas.ShipmentSchema)
def carrier_scanned(given: dict[str, Any], shipment_id: UUID) -> Shipment:
    """The courier's own site shows a scan on the way."""
    return actions.carrier_scanned(current_tx(), shipment_id, given["where"])


@blueprint.route("/shipments/<uuid:shipment_id>/lost", methods=["POST"])
@blueprint.arguments(schemas.ReasonSchema)
@blueprint.response(200, schemas.ShipmentSchema)
def declare_lost(given: dict[str, Any], shipment_id: UUID) -> Shipment:
    """The courier has lost a parcel; it may still arrive."""
    return actions.declare_lost(current_tx(), shipment_id, given["reason"])
