"""Detecto scales: the MedVue's answer to ENQ, and the solo's line of time, index, height and weight."""

import re
from decimal import Decimal

from biobank.devices import bmi, polling
from biobank.devices.events import DeviceError, Event, Measure, Reading, Reason, Rejected, Unstable
from biobank.devices.framing import LineFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings
from biobank.devices.weights import malformed, weighed

READ = b"\x05"
_MEDVUE = re.compile(
    r"(?P<value> *[+-]? *\d{1,6}(?:\.\d{1,3})?) {1,2}(?P<unit>LB|KG|lb|kg) (?P<kind>[GN])(?: (?P<status>[A-Z ]{2}))? *"
)
_SOLO = re.compile(
    r" *(?:\d{1,2}:\d\d|--:--), *(?:\d\d/\d\d/\d\d|--/--/--), *(?P<bmi>\d{1,3}\.\d|-[-.]*), *"
    r"(?:(?P<feet>\d)'(?P<inches>\d{1,2}(?:\.\d)?)\"|(?P<other>[^,]*)), *"
    r"(?P<value>\d{1,4}(?:\.\d{1,2})?) ?(?P<unit>lb|kg)"
)
_ERRORS = {
    "BZ": ("underload", "The scale is below zero: empty it, and zero it by its own key."),
    "EE": ("device", "The scale reports a wrong entry (EE): clear it on the scale and measure again."),
    "OC": ("overload", "The scale is over its capacity: step off."),
}
_SETTLED = ("", "CZ")
_HEIGHT_NOT_READ = "height-not-read"


def framer() -> LineFramer:
    """Lines ended by CR alone."""
    return LineFramer(
        terminators=re.compile(rb"\r"),
        begun=re.compile(rb"[\x20-\x7e]+\Z"),
        rescue=re.compile(rb"(?<![\x20-\x7e])[ +-]?[ .\d]{3,8} (?:LB|KG) [GN][A-Z ]{0,4}\Z"),
        least=8,
    )


def decode(frame: bytes) -> Event:
    """A weight (MedVue and solo manuals, serial section; MVWIFI p. 10).

    No manual says what the MedVue's status is when nothing is wrong, so a blank one is not taken as a stable flag:
    equal weights over two seconds are asked for instead.
    """
    line = frame.decode("ascii")
    if found := _SOLO.fullmatch(line):
        return _solo(found)
    found = _MEDVUE.fullmatch(line)
    return malformed("it is neither a MedVue's answer nor a solo's line") if found is None else _medvue(found)


def _medvue(found: re.Match[str]) -> Event:
    status = (found["status"] or "").strip()
    if status in _ERRORS:
        return DeviceError(*_ERRORS[status])
    measure = weighed(found["value"], found["unit"])
    if isinstance(measure, Rejected):
        return measure
    if status == "MO":
        return Unstable((measure,))
    if status not in _SETTLED:
        return Rejected(Reason.UNSUPPORTED_FORMAT, f"The scale's status {status} is in no manual: type the weight.")
    return Reading((measure,), flags=("net",) if found["kind"] == "N" else ())


def _solo(found: re.Match[str]) -> Event:
    weight = weighed(found["value"], found["unit"])
    if isinstance(weight, Rejected):
        return weight
    height, flags = _height(found, weight)
    return Reading((weight, *height), flags=flags)


def _height(found: re.Match[str], weight: Measure) -> tuple[tuple[Measure, ...], tuple[str, ...]]:
    """Feet and inches as inches, when the line's own index bears them out."""
    if found["feet"] is None or found["bmi"].startswith("-"):
        return (), (_HEIGHT_NOT_READ,) if (found["other"] or "").strip(" -'\".") or found["feet"] else ()
    height = 12 * int(found["feet"]) + Decimal(found["inches"])
    agreed = height and bmi.agrees(
        weight=weight.value, weight_unit=str(weight.unit), height=height, height_unit="in", bmi=Decimal(found["bmi"])
    )
    if not agreed:
        return (), (bmi.CONTRADICTS,)
    return (Measure("height", height, "in"),), ("converted-from-feet",)


PROTOCOL = DeviceProtocol(
    name="detecto",
    title="Detecto MedVue (ENQ) and solo; Doran format Fd",
    settings=Settings(baud=9600),
    evidence=Evidence.MAKER_MANUAL,
    sources=("Detecto MedVue 8555-M519 manual, MVWIFI p. 10", "Detecto solo manual p. 24"),
    manner=Manner.REPEATED,
    framer=framer,
    decode=decode,
    polling=polling.repeat(READ, 0.5),
    note="A MedVue set to SMA is read with the protocol sma.",
)
