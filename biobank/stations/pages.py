"""The stations' pages and the administrator's, by address."""

from flask import Blueprint

from biobank.stations import administration, desk_pages, device_pages, live, print_pages
from biobank.stations.device_notices import noticed

blueprint = Blueprint("stations", __name__)
blueprint.add_app_template_filter(noticed)

_DESK = "/stations/<uuid:station_id>"
_ADMINISTERED = "/administration/stations/<uuid:station_id>"
_PRINTER = f"{_ADMINISTERED}/printers/<uuid:printer_id>"

for method, address, view in (
    ("GET", "/stations/here", live.here),
    ("GET", f"{_DESK}/live", live.live),
    ("GET", f"{_DESK}/scan", live.scan),
    ("POST", f"{_DESK}/readings/<uuid:reading_id>/use", live.use_reading),
    ("POST", f"{_DESK}/print-jobs/<uuid:job_id>/answer", live.answer_print_job),
    ("POST", f"{_DESK}/commands", live.ask_command),
    ("GET", f"{_DESK}/devices", device_pages.devices),
    ("GET", f"{_DESK}/plugged", device_pages.plugged),
    ("POST", f"{_DESK}/listen", device_pages.listen),
    ("GET", f"{_DESK}/listening", device_pages.listening),
    ("GET", f"{_DESK}/devices/new", device_pages.bind_form),
    ("POST", f"{_DESK}/devices/new", device_pages.bind),
    ("GET", f"{_DESK}/devices/<uuid:device_id>", device_pages.device),
    ("GET", f"{_DESK}/devices/<uuid:device_id>/compare", device_pages.to_compare),
    ("POST", f"{_DESK}/devices/<uuid:device_id>/compare", device_pages.compare),
    ("POST", f"{_DESK}/devices/<uuid:device_id>/use", device_pages.use_device),
    ("POST", f"{_DESK}/devices/<uuid:device_id>/calibration", device_pages.calibrate_device),
    ("POST", f"{_DESK}/devices/<uuid:device_id>/retire", device_pages.retire_device),
    ("GET", "/devices", device_pages.site_devices),
    ("GET", "/labels", print_pages.labels),
    ("GET", "/labels/queue", print_pages.queue),
    ("POST", "/labels/batches/<uuid:batch_id>", print_pages.set_batch),
    ("POST", "/labels/jobs/<uuid:job_id>/again", print_pages.print_again),
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
