"""Older Tanita WB-100 and WB-110 scales: 14 characters in answer to `DR`, with a stable flag, at 2400 7E1."""

import re

from biobank.devices import polling
from biobank.devices.events import DeviceError, Event, Reading, Reason, Rejected, Unstable
from biobank.devices.framing import LineFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings
from biobank.devices.weights import malformed, weighed

READ = b"DR\r\n"
_LINE = re.compile(rb"(S |SD|SI)  ([ .\d-]{6})(kg|lb| g|  )")
_WEIGHT = re.compile(r" *(-?\d{1,5}(?:\.\d{1,3})?)")
_BMI_MODE_LENGTH = 24


def framer() -> LineFramer:
    """12 characters and CR LF."""
    return LineFramer(
        terminators=re.compile(rb"\r\n"),
        begun=re.compile(rb"S"),
        rescue=re.compile(rb"S[ DI]  [ .\d]{6}(?:kg|lb)\Z"),
        least=2,
    )


def decode(frame: bytes) -> Event:
    """Header `S ` stable, `SD` moving, `SI` overload; six of weight, two of unit (WB-100/110MA manual)."""
    if len(frame) == _BMI_MODE_LENGTH and frame[:1] == b"S":
        return Rejected(
            Reason.UNSUPPORTED_FORMAT,
            "The scale answers in its BMI mode, whose columns no manual read here states: switch BMI mode off.",
        )
    if frame[:2] == b"SI":
        return DeviceError("overload", "The scale is over its capacity: step off.")
    found = _LINE.fullmatch(frame)
    if found is None:
        return malformed("it is not 12 characters of header, weight and unit")
    number = _WEIGHT.fullmatch(found[2].decode())
    if number is None:
        return malformed("its weight is not a number")
    measure = weighed(number[1], found[3].decode())
    if isinstance(measure, Rejected):
        return measure
    return Unstable((measure,)) if found[1] == b"SD" else Reading((measure,), stable=True)


PROTOCOL = DeviceProtocol(
    name="tanita-wb",
    title="Tanita WB-100 and WB-110",
    settings=Settings(baud=2400, bits=7, parity="E"),
    evidence=Evidence.MAKER_MANUAL,
    sources=("Tanita WB-100/110MA manual, RS-232 section",),
    manner=Manner.FLAGGED,
    framer=framer,
    decode=decode,
    polling=polling.repeat(READ, 0.5),
)
