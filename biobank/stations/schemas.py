"""How stations and their readings cross the wire."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from biobank.errors import Invalid
from biobank.stations.models import InboxKind
from biobank.stations.plain_readings import QUANTITIES, RAW, UNITS, VALUE, Readings

_LENGTH = ma.validate.Length
BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


def _printable(text: str) -> None:
    if not text.isprintable():
        raise ma.ValidationError("Only characters that can be printed, in one line.")


def one_line(limit: int, **options: Any) -> ma.fields.String:
    return ma.fields.String(validate=[_LENGTH(0 if options.get("load_default") == "" else 1, limit), _printable],
                            **options)  # fmt: skip


class DeviceMeasureSchema(ma.Schema):
    """One quantity as the device sent it: `value` is a decimal string."""

    quantity = ma.fields.String(required=True, validate=ma.validate.OneOf(QUANTITIES))
    value = ma.fields.String(required=True, validate=ma.validate.Regexp(VALUE))
    unit = ma.fields.String(required=True, allow_none=True, validate=ma.validate.OneOf(UNITS))


class DeviceReadingSchema(ma.Schema):
    """A reading or a scan as the station captured it; `raw` is the frame in hex."""

    seq = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 2**53))
    device = one_line(60, required=True)
    protocol = one_line(40, required=True)
    kind = ma.fields.Enum(InboxKind, by_value=True, required=True)
    captured_at = ma.fields.AwareDateTime(required=True, format="iso")
    device_time = one_line(40, load_default=None, allow_none=True)
    measures = ma.fields.List(ma.fields.Nested(DeviceMeasureSchema), load_default=list, validate=_LENGTH(0, 10))
    stable = ma.fields.Boolean(load_default=None, allow_none=True, truthy={True}, falsy={False})
    flags = ma.fields.List(one_line(40), load_default=list, validate=_LENGTH(0, 10))
    raw = ma.fields.String(load_default="", validate=ma.validate.Regexp(RAW))
    repeat = ma.fields.Integer(load_default=1, strict=True, validate=ma.validate.Range(1, 1_000_000))
    text = one_line(200, load_default=None, allow_none=True)

    @ma.validates("captured_at")
    def _is_in_the_calendar(self, value: Any, **_: Any) -> None:
        if value.year not in range(1970, 3000):
            raise ma.ValidationError("The time is outside the calendar.")

    @ma.validates_schema
    def _says_one_thing(self, data: Mapping[str, Any], **_: Any) -> None:
        is_scan = data["kind"] is InboxKind.SCAN
        if is_scan == (data["text"] is None) or is_scan == bool(data["measures"]):
            raise ma.ValidationError("A reading has measures and no text, a scan has text and no measures.")


class ReadingBatchSchema(ma.Schema):
    """Up to 200 readings. What is wrong is refused by number, so that the station can send the others again."""

    readings = Readings(ma.fields.Nested(DeviceReadingSchema), required=True, validate=_LENGTH(1, 200))

    def handle_error(self, error: ma.ValidationError, data: Any, *, many: bool, **_: Any) -> None:
        refused = _refused_by_number(error.messages_dict, data)
        raise Invalid("Readings that break a rule were sent, so nothing of this batch was stored: %(seqs)s.",
                      code="bad-reading", seqs=", ".join(str(item["seq"]) for item in refused) or "no number",
                      details={"refused": refused, "errors": error.messages})  # fmt: skip


def _refused_by_number(messages: Mapping[str, Any], data: Any) -> list[dict[str, Any]]:
    wrong = messages.get("readings")
    if not isinstance(wrong, Mapping):
        return []
    return [
        {"seq": data["readings"][place]["seq"], "reason": _sentence(words)}
        for place, words in wrong.items()
        if isinstance(data["readings"][place], Mapping) and isinstance(data["readings"][place].get("seq"), int)
    ]


def _sentence(words: Any, where: str = "") -> str:
    if isinstance(words, Mapping):
        return " ".join(_sentence(inner, f"{where}.{key}".strip(".")) for key, inner in words.items())
    said = " ".join(str(item) for item in words) if isinstance(words, list) else str(words)
    return said if where in ("", "_schema") else f"{where}: {said}"


class ReadingReceiptSchema(ma.Schema):
    """The numbers that are safe with the server, and which of them it had before."""

    acknowledged = ma.fields.List(ma.fields.Integer())
    duplicates = ma.fields.List(ma.fields.Integer())


class DeviceSchema(ma.Schema):
    """One device as the station sees it."""

    name = one_line(60, required=True)
    protocol = one_line(40, required=True)
    port = one_line(200, required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(("connected", "missing", "busy", "error")))
    last_frame_at = ma.fields.AwareDateTime(load_default=None, allow_none=True, format="iso")
    detail = one_line(400, load_default="")


class PortSchema(ma.Schema):
    """A port of the station's machine by its physical path; nothing was sent to what stands on it."""

    path = one_line(200, required=True)
    location = one_line(100, load_default=None, allow_none=True)
    description = one_line(200, load_default="")
    hardware = one_line(200, load_default="")


