"""The wizard: what is plugged in, listen, name it, compare ten readings with the display, calibrate, in use."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from biobank import clock
from biobank.actor import Role
from biobank.errors import Refused
from biobank.stations import actions, wizard
from biobank.stations import device_schemas as schemas
from biobank.stations.device_models import NEEDED_CHECKS, Device
from biobank.stations.models import Station
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.problems import wants_fragment
from biobank.web.transaction import actor, current_tx

Answer = str | Response | tuple[str, int]


def _station(station_id: UUID) -> Station:
    return actions.require_station(current_tx(), station_id)


def _to(endpoint: str, **values: Any) -> Response:
    return redirect(url_for(endpoint, **values), 303)


def devices(station_id: UUID) -> str:
    """The devices of a station, what else is plugged in, and what was asked of devices lately."""
    station, today = _station(station_id), clock.now().date()
    shown = [wizard.shown(station, device, today) for device in actions.devices_of(current_tx(), station_id)]
    commands = actions.last_commands(current_tx(), station_id)
    return render_template("stations/devices.html", station=station, devices=shown, commands=commands,
                           plugged=_plugged(station))  # fmt: skip


def site_devices() -> str:
    """Every device of the person's site, an administrator's of all sites, by when it must be calibrated."""
    today, everywhere = clock.now().date(), actor().has(Role.ADMINISTRATOR)
    found = actions.devices_at(current_tx(), None if everywhere else actor().site_id)
    shown = [wizard.shown(device.station, device, today) for device in found]
    return render_template("stations/site_devices.html", devices=shown, everywhere=everywhere)


def _plugged(station: Station) -> Markup:
    """The ports that no device is bound to; asked for again by itself."""
    named = wizard.unregistered(current_tx(), station)
    words = render_template("stations/_plugged.html", station=station, named=named,
                            alive=actions.is_alive(station, clock.now()),
                            ports=actions.free_ports(current_tx(), station))  # fmt: skip
    return Markup(words)  # noqa: S704 - our own template's output, escaped there


def plugged(station_id: UUID) -> Response:
    return make_response(_plugged(_station(station_id)))


def listen(station_id: UUID) -> Answer:
    """Point the station's ear at a port."""
    values, errors = read_form(schemas.ListenFormSchema())
    if errors:
        return _to("stations.devices", station_id=station_id)
    settings = wizard.settings_of(values["line"])
    try:
        actions.listen(current_tx(), _station(station_id), port=values["port"], settings=settings)
    except Refused as refusal:
        flash(problems.say(refusal), "error")
        return _to("stations.devices", station_id=station_id)
    return _to("stations.listening", station_id=station_id)


def listening(station_id: UUID) -> Answer:
    """What is heard at the port, live: the protocols whose grammar fits, or why none does."""
    station = _station(station_id)
    asked = actions.listened_to(station, clock.now())
    if asked is None and not station.heard:
        return _to("stations.devices", station_id=station_id)
    template = "stations/_listening.html" if wants_fragment() else "stations/listening.html"
    return render_template(template, station=station, asked=asked, heard=station.heard,
                           port=(asked or station.heard)["port"], spoken=(asked or {}).get("settings", wizard.USUAL),
                           guesses=wizard.guesses(station), lines=[(line, line) for line in wizard.LINES])  # fmt: skip


def _bind_page(station: Station, values: Any, errors: Any, refusal: str | None = None) -> str:
    return render_template("stations/bind.html", station=station, values=values, errors=errors, refusal=refusal,
                           kinds=wizard.kinds(values.get("protocol", "")),
                           lines=[(line, line) for line in wizard.LINES])  # fmt: skip


def bind_form(station_id: UUID) -> str:
    """Name the device; a recognised kind and its line are filled in."""
    return _bind_page(_station(station_id), wizard.proposed(request.args), {})


