"""How registering a device and telling one to act cross the wire."""

from typing import Any

import marshmallow as ma

from biobank.errors import Phrase
from biobank.stations.device_models import CommandState, DeviceState
from biobank.stations.schemas import SerialSettingsSchema
from biobank.stations.wizard import LINES

_LENGTH = ma.validate.Length


def _printable(text: str) -> None:
    if not text.isprintable():
        raise ma.ValidationError("Only characters that can be printed, in one line.")


def _line(limit: int, **options: Any) -> ma.fields.String:
    return ma.fields.String(validate=[_LENGTH(1, limit), _printable], **options)


class BindSchema(SerialSettingsSchema):
    """What stands on a port: a name for it, its protocol, and its serial settings where they are not the usual ones."""

    name = _line(60, required=True)
    protocol = _line(40, required=True)
    port = _line(200, required=True)
    serial_number = _line(60, load_default=None, allow_none=True)


class ListenFormSchema(ma.Schema):
    """Which port to listen at, and how its line is spoken, such as `9600 8N1`."""

    port = _line(200, required=True)
    line = ma.fields.String(load_default=LINES[0], validate=ma.validate.OneOf(LINES))


class BindFormSchema(ListenFormSchema):
    """What stands on a port, as the wizard's form says it."""

    name = _line(60, required=True)
    protocol = _line(40, required=True)
    serial_number = ma.fields.String(load_default="", validate=[_LENGTH(0, 60), _printable])


class CheckSchema(ma.Schema):
    """A reading and what its display says: quantity to number, or `text` to the last four characters of a code."""

    reading_id = ma.fields.UUID(required=True)
    displayed = ma.fields.Dict(keys=_line(40), values=_line(20), required=True, validate=_LENGTH(1, 10))


class CalibrationSchema(ma.Schema):
    """When the device was calibrated, and when it must be again."""

    calibrated_on = ma.fields.Date(required=True)
    calibration_due = ma.fields.Date(required=True)


class RetireSchema(ma.Schema):
    """Why a device is taken out."""

    because = ma.fields.String(required=True, validate=[
        _LENGTH(3, 200, error=Phrase("Say in a few words why.")), _printable])  # fmt: skip


class RegisteredDeviceSchema(ma.Schema):
    """A device as registered."""

    id = ma.fields.UUID()
    station_id = ma.fields.UUID()
    name = ma.fields.String()
    protocol = ma.fields.String()
    port = ma.fields.String()
    serial_number = ma.fields.String(allow_none=True)
    settings = ma.fields.Dict()
    state = ma.fields.Enum(DeviceState, by_value=True)
    bound_at = ma.fields.AwareDateTime(format="iso")
    bound_by = ma.fields.String()
    accepted_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    accepted_by = ma.fields.String(allow_none=True)
    calibrated_on = ma.fields.Date(allow_none=True)
    calibration_due = ma.fields.Date(allow_none=True)
    version = ma.fields.Integer()


class DeviceCheckSchema(ma.Schema):
    """One comparison of a reading with its display."""

    number = ma.fields.Integer()
    arrived = ma.fields.Dict()
    displayed = ma.fields.Dict()
    agrees = ma.fields.Boolean()
    checked_at = ma.fields.AwareDateTime(format="iso")
    checked_by = ma.fields.String()


class AskCommandSchema(ma.Schema):
    """What a device is to do."""

    device = _line(60, required=True)
    act = _line(24, required=True)


class CommandSchema(ma.Schema):
    """What was asked of a device, by whom and when, and what became of it."""

    id = ma.fields.UUID()
    device = ma.fields.String()
    act = ma.fields.String()
    asked_at = ma.fields.AwareDateTime(format="iso")
    asked_by = ma.fields.String()
    state = ma.fields.Enum(CommandState, by_value=True)
    detail = ma.fields.String()


class ClaimSchema(ma.Schema):
    """An empty object."""


class TakenCommandSchema(ma.Schema):
    """A command handed out once, to be sent within `expires_in_ms` of being asked for, or not at all."""

    id = ma.fields.UUID()
    device = ma.fields.String()
    act = ma.fields.String()
    expires_in_ms = ma.fields.Integer()


class TakenCommandListSchema(ma.Schema):
    """What waits for this station."""

    commands = ma.fields.List(ma.fields.Nested(TakenCommandSchema))


class CommandReportSchema(ma.Schema):
    """What became of a command: sent, failed or expired."""

    state = ma.fields.Enum(CommandState, by_value=True, required=True)
    detail = ma.fields.String(load_default="", validate=[_LENGTH(0, 400), _printable])
