"""Orders, tubes, boxes, shipments and the bench over JSON."""

from typing import Any
from uuid import UUID

from flask import Response, make_response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import NotFound
from biobank.participants import actions as participants
from biobank.specimens import (
    actions,
    case_api,
    flaw_api,
    lost_api,
    order_api,
    relabel_api,
    schemas,
    supply_api,
)
from biobank.specimens.entry_seam import as_told
from biobank.specimens.interface import blueprint
from biobank.specimens.models import CollectionOrder, Container, ReceiptScan, Shipment, SubjectKind, Tube
from biobank.specimens.receiving import incoming
from biobank.specimens.sites import own_site
from biobank.specimens.storage.schemas import PutAwaySchema
from biobank.specimens.storage.shelving import Declared
from biobank.stations.models import PrintJob
from biobank.visits import actions as visits
from biobank.web.transaction import actor, current_tx, databases

__all__ = ["blueprint", "case_api", "flaw_api", "lost_api", "order_api", "relabel_api", "supply_api"]


@blueprint.route("/visits/<uuid:visit_id>/orders", methods=["POST"])
@blueprint.arguments(schemas.StartOrderSchema)
@blueprint.response(201, schemas.OrderSchema)
def start_order(given: dict[str, Any], visit_id: UUID) -> CollectionOrder:
    """Order the tubes of a visit, as the answers before the draw allow."""
    tx = current_tx()
    visit = visits.require_open(tx, visit_id)
    return actions.start_order(
        tx, donor_id=participants.donor_of(tx, visit.participant_id), site_id=visit.site_id,
        answers=actions.Answers(**given["answers"]), collection_station_id=visit.station_id, since=visit.checked_in_at,
        sort=given["sort"], chosen=given["chosen"],
        kit=actions.read_kit(given["kit"], given["kit_again"]) if given["kit"] else None,
    )  # fmt: skip


