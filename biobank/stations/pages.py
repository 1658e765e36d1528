"""The stations' pages and the administrator's, by address."""

from flask import Blueprint

from biobank.stations import administration, desk_pages, live

blueprint = Blueprint("stations", __name__)

_DESK = "/stations/<uuid:station_id>"
_ADMINISTERED = "/administration/stations/<uuid:station_id>"
_PRINTER = f"{_ADMINISTERED}/printers/<uuid:printer_id>"

for method, address, view in (
    ("GET", "/stations/here", live.here),
    ("GET", f"{_DESK}/live", live.live),
    ("GET", f"{_DESK}/scan", live.scan),
    ("POST", f"{_DESK}/readings/<uuid:reading_id>/use", live.use_reading),
    ("POST", f"{_DESK}/print-jobs/<uuid:job_id>/answer", live.answer_print_job),
    ("GET", "/administration", administration.administration),
    ("GET", "/administration/sites/new", administration.site_form),
    ("POST", "/administration/sites/new", administration.add_site),
    ("GET", "/administration/stations/new", administration.station_form),
    ("POST", "/administration/stations/new", administration.add_station),
    ("GET", "/administration/staff/new", administration.staff_form),
    ("POST", "/administration/staff/new", administration.add_staff),
    ("POST", "/administration/staff/<uuid:staff_id>/active", administration.set_staff_active),
    ("POST", "/administration/sign-everyone-out", administration.sign_everyone_out),
    ("GET", _ADMINISTERED, desk_pages.show),
    ("POST", f"{_ADMINISTERED}/active", desk_pages.set_active),
    ("POST", f"{_ADMINISTERED}/printers", desk_pages.add_printer),
    ("POST", f"{_PRINTER}/remove", desk_pages.remove_printer),
    ("POST", f"{_PRINTER}/test-label", desk_pages.print_test_label),
):
    blueprint.add_url_rule(address, view_func=view, methods=[method])
