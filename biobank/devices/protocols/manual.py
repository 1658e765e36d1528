"""Manual entry: a value read from a display or a tape and typed, as a protocol among the others."""

import re
from decimal import Decimal

from biobank.devices.events import Event, Measure, Reading, Reason, Rejected
from biobank.devices.framing import LineFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings

TYPED = "typed"
_UNITS = {
    "weight": ("kg", "lb", "g"),
    "height": ("cm", "in"),
    "length": ("cm", "mm", "in"),
    "systolic": ("mmHg",),
    "diastolic": ("mmHg",),
    "heart_rate": ("/min",),
}
_LINE = re.compile(r"(?P<quantity>[a-z_]+) (?P<value>\d{1,4}(?:\.\d{1,3})?) (?P<unit>\S+)")


def framer() -> LineFramer:
    """One typed value a line: quantity, number, unit."""
    return LineFramer(
        terminators=re.compile(rb"\r\n|\r|\n"),
        begun=re.compile(rb"[\x20-\x7e]+\Z"),
        rescue=re.compile(rb"(?<![\x20-\x7e])[a-z_]{6,10} [.\d]{1,8} [\x21-\x7e]{1,4}\Z"),
        least=10,
    )


def decode(frame: bytes) -> Event:
    """A typed value, with its unit always said; who typed it and when stands with the record that keeps it."""
    found = _LINE.fullmatch(frame.decode("ascii"))
    if found is None or found["quantity"] not in _UNITS:
        return Rejected(Reason.MALFORMED, "Type what was measured, the number and the unit, such as: weight 72.8 kg.")
    allowed = _UNITS[found["quantity"]]
    if found["unit"] not in allowed:
        return Rejected(
            Reason.NOT_A_MEASURE, f"A {found['quantity'].replace('_', ' ')} is given in {' or '.join(allowed)}."
        )
    return Reading((Measure(found["quantity"], Decimal(found["value"]), found["unit"]),), flags=(TYPED,))


PROTOCOL = DeviceProtocol(
    name="manual",
    title="Typed by hand: tape, stadiometer, any device without a cable",
    settings=Settings(),
    evidence=Evidence.TYPED,
    sources=("All of Us HealthPro and Our Future Health type waist, hip and blood pressure",),
    manner=Manner.TYPED,
    framer=framer,
    decode=decode,
    has_port=False,
    note="A device that acts as a keyboard is manual entry too.",
)