def bind(station_id: UUID) -> Answer:
    station = _station(station_id)
    values, errors = read_form(schemas.BindFormSchema())
    if errors:
        return _bind_page(station, request.form, errors), 422
    settings = wizard.settings_of(values.pop("line"))
    try:
        found = actions.bind_device(current_tx(), station_id, settings=settings, **values)
    except Refused as refusal:
        return _bind_page(station, request.form, {}, problems.say(refusal)), refusal.status
    return _to("stations.device", station_id=station_id, device_id=found.id)


def _device(station_id: UUID, device_id: UUID) -> Device:
    return actions.require_device(current_tx(), station_id, device_id)


def _page(
    device: Device, errors: Any, refusal: str | None = None, typed: Mapping[str, str] = MappingProxyType({})
) -> str:
    today = clock.now().date()
    return render_template(
        "stations/device.html", station=device.station, errors=errors, refusal=refusal, values=request.form,
        device=wizard.shown(device.station, device, today), needed=NEEDED_CHECKS,
        checks=actions.checks_of(current_tx(), device), compare=_compare(device, typed), today=today,
        due=today + timedelta(days=365),
    )  # fmt: skip


def _compare(device: Device, typed: Mapping[str, str] = MappingProxyType({})) -> Markup:
    """What is to be read on the display now, without what arrived; asked for again by itself while nothing waits.

    `typed` is what a person wrote that could not be read.
    """
    reading = actions.reading_to_check(current_tx(), device)
    words = render_template(
        "stations/_compare.html", device=device, reading=reading, asked=actions.asked_of(reading) if reading else [],
        done=len(actions.checks_of(current_tx(), device)), needed=NEEDED_CHECKS,
        told=wizard.told(device.station, device), disagreed=actions.last_disagreement(current_tx(), device),
        typed=typed,
    )  # fmt: skip
    return Markup(words)  # noqa: S704 - our own template's output, escaped there


def device(station_id: UUID, device_id: UUID) -> str:
    """One device: the acceptance check while it lasts, then its calibration and how to take it out."""
    return _page(_device(station_id, device_id), {})


def to_compare(station_id: UUID, device_id: UUID) -> Response:
    return make_response(_compare(_device(station_id, device_id)))


def compare(station_id: UUID, device_id: UUID) -> Answer:
    """Take what a person read on the display."""
    typed = {key.removeprefix("shown-"): text for key, text in request.form.items() if key.startswith("shown-")}
    reading_id = request.form.get("reading_id", type=UUID)
    if reading_id is None:
        return _to("stations.device", station_id=station_id, device_id=device_id)
    try:
        actions.check_reading(current_tx(), station_id, device_id, reading_id=reading_id, typed=typed)
    except Refused as refusal:
        return _page(_device(station_id, device_id), {}, problems.say(refusal), typed), refusal.status
    return _to("stations.device", station_id=station_id, device_id=device_id)


def _calibrated(station_id: UUID, device_id: UUID, *, first: bool) -> Answer:
    values, errors = read_form(schemas.CalibrationSchema())
    found = _device(station_id, device_id)
    if errors:
        return _page(found, errors), 422
    try:
        (actions.put_in_use if first else actions.recalibrate)(current_tx(), station_id, device_id, **values)
    except Refused as refusal:
        return _page(found, {}, problems.say(refusal)), refusal.status
    flash(gettext("%(device)s is in use.", device=found.name))
    return _to("stations.devices", station_id=station_id)


def use_device(station_id: UUID, device_id: UUID) -> Answer:
    """The last step of the wizard."""
    return _calibrated(station_id, device_id, first=True)


def calibrate_device(station_id: UUID, device_id: UUID) -> Answer:
    return _calibrated(station_id, device_id, first=False)


def retire_device(station_id: UUID, device_id: UUID) -> Answer:
    values, errors = read_form(schemas.RetireSchema())
    if errors:
        return _page(_device(station_id, device_id), errors), 422
    found = actions.retire_device(current_tx(), station_id, device_id, because=values["because"])
    flash(gettext("%(device)s is taken out. Its port is free.", device=found.name))
    return _to("stations.devices", station_id=station_id)
