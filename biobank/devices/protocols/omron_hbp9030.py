"""Omron HBP-9030 walk-in blood pressure kiosk: output format 5, one line of 53 characters after a measurement."""

import re
from datetime import datetime
from decimal import Decimal

from biobank.devices.events import DeviceError, Event, Measure, Reading, Reason, Rejected
from biobank.devices.framing import LineFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings

_FORMAT_5 = re.compile(
    rb"(?P<time>\d{4},\d\d,\d\d,\d\d,\d\d),(?P<id>[\x20-\x2b\x2d-\x7e]{20}),(?P<error>\d),"
    rb"(?P<vitals>\d{3},\d{3},\d{3}|   ,   ,   ),(?P<movement>\d)"
)
_OTHER_FORMAT = re.compile(rb"MMBP|ID.{8}B|bp,")
_OTHER_WHOLE = re.compile(
    rb"MMBP\w{0,8}\r\n?(?:[0-9./: -]{1,16}\r\n?){4}"
    rb"|ID.{8}B\d\d/\d\d/\d\d/\d\d:\d\d(?: [ \d]{3}){3} "
    rb"|bp,[\x20-\x7e]{0,100}\r"
)
_RANGES = {"systolic": ("mmHg", 60, 260), "diastolic": ("mmHg", 30, 215), "heart_rate": ("/min", 40, 180)}


def framer() -> LineFramer:
    """Lines ended by CR LF; the kiosk's other formats are recognised so that they can be refused by name."""
    return LineFramer(
        terminators=re.compile(rb"\r\n"),
        begun=re.compile(rb"\d{1,4}\Z|\d{4},[\x20-\x7e]*\r?\Z|MMBP|ID.{8}B|bp,"),
        rescue=re.compile(_FORMAT_5.pattern + rb"\Z"),
        foreign=_OTHER_WHOLE,
        whole=re.compile(rb"[\r\n]*(?P<line>\d{4},[\x20-\x7e]{48})\r\n"),
    )


def decode(frame: bytes) -> Event:
    """Blood pressure and pulse of one line (Omron manual 2873643-0F p. 20, as cited by an open-source driver)."""
    if _OTHER_FORMAT.match(frame):
        return Rejected(
            Reason.UNSUPPORTED_FORMAT,
            "The kiosk is sending another output format: set its function item 32 to 5 and measure again.",
        )
    found = _FORMAT_5.fullmatch(frame)
    if found is None:
        return _malformed("it is not 53 characters of format 5")
    device_time = _device_time(found["time"].decode())
    if device_time is None:
        return _malformed("its date or time does not exist")
    if found["error"] != b"0":
        number = found["error"].decode()
        return DeviceError("device", f"The kiosk reports error {number}: check the cuff and posture, measure again.")
    if not found["vitals"].strip(b" ,"):
        return _malformed("it carries neither values nor an error")
    flags = ("movement",) if found["movement"] != b"0" else ()
    return _reading(found["vitals"].decode().split(","), device_time, flags)


def _reading(texts: list[str], device_time: str, flags: tuple[str, ...]) -> Event:
    measures = tuple(
        Measure(quantity, Decimal(text), unit)
        for (quantity, (unit, _, _)), text in zip(_RANGES.items(), texts, strict=True)
    )
    for measure in measures:
        _, low, high = _RANGES[measure.quantity]
        if not low <= measure.value <= high:
            name = measure.quantity.replace("_", " ")
            return _out_of_range(f"{name} {measure.value} is outside the kiosk's range of {low} to {high}")
    if measures[1].value >= measures[0].value:
        return _out_of_range("diastolic is not below systolic")
    return Reading(measures, device_time=device_time, flags=flags)


def _device_time(text: str) -> str | None:
    try:
        # The kiosk knows minutes of local time and no zone; two measurements may share one stamp.
        year, month, day, hour, minute = map(int, text.split(","))
        moment = datetime(year, month, day, hour, minute)  # noqa: DTZ001
    except ValueError:
        return None
    return moment.isoformat(timespec="minutes")


def _malformed(why: str) -> Rejected:
    return Rejected(Reason.MALFORMED, f"The kiosk's line cannot be read: {why}. Measure again.")


def _out_of_range(why: str) -> Rejected:
    return Rejected(Reason.OUT_OF_RANGE, f"The kiosk's values were refused: {why}. Measure again.")


def blank(frame: bytes) -> bytes:
    """The line with the 20 characters of the subject ID replaced by zeros."""
    found = _FORMAT_5.search(frame)
    return frame if found is None else frame[: found.start("id")] + b"0" * 20 + frame[found.end("id") :]


PROTOCOL = DeviceProtocol(
    name="omron-hbp9030",
    title="Omron HBP-9030 kiosk, function item 32 set to 5",
    settings=Settings(baud=9600),
    evidence=Evidence.OPEN_SOURCE,
    sources=("BP_checker clinic-readiness specification, section 2, citing Omron manual 2873643-0F p. 20",),
    manner=Manner.ONCE_UNCHECKED,
    framer=framer,
    decode=decode,
    blank=blank,
)