class GuessSchema(ma.Schema):
    """A protocol that understood what was heard: in how many frames, and whether 7 bits and parity are spoken."""

    protocol = one_line(40, required=True)
    frames = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 2**31 - 1))
    seven = ma.fields.Boolean(required=True, truthy={True}, falsy={False})
    measures = ma.fields.List(ma.fields.Nested(DeviceMeasureSchema), load_default=list, validate=_LENGTH(0, 10))


class HeardThereSchema(ma.Schema):
    """What was heard at the port a person pointed at: `size` in bytes."""

    port = one_line(200, required=True)
    size = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(0, 2**53))
    hint = one_line(400, load_default="")
    trouble = one_line(400, load_default="")
    guesses = ma.fields.List(ma.fields.Nested(GuessSchema), load_default=list, validate=_LENGTH(0, 10))


class HeartbeatSchema(ma.Schema):
    """How a station is: its devices, its ports, what it heard, and how many readings it has not delivered."""

    ports = ma.fields.List(ma.fields.Nested(PortSchema), load_default=None, allow_none=True, validate=_LENGTH(0, 50))
    heard = ma.fields.Nested(HeardThereSchema, load_default=None, allow_none=True)
    devices = ma.fields.List(ma.fields.Nested(DeviceSchema), required=True, validate=_LENGTH(0, 50))
    spooled = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(0, 2**31 - 1))
    station_time = ma.fields.AwareDateTime(required=True, format="iso")


class SerialSettingsSchema(ma.Schema):
    """How a line is spoken."""

    baud = ma.fields.Integer(validate=ma.validate.OneOf(BAUDS))
    bits = ma.fields.Integer(validate=ma.validate.OneOf((7, 8)))
    parity = ma.fields.String(validate=ma.validate.OneOf(("N", "E", "O")))
    stop_bits = ma.fields.Integer(validate=ma.validate.OneOf((1, 2)))


class BoundSchema(ma.Schema):
    """A device bound to a port of the station."""

    name = ma.fields.String()
    protocol = ma.fields.String()
    port = ma.fields.String()
    settings = ma.fields.Nested(SerialSettingsSchema)


class ListenSchema(ma.Schema):
    """A port to listen at."""

    port = one_line(200, required=True)
    settings = ma.fields.Nested(SerialSettingsSchema, load_default=dict)


class HeardSchema(ma.Schema):
    """The server's clock, the site the station stands at, and what the station is to do."""

    devices = ma.fields.List(ma.fields.Nested(BoundSchema))
    listen = ma.fields.Nested(ListenSchema, allow_none=True)
    beat_seconds = ma.fields.Integer()

    server_time = ma.fields.AwareDateTime(format="iso")
    site = ma.fields.String()


class StationSchema(ma.Schema):
    """A desk and its key, as registered and as answered."""

    id = ma.fields.UUID(dump_only=True)
    site_id = ma.fields.UUID(required=True)
    name = one_line(60, required=True)
    public_key = one_line(60, required=True)
    active = ma.fields.Boolean(dump_only=True)
    last_seen_at = ma.fields.AwareDateTime(dump_only=True, format="iso", allow_none=True)
    clock_skew_ms = ma.fields.Integer(dump_only=True, allow_none=True)
    spooled = ma.fields.Integer(dump_only=True)
    devices = ma.fields.List(ma.fields.Dict(), dump_only=True)


class InboxReadingSchema(ma.Schema):
    """A reading as it was kept."""

    id = ma.fields.UUID()
    seq = ma.fields.Integer()
    device = ma.fields.String()
    protocol = ma.fields.String()
    kind = ma.fields.Enum(InboxKind, by_value=True)
    captured_at = ma.fields.AwareDateTime(format="iso")
    received_at = ma.fields.AwareDateTime(format="iso")
    measures = ma.fields.List(ma.fields.Dict())
    stable = ma.fields.Boolean()
    flags = ma.fields.List(ma.fields.String())
    text = ma.fields.String()
    state = ma.fields.String()
    visit_id = ma.fields.UUID()
    refusal = ma.fields.String()
