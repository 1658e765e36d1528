"""The pages of the freezers, boxes and aliquots, by address."""

from flask import Blueprint

from biobank.specimens.storage import aliquot_pages, place_pages

blueprint = Blueprint("storage", __name__)

_PLACE = "/storage/<uuid:place_id>"
_TUBE = "/tubes/<uuid:tube_id>"

for method, address, view in (
    ("GET", "/storage", place_pages.home),
    ("POST", "/storage", place_pages.find),
    ("POST", "/storage/freezers", place_pages.add_freezer),
    ("GET", "/storage/out", place_pages.out),
    ("GET", _PLACE, place_pages.place),
    ("GET", f"{_PLACE}/label.pdf", place_pages.label),
    ("POST", f"{_PLACE}/boxes", place_pages.add_box),
    ("POST", f"{_PLACE}/move", place_pages.move_box),
    ("POST", f"{_PLACE}/scan", place_pages.scan_into),
    ("GET", f"{_TUBE}/aliquots", aliquot_pages.aliquots),
    ("POST", f"{_TUBE}/aliquots", aliquot_pages.plan),
    ("POST", f"{_TUBE}/aliquots/fill", aliquot_pages.fill),
    ("POST", f"{_TUBE}/aliquots/labels", aliquot_pages.label_sheet),
    ("POST", f"{_TUBE}/aliquots/give-up", aliquot_pages.give_up),
    ("POST", f"{_TUBE}/check-out", aliquot_pages.check_out),
    ("POST", f"{_TUBE}/use-up", aliquot_pages.use_up),
    ("POST", f"{_TUBE}/spin", aliquot_pages.spin),
):
    blueprint.add_url_rule(address, view_func=view, methods=[method])
