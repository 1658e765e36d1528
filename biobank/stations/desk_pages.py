"""One station's page: its devices and how far each is proven, its clock, its printers, in or out of service."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank import clock
from biobank.devices import registry
from biobank.errors import Refused
from biobank.stations import actions
from biobank.stations.desk import PRINTER_KINDS, RESOLUTIONS
from biobank.stations.models import Station
from biobank.stations.print_schemas import PrinterSchema
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx


def _evidence(station: Station, name: str, protocol: str) -> str:
    """How far a device is proven: by this site, or in its driver's own words."""
    for device in actions.devices_of(current_tx(), station.id):
        if (device.name, device.protocol) == (name, protocol):
            return actions.evidence_of(device)
    try:
        return str(registry.load(protocol).evidence)
    except registry.UnknownProtocol:
        return str(gettext("no driver of that name here"))


def _page(station: Station, errors: dict[str, str], refusal: str | None = None) -> str:
    now = clock.now()
    devices = [
        device | {"evidence": _evidence(station, device["name"], device["protocol"])} for device in station.devices
    ]
    jobs = {printer.id: actions.last_test_label(current_tx(), printer) for printer in station.printers}
    return render_template(
        "stations/show.html", station=station, devices=devices, jobs=jobs, errors=errors, refusal=refusal,
        alive=actions.is_alive(station, now), skewed=actions.is_skewed(station), values=request.form,
        resolutions=[(dpi, f"{dpi} dpi") for dpi in RESOLUTIONS],
        kinds=list(_kinds().items()), languages=_languages(),
    )  # fmt: skip


def _kinds() -> dict[str, str]:
    words = {
        "tcp": gettext("Label printer on the network"), "serial": gettext("Label printer on a serial port"),
        "usb": gettext("Label printer on USB"), "cups": gettext("Office printer behind CUPS"),
        "file": gettext("Folder of files"),
    }  # fmt: skip
    return {kind: str(words[kind]) for kind in PRINTER_KINDS}


def _languages() -> dict[str, str]:
    return {
        "zpl": str(gettext("ZPL picture")), "zpl-z64": str(gettext("ZPL picture, compressed")),
        "zpl-native": str(gettext("ZPL, the printer's own letters")), "pdf": str(gettext("PDF page")),
    }  # fmt: skip


def _to(station_id: UUID) -> Response:
    return redirect(url_for("stations.show", station_id=station_id), 303)


def show(station_id: UUID) -> str:
    return _page(actions.require_station(current_tx(), station_id), {})


def set_active(station_id: UUID) -> Response:
    """Put a station in or out of service at once."""
    actions.set_station_active(current_tx(), station_id, active=request.form.get("active") == "yes")
    return _to(station_id)


def add_printer(station_id: UUID) -> str | Response | tuple[str, int]:
    station = actions.require_station(current_tx(), station_id)
    values, errors = read_form(PrinterSchema())
    if errors:
        return _page(station, errors), 422
    try:
        actions.add_printer(current_tx(), station_id, **values)
    except Refused as refusal:
        return _page(station, {}, problems.say(refusal)), refusal.status
    return _to(station_id)


def remove_printer(station_id: UUID, printer_id: UUID) -> Response:
    actions.remove_printer(current_tx(), station_id, printer_id)
    return _to(station_id)


def print_test_label(station_id: UUID, printer_id: UUID) -> Response:
    """Send a label that belongs to nothing to one printer."""
    ruler = request.form.get("ruler") == "yes"
    actions.print_test_label(current_tx(), station_id, printer_id, ruler=ruler)
    flash(gettext("A test label waits for the station. It comes out within a second when the station is connected."))
    return redirect(url_for("printing.printer", printer_id=printer_id), 303) if ruler else _to(station_id)
