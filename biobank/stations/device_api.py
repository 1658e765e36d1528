"""Devices over JSON: register, compare, put in use, retire; commands asked for by staff and fetched by stations."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from biobank import clock
from biobank.stations import actions
from biobank.stations import device_schemas as schemas
from biobank.stations.device_models import Device, DeviceCheck, DeviceCommand
from biobank.stations.schemas import ListenSchema
from biobank.stations.signpost import blueprint
from biobank.web.transaction import current_tx

_DEVICES = "/stations/<uuid:station_id>/devices"
_DEVICE = f"{_DEVICES}/<uuid:device_id>"
_COMMANDS = "/stations/<uuid:station_id>/commands"


def _tag(device: Device) -> dict[str, int]:
    return {"version": device.version}


@blueprint.route(_DEVICES, methods=["GET"])
@blueprint.response(200, schemas.RegisteredDeviceSchema(many=True))
def list_devices(station_id: UUID) -> Sequence[Device]:
    """The devices bound to a station's ports."""
    actions.require_station(current_tx(), station_id)
    return actions.devices_of(current_tx(), station_id)


@blueprint.route(_DEVICES, methods=["POST"])
@blueprint.arguments(schemas.BindSchema)
@blueprint.response(201, schemas.RegisteredDeviceSchema)
def bind_device(given: dict[str, Any], station_id: UUID) -> Device:
    """Bind a device to a physical port; its readings are shown, and count once it is in use."""
    told = {key: given.pop(key) for key in ("name", "protocol", "port", "serial_number")}
    return actions.bind_device(current_tx(), station_id, **told, settings=given)


@blueprint.route("/stations/<uuid:station_id>/listen", methods=["POST"])
@blueprint.arguments(ListenSchema)
@blueprint.response(204)
def listen(given: dict[str, Any], station_id: UUID) -> None:
    """Have the station listen at a free port for three minutes; nothing is written to it."""
    tx = current_tx()
    station = actions.require_station(tx, station_id)
    actions.listen(tx, station, port=given["port"], settings=given["settings"])


@blueprint.route(_DEVICE, methods=["GET"])
@blueprint.etag
@blueprint.response(200, schemas.RegisteredDeviceSchema)
def show_device(station_id: UUID, device_id: UUID) -> Device:
    """One device, with the version that an edit must name."""
    device = actions.require_device(current_tx(), station_id, device_id)
    blueprint.set_etag(_tag(device))
    return device


@blueprint.route(f"{_DEVICE}/checks", methods=["POST"])
@blueprint.arguments(schemas.CheckSchema)
@blueprint.response(201, schemas.DeviceCheckSchema)
def check_device(given: dict[str, Any], station_id: UUID, device_id: UUID) -> DeviceCheck:
    """Compare a reading with its display; ten in a row must agree."""
    return actions.check_reading(
        current_tx(), station_id, device_id, reading_id=given["reading_id"], typed=given["displayed"]
    )


@blueprint.route(f"{_DEVICE}/use", methods=["POST"])
@blueprint.arguments(schemas.CalibrationSchema)
@blueprint.response(200, schemas.RegisteredDeviceSchema)
def use_device(given: dict[str, Any], station_id: UUID, device_id: UUID) -> Device:
    """Put a device in use that agreed ten times, with its calibration."""
    return actions.put_in_use(current_tx(), station_id, device_id, **given)


@blueprint.route(f"{_DEVICE}/calibration", methods=["PUT"])
@blueprint.etag
@blueprint.arguments(schemas.CalibrationSchema)
@blueprint.response(200, schemas.RegisteredDeviceSchema)
def calibrate_device(given: dict[str, Any], station_id: UUID, device_id: UUID) -> Device:
    """Note a calibration; If-Match says which version was read."""
    blueprint.check_etag(_tag(actions.require_device(current_tx(), station_id, device_id)))
    device = actions.recalibrate(current_tx(), station_id, device_id, **given)
    blueprint.set_etag(_tag(device))
    return device


@blueprint.route(f"{_DEVICE}/retire", methods=["POST"])
@blueprint.arguments(schemas.RetireSchema)
@blueprint.response(200, schemas.RegisteredDeviceSchema)
def retire_device(given: dict[str, Any], station_id: UUID, device_id: UUID) -> Device:
    """Take a device out for good."""
    return actions.retire_device(current_tx(), station_id, device_id, because=given["because"])


@blueprint.route(_COMMANDS, methods=["POST"])
@blueprint.arguments(schemas.AskCommandSchema)
@blueprint.response(201, schemas.CommandSchema)
def ask_command(given: dict[str, Any], station_id: UUID) -> DeviceCommand:
    """Tell a device to act on the person of the open visit, within five seconds or not at all."""
    return actions.ask_command(current_tx(), station_id, **given)


@blueprint.route(f"{_COMMANDS}/claim", methods=["POST"])
@blueprint.arguments(schemas.ClaimSchema)
@blueprint.response(200, schemas.TakenCommandListSchema)
def claim_commands(_given: dict[str, Any], station_id: UUID) -> dict[str, Any]:
    """Take what waits; each command is handed out once, whatever becomes of this answer."""
    now = clock.now()
    return {
        "commands": [
            {"id": item.id, "device": item.device, "act": item.act,
             "expires_in_ms": max(0, (item.expires_at - now) // timedelta(milliseconds=1))}
            for item in actions.claim_commands(current_tx(), station_id)
        ]
    }  # fmt: skip


@blueprint.route(f"{_COMMANDS}/<uuid:command_id>/state", methods=["POST"])
@blueprint.arguments(schemas.CommandReportSchema)
@blueprint.response(200, schemas.CommandSchema)
def report_command(given: dict[str, Any], station_id: UUID, command_id: UUID) -> DeviceCommand:
    """Tell what became of a command."""
    return actions.report_command(current_tx(), station_id, command_id, given["state"], given["detail"])
