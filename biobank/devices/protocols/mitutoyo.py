"""Mitutoyo gauges over USB or a DP or MUX box: one length of eight characters at a press of a key."""

import re
from decimal import Decimal

from biobank.devices.events import DeviceError, Event, Measure, Reading, Reason, Rejected
from biobank.devices.framing import LineFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings

_LENGTH = re.compile(r"0\dA([+-])(?=[.\d]{8}\Z)(\d*\.?\d*)")


def framer() -> LineFramer:
    """Twelve characters and CR, no LF."""
    return LineFramer(
        terminators=re.compile(rb"\r"),
        begun=re.compile(rb"[\x20-\x7e]+\Z"),
        rescue=re.compile(rb"0\dA[+-][.\d]{8}\Z"),
        foreign=re.compile(rb"9\d{1,3}\r"),
        least=8,
    )


def decode(frame: bytes) -> Event:
    """A length without a unit: millimetres or inches, as the gauge is set (QM-Height manual, USB output)."""
    line = frame.decode("ascii")
    if line.startswith("9"):
        number = line[:3].rstrip()
        return DeviceError("device", f"The gauge reports error {number}: check its cable and battery, measure again.")
    found = _LENGTH.fullmatch(line)
    if found is None:
        return Rejected(
            Reason.MALFORMED, "The gauge's line cannot be read: it is not 01A, a sign and eight digits. Measure again."
        )
    return Reading((Measure("length", Decimal(found[1] + found[2]), None),))


PROTOCOL = DeviceProtocol(
    name="mitutoyo",
    title="Mitutoyo QM-Height and gauges by USB-ITN, DP or MUX box",
    settings=Settings(baud=9600),
    evidence=Evidence.MAKER_MANUAL,
    sources=("Mitutoyo QM-Height manual, USB output", "an open-source driver for USB-ITN"),
    manner=Manner.ONCE_UNCHECKED,
    framer=framer,
    decode=decode,
    note="The line carries no unit: a person confirms millimetres or inches.",
)
