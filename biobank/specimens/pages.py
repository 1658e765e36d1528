"""The pages of collection, packing, the bench and the tubes' stories, by address."""

from flask import Blueprint

from biobank.specimens import (
    bench_pages,
    case_pages,
    collection_pages,
    evidence_pages,
    late_pages,
    lost_pages,
    order_pages,
    overview_pages,
    packing_pages,
    supply_pages,
    tube_pages,
)

blueprint = Blueprint("specimens", __name__)

_VISIT = "/visits/<uuid:visit_id>/collection"
_BOX = "/packing/boxes/<uuid:box_id>"
_SHIPMENT = "/shipments/<uuid:shipment_id>"
_TUBE = "/tubes/<uuid:tube_id>"

for method, address, view in (
    ("GET", _VISIT, collection_pages.collection),
    ("GET", f"{_VISIT}/rack", collection_pages.rack),
    ("POST", f"{_VISIT}/order", collection_pages.start_order),
    ("POST", f"{_VISIT}/labels", collection_pages.print_labels),
    ("POST", f"{_VISIT}/apply", collection_pages.apply_label),
    ("POST", f"{_VISIT}/collect", collection_pages.collect),
    ("POST", f"{_VISIT}/not-collected", collection_pages.not_collected),
    ("POST", f"{_VISIT}/instead", collection_pages.offer_instead),
    ("POST", f"{_VISIT}/process", collection_pages.process),
    ("POST", f"{_VISIT}/finalise", collection_pages.finalise),
    ("GET", "/packing", packing_pages.packing),
    ("POST", "/packing/boxes", packing_pages.open_box),
    ("GET", _BOX, packing_pages.box),
    ("POST", f"{_BOX}/scan", packing_pages.scan_into_box),
    ("POST", f"{_BOX}/ship", packing_pages.ship),
    ("GET", _SHIPMENT, packing_pages.shipment),
    ("POST", f"{_SHIPMENT}/hand-over", packing_pages.hand_over),
    ("POST", f"{_SHIPMENT}/void", packing_pages.void_shipment),
    ("POST", f"{_SHIPMENT}/lost", packing_pages.declare_lost),
    ("GET", f"{_SHIPMENT}/manifest.pdf", packing_pages.manifest_paper),
    *bench_pages.ROUTES,
    *late_pages.ROUTES,
    *evidence_pages.ROUTES,
    *lost_pages.ROUTES,
    *supply_pages.ROUTES,
    *case_pages.ROUTES,
    *order_pages.ROUTES,
    *overview_pages.ROUTES,
    ("GET", "/tubes", tube_pages.tubes),
    ("POST", "/tubes", tube_pages.find_tube),
    ("GET", _TUBE, tube_pages.tube),
    ("POST", f"{_TUBE}/put-away", tube_pages.put_away),
    ("POST", f"{_TUBE}/release", tube_pages.release),
    ("POST", f"{_TUBE}/conditions", tube_pages.note_condition),
    ("POST", f"{_TUBE}/labels", tube_pages.ask_label),
    ("POST", f"{_TUBE}/labels/sheet", tube_pages.label_on_paper),
    ("POST", f"{_TUBE}/labels/applied", tube_pages.put_label),
):
    blueprint.add_url_rule(address, view_func=view, methods=[method])
