"""Health o meter Professional and Rice Lake scales: the escape record with weight, height and body mass index."""

import re
from collections.abc import Mapping
from decimal import Decimal

from biobank.devices import bmi
from biobank.devices.events import DeviceError, Event, Measure, Reading, Reason, Rejected
from biobank.devices.framing import DelimitedFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings

_FIELD = re.compile(rb"\x1b([A-DF-Z])([^\x1b]*)")
_RECORD = re.compile(rb"(?:\x1b|6)R((?:\x1b[A-DF-Z][^\x1b]*)*)\x1bE")
_NUMBER = re.compile(r"\d{1,5}(?:\.\d{1,4})?")
_SUBJECT = re.compile(rb"(?<=\x1bI)[^\x1b]*")
_UNITS = {"m": ("kg", "cm"), "c": ("lb", "in")}
_OVERLOAD = (Decimal("999.9"), Decimal("999.99"))
_NUMERIC = "WHBT"


def framer() -> DelimitedFramer:
    """`ESC R` (or `6R` after the first packet of a stream) to `ESC E`; no line end, no length, no checksum."""
    return DelimitedFramer(
        starts=re.compile(rb"(?:\x1b|6)R(?=\x1b)|\x1b[OFLPZ]"),
        restart=re.compile(rb"\x1bR"),
        end=b"\x1bE",
        begun=re.compile(rb"(?:\x1bR?|6R?)\Z"),
        illegal=re.compile(rb"[^\x1b\x20-\x7e]"),
        committed=re.compile(rb"(?:\x1b|6)R"),
        whole=re.compile(rb"(?:\x1b|6)R(?:\x1b[A-DF-QS-Z][\x20-\x7e]{0,20}){1,8}\x1bE"),
        limit=128,
    )


def decode(frame: bytes) -> Event | None:
    """A weight, with the height when the record's own index bears it out (Pelstar protocol book, 2023-07-11).

    Answers to the host's questions (power, battery, height setting) say nothing and give None.
    """
    record = _RECORD.fullmatch(frame)
    if record is None:
        return _malformed("its fields cannot be told apart") if frame[1:2] == b"R" else None
    fields = {tag.decode(): value.decode() for tag, value in _FIELD.findall(record[1])}
    if not fields:
        return None
    if len(fields) != len(_FIELD.findall(record[1])):
        return _malformed("a field stands twice")
    return _say(fields)


def _say(fields: Mapping[str, str]) -> Event:
    wrong = [tag for tag in _NUMERIC if tag in fields and not _NUMBER.fullmatch(fields[tag])]
    if wrong:
        return _malformed(f"field {wrong[0]} is not a number")
    if "W" not in fields:
        return _malformed("there is no weight in it")
    if fields.get("N", "m") not in _UNITS:
        return _malformed("the unit is neither metric nor imperial")
    if Decimal(fields["W"]) in _OVERLOAD:
        return DeviceError(
            "overload", "The scale is over its capacity or was not empty at the start: step off, zero it."
        )
    return _reading({tag: Decimal(fields[tag]) for tag in _NUMERIC if tag in fields}, fields.get("N"))


def _reading(numbers: Mapping[str, Decimal], unit: str | None) -> Reading:
    weight_unit, height_unit = _UNITS[unit] if unit else (None, None)
    flags = [f"tare:{numbers['T']}"] if numbers.get("T") else []
    measures = [Measure("weight", numbers["W"], weight_unit)]
    if numbers.get("H") and numbers["W"]:
        doubt = _doubt(numbers, unit)
        flags += [doubt] if doubt else []
        measures += [] if doubt in _LEFT_OUT else [Measure("height", numbers["H"], height_unit)]
    return Reading(tuple(measures), flags=tuple(flags))


_UNPROVEN = "height-unit-unproven"
_UNCONFIRMED = "height-without-bmi"
_LEFT_OUT = (bmi.CONTRADICTS, _UNPROVEN)


def _doubt(numbers: Mapping[str, Decimal], unit: str | None) -> str | None:
    """What speaks against the height: its own index, an unproven unit, or only that nothing bears it out."""
    index = numbers.get("B")
    if unit is None or (unit == "c" and not index):
        # The maker's own imperial sample does not add up, so inches are believed only with the index behind them.
        return _UNPROVEN
    if not index:
        return _UNCONFIRMED
    weight_unit, height_unit = _UNITS[unit]
    agreed = bmi.agrees(
        weight=numbers["W"], weight_unit=weight_unit, height=numbers["H"], height_unit=height_unit, bmi=index
    )
    return None if agreed else bmi.CONTRADICTS


def _malformed(why: str) -> Rejected:
    return Rejected(Reason.MALFORMED, f"The scale's record cannot be read: {why}. Measure again.")


def blank(frame: bytes) -> bytes:
    """The record with every character of the patient ID replaced by a zero."""
    return _SUBJECT.sub(lambda found: b"0" * len(found.group()), frame)


PROTOCOL = DeviceProtocol(
    name="healthometer",
    title="Health o meter Professional and Rice Lake scales, escape record",
    settings=Settings(baud=9600),
    evidence=Evidence.MAKER_MANUAL,
    sources=("Pelstar, Communication Protocols, 2023-07-11", "Rice Lake 160-10-7 manual p. 15, RL-350-5 p. 25"),
    manner=Manner.REPEATED,
    framer=framer,
    decode=decode,
    blank=blank,
)