@blueprint.route("/orders/<uuid:order_id>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, schemas.OrderSchema)
def show_order(order_id: UUID) -> CollectionOrder:
    """An order with its tubes."""
    order = actions.find_order(current_tx(), order_id)
    note_look("collection", order.id, Purpose.CUSTODY)
    blueprint.set_etag({"version": order.version})
    return order


@blueprint.route("/orders/<uuid:order_id>/labels", methods=["POST"])
@blueprint.arguments(schemas.PrintSchema)
@blueprint.response(201, schemas.PrintedSchema(many=True))
def print_labels(given: dict[str, Any], order_id: UUID) -> list[PrintJob]:
    """Print the labels that are not printed yet, or named ones again."""
    return actions.print_labels(current_tx(), order_id, **given)


@blueprint.route("/orders/<uuid:order_id>/apply", methods=["POST"])
@blueprint.arguments(schemas.ApplySchema)
@blueprint.response(200, schemas.TubeSchema)
def apply_label(given: dict[str, Any], order_id: UUID) -> Tube:
    """Prove by its scan that a label is on its tube."""
    try:
        return actions.apply_label(current_tx(), order_id, given["code"], kind=given["kind"],
                                   entered_by=given["entered_by"])  # fmt: skip
    except actions.LabelAppliedTwice as alarm:
        # The request is refused and leaves nothing, so the alarm is kept in a transaction of its own.
        current_tx().session.rollback()
        with databases().transaction(actor()) as own:
            actions.raise_alarm(own, alarm)
        raise


@blueprint.route("/orders/<uuid:order_id>/collect", methods=["POST"])
@blueprint.arguments(schemas.CollectSchema)
@blueprint.response(200, schemas.RecordedSchema)
def collect(given: dict[str, Any], order_id: UUID) -> dict[str, Any]:
    """Record that tubes were filled."""
    tx = current_tx()
    warnings = actions.collect(tx, order_id, tube_ids=given["tube_ids"], at=given["collected_at"])
    return {"order": actions.find_order(tx, order_id), "warnings": warnings}


@blueprint.route("/orders/<uuid:order_id>/not-collected", methods=["POST"])
@blueprint.arguments(schemas.NotCollectedSchema)
@blueprint.response(200, schemas.TubeSchema)
def not_collected(given: dict[str, Any], order_id: UUID) -> Tube:
    """Record why a tube was not filled."""
    return actions.not_collected(current_tx(), order_id, given.pop("tube_id"), **given)


@blueprint.route("/orders/<uuid:order_id>/instead", methods=["POST"])
@blueprint.response(201, schemas.TubeSchema(many=True))
def offer_instead(order_id: UUID) -> list[Tube]:
    """Add saliva, where neither EDTA tube was filled."""
    return actions.offer_instead(current_tx(), order_id)


@blueprint.route("/orders/<uuid:order_id>/process", methods=["POST"])
@blueprint.arguments(schemas.ProcessSchema)
@blueprint.response(200, schemas.RecordedSchema)
def process(given: dict[str, Any], order_id: UUID) -> dict[str, Any]:
    """Record a spin."""
    tx = current_tx()
    tube_ids, at = given.pop("tube_ids"), given.pop("processed_at")
    warnings = actions.process(tx, order_id, tube_ids=tube_ids, at=at, spin=actions.Spin(**given))
    return {"order": actions.find_order(tx, order_id), "warnings": warnings}


@blueprint.route("/orders/<uuid:order_id>/finalise", methods=["POST"])
@blueprint.response(200, schemas.OrderSchema)
def finalise(order_id: UUID) -> CollectionOrder:
    """Sign an order off; 422 says what is left to do."""
    return actions.finalise_order(current_tx(), order_id)


@blueprint.route("/orders/<uuid:order_id>/cancel", methods=["POST"])
@blueprint.arguments(schemas.ReasonSchema)
@blueprint.response(200, schemas.OrderSchema)
def cancel_order(given: dict[str, Any], order_id: UUID) -> CollectionOrder:
    """Give an order up before anything is drawn."""
    return actions.cancel_order(current_tx(), order_id, given["reason"])


@blueprint.route("/boxes", methods=["POST"])
@blueprint.arguments(schemas.OpenBoxSchema, required=False)
@blueprint.response(201, schemas.BoxSchema)
def open_box(given: dict[str, Any]) -> Container:
    """Start an empty box or bag at the signed-in person's site."""
    return actions.open_box(current_tx(), own_site(current_tx()), **given)


@blueprint.route("/boxes/<uuid:box_id>", methods=["GET"])
@blueprint.response(200, schemas.BoxSchema)
def show_box(box_id: UUID) -> Container:
    """A box."""
    return actions.find_box(current_tx(), box_id)


@blueprint.route("/boxes/<uuid:box_id>/scans", methods=["POST"])
@blueprint.arguments(schemas.ScanSchema)
@blueprint.response(200, schemas.PackedSchema)
def pack(given: dict[str, Any], box_id: UUID) -> dict[str, Any]:
    """Scan a tube into a box; scanned again it is out."""
    with as_told(given):
        packed = actions.pack(current_tx(), box_id, given["code"])
    return {"is_in": packed.is_in, "tube": packed.tube, "bag": packed.bag}


@blueprint.route("/shipments", methods=["POST"])
@blueprint.arguments(schemas.ShipSchema)
@blueprint.response(201, schemas.ShipmentSchema)
def ship(given: dict[str, Any]) -> Shipment:
    """Put boxes into one shipment."""
    return actions.ship(current_tx(), own_site(current_tx()), given["box_ids"])


@blueprint.route("/shipments/<uuid:shipment_id>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, schemas.ShipmentSchema)
def show_shipment(shipment_id: UUID) -> Shipment:
    """A shipment."""
    shipment = actions.find_shipment(current_tx(), shipment_id)
    blueprint.set_etag({"version": shipment.version})
    return shipment


@blueprint.route("/shipments/<uuid:shipment_id>/manifest", methods=["GET"])
@blueprint.response(200, content_type="text/csv")
def show_manifest(shipment_id: UUID) -> Response:
    """The frozen list as CSV; 404 until the shipment has left."""
    shipment = actions.find_shipment(current_tx(), shipment_id)
    if shipment.manifest is None:
        raise NotFound("The list is written when the shipment leaves. Hand it over first.", code="no-manifest")
    response = make_response(shipment.manifest)
    response.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
    response.headers["Content-Disposition"] = f'attachment; filename="{shipment.code}.csv"'
    return response


@blueprint.route("/shipments/<uuid:shipment_id>/hand-over", methods=["POST"])
@blueprint.arguments(schemas.HandOverSchema)
@blueprint.response(200, schemas.ShipmentSchema)
def hand_over(given: dict[str, Any], shipment_id: UUID) -> Shipment:
    """Give a shipment to the carrier; its list is frozen."""
    return actions.hand_over(current_tx(), shipment_id, tracking=given["tracking"], again=given["tracking_again"],
                             is_packed_by_p650=given["packed_by_p650"], checklist=given["checklist"])  # fmt: skip


@blueprint.route("/shipments/<uuid:shipment_id>/void", methods=["POST"])
@blueprint.arguments(schemas.ReasonSchema)
@blueprint.response(200, schemas.ShipmentSchema)
def void_shipment(given: dict[str, Any], shipment_id: UUID) -> Shipment:
    """Give a shipment up before it leaves."""
    return actions.void_shipment(current_tx(), shipment_id, given["reason"])


@blueprint.route("/shipments/<uuid:shipment_id>/temperature", methods=["POST"])
@blueprint.arguments(schemas.TemperatureSchema)
@blueprint.response(200, schemas.ShipmentSchema)
def record_temperature(given: dict[str, Any], shipment_id: UUID) -> Shipment:
    """Record the temperature in the parcel as it was opened, before its first tube."""
    return actions.record_temperature(current_tx(), shipment_id, **given)


@blueprint.route("/shipments/<uuid:shipment_id>/close", methods=["POST"])
@blueprint.arguments(schemas.CloseSchema)
@blueprint.response(200, schemas.ShipmentSchema)
def close_receipt(given: dict[str, Any], shipment_id: UUID) -> Shipment:
    """Close a receipt, declaring missing what was not scanned."""
    return actions.close_receipt(current_tx(), shipment_id, missing=given["missing"])


@blueprint.route("/receipts/scans", methods=["POST"])
@blueprint.arguments(schemas.ReceiptScanQuery)
@blueprint.response(200, schemas.ReceiptScanSchema)
def receive_scan(given: dict[str, Any]) -> ReceiptScan:
    """Take one scan at the bench, whatever it is; what cannot be is an outcome too."""
    return actions.receive(current_tx(), incoming(given))


@blueprint.route("/tubes", methods=["GET"])
@blueprint.arguments(schemas.TubeQuery, location="query")
@blueprint.response(200, schemas.TubeSchema)
def find_tube(given: dict[str, Any]) -> Tube:
    """The tube of a code."""
    tube = actions.tube_by_code(current_tx(), given["code"])
    note_look("tube", tube.id, Purpose.CUSTODY)
    return tube


@blueprint.route("/tubes/<uuid:tube_id>", methods=["GET"])
@blueprint.response(200, schemas.TubeStorySchema)
def show_tube(tube_id: UUID) -> Response:
    """A tube with its whole story."""
    tx = current_tx()
    tube = actions.find_tube(tx, tube_id)
    note_look("tube", tube.id, Purpose.CUSTODY)
    events = actions.story(tx, SubjectKind.TUBE, tube.id)
    told = {"events": schemas.EventSchema(many=True).dump(events), "is_whole": actions.is_whole(events)}
    return make_response(schemas.TubeSchema().dump(tube) | told)


@blueprint.route("/tubes/<uuid:tube_id>/put-away", methods=["POST"])
@blueprint.arguments(PutAwaySchema)
@blueprint.response(200, schemas.TubeSchema)
def put_away(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Put a tube into a box, at a position or the next free one; on a shelf already, it is moved."""
    place, position = given.pop("place"), given.pop("position")
    return actions.put_away(current_tx(), tube_id, place, position, Declared(**given))


@blueprint.route("/tubes/<uuid:tube_id>/release", methods=["POST"])
@blueprint.arguments(schemas.ReasonSchema)
@blueprint.response(200, schemas.TubeSchema)
def release(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Release a tube from its hold."""
    return actions.release(current_tx(), tube_id, given["reason"])
