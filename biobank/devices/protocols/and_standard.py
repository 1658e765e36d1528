"""A&D scales in their standard format, and the `ST,GS` lines of CAS, T-Scale, Dini Argeo and Brecknell."""

import re

from biobank.devices.events import DeviceError, Event, Reading, Reason, Rejected, Unstable
from biobank.devices.framing import LineFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings
from biobank.devices.weights import malformed, weighed

_STANDARD = re.compile(r"(?P<state>ST|US),(?P<value>[+-](?=[ .\d]{8}) *\d+(?:\.\d*)?)(?<=.{12})(?P<unit>[ A-Za-z%]{3})")
_COUSIN = re.compile(
    r"(?P<state>ST|US),(?P<kind>GS|NT), *(?P<value>[+-]? *\d{1,8}(?:\.\d{1,5})?),? *(?P<unit>[A-Za-z%]{1,3}) *"
)
_ERROR = re.compile(r"EC,E(\d{1,2})")
_OTHER_FORMAT = re.compile(r"(?:S |SD|SI)")
_STATES = {
    "OL": ("overload", "The scale is over its capacity: step off."),
    "UL": ("underload", "The scale is below its range: check that nothing lifts the platform, and zero it."),
    "TL": ("device", "The scale is not level: level it and measure again."),
}
_UNDEFINED = "1"


def framer() -> LineFramer:
    """Lines ended by CR LF; the acknowledging byte 06 between them does not count."""
    return LineFramer(
        terminators=re.compile(rb"\r\n"),
        begun=re.compile(rb"[SUOQTE]"),
        rescue=re.compile(rb"(?:ST|US),[\x20-\x7e]{12,20}\Z"),
        least=3,
        quiet=b"\r\n\x06",
    )


def decode(frame: bytes) -> Event:
    """A weight by its two-letter header (A&D EK-L manual p. 28, GH p. 44, HC-i p. 48; Dini Argeo for `TL`)."""
    line = frame.decode("ascii")
    if found := _STANDARD.fullmatch(line) or _COUSIN.fullmatch(line):
        return _weight(found)
    if found := _ERROR.fullmatch(line):
        return _error(found[1])
    if line[:3] in ("OL,", "UL,", "TL,"):
        return _state(line)
    return _refusal(line)


def _weight(found: re.Match[str]) -> Event:
    measure = weighed(found["value"], found["unit"])
    if isinstance(measure, Rejected):
        return measure
    if found["state"] == "US":
        return Unstable((measure,))
    return Reading((measure,), stable=True, flags=("net",) if ",NT," in found.group() else ())


def _refusal(line: str) -> Rejected:
    if line.startswith("QT,"):
        return Rejected(Reason.NOT_A_MEASURE, "The scale is counting pieces: set it to weigh, and measure again.")
    if _OTHER_FORMAT.match(line):
        return Rejected(
            Reason.UNSUPPORTED_FORMAT, "The scale sends another of its formats: set it to A&D standard, measure again."
        )
    return malformed("it is not header, weight and unit")


def _state(line: str) -> DeviceError:
    under = line.startswith("OL,-")
    return DeviceError(*_STATES["UL" if under else line[:2]])


def _error(number: str) -> DeviceError:
    code = "unknown-command" if number == _UNDEFINED else "device"
    return DeviceError(code, f"The scale reports error E{number}: check the cable and its settings, measure again.")


PROTOCOL = DeviceProtocol(
    name="and",
    title="A&D standard format; CAS, T-Scale, Dini Argeo, Brecknell (ST,GS)",
    settings=Settings(baud=2400, bits=7, parity="E"),
    evidence=Evidence.MAKER_MANUAL,
    sources=("A&D EK-L manual p. 28, GH p. 44, HC-i p. 48", "manuals of CAS, T-Scale, Dini Argeo, Brecknell"),
    manner=Manner.FLAGGED,
    framer=framer,
    decode=decode,
    note="Speed and parity differ by model: take them from the scale's menu. Set it to send by itself.",
)
