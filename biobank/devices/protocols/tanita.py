"""Tanita body composition scales: one comma-separated line after each measurement, closed by a checksum."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from biobank.devices import bmi
from biobank.devices.events import UNCHECKED, Event, Measure, Reading, Reason, Rejected
from biobank.devices.framing import DelimitedFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings

_CHECK = re.compile(rb"(.*,)CS,([0-9A-F]{2})", re.DOTALL)
_PAIR = re.compile(r'([^,"]+),("[^"]*"|[^,"]*)(?:,|$)')
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,4})?")
_STONES = re.compile(r"(\d{1,2})\.(\d{1,2}\.\d)")
_SUBJECT = re.compile(rb'(?<=,ID,")[^"]*')
_WEIGHTS = {"Wk": "kg", "Wp": "lb", "Wg": "g", "Ws": "stone"}
_NUMERIC = ("Wk", "Wp", "Wg", "Hm", "MI", "Pt")
_DATES = ("%d/%m/%Y", "%Y/%m/%d")
_TIMES = {5: ("%H:%M", "minutes"), 8: ("%H:%M:%S", "seconds")}
_WITHOUT_CHECKSUM = "BD-815"
_POUNDS_IN_A_STONE = 14


class _Refused(Exception):
    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.rejection = Rejected(reason, f"The scale's line was refused: {why}. Repeat the measurement.")


def framer() -> DelimitedFramer:
    """`{0,16` to CR LF; what stands between lines is the short blip some models add, and is skipped."""
    return DelimitedFramer(
        starts=re.compile(rb"\{0,16"),
        restart=re.compile(rb"\{0,16"),
        end=b"\r\n",
        begun=re.compile(rb"\{(?:0(?:,1?)?)?\Z"),
        illegal=re.compile(rb"[^\x20-\x7e\r]|\r(?=[^\n])"),
        committed=re.compile(rb"\{0,16"),
        whole=re.compile(rb"\{0,16[\x20-\x7a\x7c-\x7e]{0,2000}\r\n"),
        limit=2048,
        quiet=b"\r\n",
    )


def decode(frame: bytes) -> Event:
    """Weight and keyed height of one line; the key is the unit (SC-240 manual p. 24 and six others).

    The checksum is the sum of all bytes from `{` to the comma before `CS`, modulo 256, in two upper-case hex digits.
    """
    line = frame.removesuffix(b"\r\n")
    try:
        checked = _checked(line)
        flags = () if b",CS," in line else (UNCHECKED,)
        return _reading(_pairs(checked.decode("ascii")), flags)
    except _Refused as refused:
        return refused.rejection


def _checked(line: bytes) -> bytes:
    """The line before its checksum; raises _Refused when the sum is wrong, or missing where the model sends one."""
    found = _CHECK.fullmatch(line)
    if found is None:
        if f'MO,"{_WITHOUT_CHECKSUM}'.encode() in line and b",CS," not in line:
            return line
        raise _Refused(Reason.CHECKSUM, "it does not end with a checksum")
    if sum(found[1]) & 0xFF != int(found[2], 16):
        raise _Refused(Reason.CHECKSUM, "its checksum does not match")
    return found[1].removesuffix(b",")


def _pairs(text: str) -> dict[str, str]:
    """Keys and values; keys are case-sensitive and stand once."""
    pairs: dict[str, str] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None or pair[1] in pairs:
            raise _Refused(Reason.MALFORMED, "its fields cannot be told apart")
        pairs[pair[1]] = pair[2].strip('"')
        at = pair.end()
    return pairs


def _reading(pairs: Mapping[str, str], unchecked: tuple[str, ...]) -> Reading:
    wrong = [key for key in _NUMERIC if key in pairs and not _NUMBER.fullmatch(pairs[key])]
    if wrong:
        raise _Refused(Reason.MALFORMED, f"field {wrong[0]} is not a number")
    weight, flags = _weight(pairs)
    device_time, time_flags = _device_time(pairs)
    height, height_flags = _height(pairs, weight)
    tare = pairs.get("Pt", "0")
    flags += [f"tare:{tare}"] if Decimal(tare) else []
    flags += ["segment-error"] if pairs.get("St", "0") != "0" else []
    all_flags = (*flags, *height_flags, *time_flags, *unchecked)
    return Reading((weight, *height), stable=None, device_time=device_time, flags=all_flags)


def _weight(pairs: Mapping[str, str]) -> tuple[Measure, list[str]]:
    keys = [key for key in _WEIGHTS if key in pairs]
    if len(keys) != 1:
        raise _Refused(Reason.MALFORMED, "it does not carry exactly one weight")
    if keys == ["Ws"]:
        return _stones(pairs["Ws"]), ["converted-from-stones"]
    value = Decimal(pairs[keys[0]])
    if not value:
        raise _Refused(Reason.OUT_OF_RANGE, "its weight is zero")
    return Measure("weight", value, _WEIGHTS[keys[0]]), []


def _stones(text: str) -> Measure:
    """Stones and pounds `XX.YY.Y` in pounds, exactly."""
    found = _STONES.fullmatch(text)
    if found is None:
        raise _Refused(Reason.MALFORMED, "field Ws is not stones and pounds")
    return Measure("weight", int(found[1]) * _POUNDS_IN_A_STONE + Decimal(found[2]), "lb")


def _height(pairs: Mapping[str, str], weight: Measure) -> tuple[list[Measure], list[str]]:
    if "Hf" in pairs:
        # No manual read shows the layout of feet and inches, and a guess would be a wrong height.
        return [], ["height-in-feet-not-read"]
    value = Decimal(pairs.get("Hm", "0"))
    if not value:
        return [], []
    index = Decimal(pairs.get("MI", "0"))
    if index and weight.unit in ("kg", "lb"):
        agreed = bmi.agrees(weight=weight.value, weight_unit=weight.unit, height=value, height_unit="cm", bmi=index)
        if not agreed:
            return [], [bmi.CONTRADICTS]
    return [Measure("height", value, "cm")], []


def _device_time(pairs: Mapping[str, str]) -> tuple[str | None, list[str]]:
    """The device's own clock as local ISO text, whichever of its two spellings and orders it uses."""
    day, hour = pairs.get("Da", pairs.get("DT")), pairs.get("TI", pairs.get("Ti"))
    if day is None or hour is None:
        return None, []
    time_format, precision = _TIMES.get(len(hour), _TIMES[5])
    for date_format in _DATES:
        try:
            # The device knows no zone: the text is kept as it stands and never compared with an instant.
            moment = datetime.strptime(f"{day} {hour}", f"{date_format} {time_format}")  # noqa: DTZ007
        except ValueError:
            continue
        return moment.isoformat(timespec=precision), []
    return None, ["device-time-unreadable"]


# A line up to its checksum (everything before `CS` is summed), and the checksum.
_SEALED = re.compile(rb"(\{0,16,[^\r\n]*?,)CS,([0-9A-F]{2})")


def blank(frame: bytes) -> bytes:
    """The line with every character of the person number replaced by a zero; its checksum no longer matches."""
    return _SUBJECT.sub(lambda found: b"0" * len(found.group()), frame)


def reseal(before: bytes, after: bytes) -> bytes:
    """The lines of `after`, of the same lengths, with the checksum of each line that had the right one in `before`."""
    sealed = bytearray(after)
    for line in _SEALED.finditer(before):
        start, end = line.start(1), line.end(1)
        if line[2] == b"%02X" % (sum(before[start:end]) & 0xFF):
            sealed[line.start(2) : line.end(2)] = b"%02X" % (sum(sealed[start:end]) & 0xFF)
    return bytes(sealed)


PROTOCOL = DeviceProtocol(
    name="tanita",
    title="Tanita SC-240, SC-330, MC-780, MC-980, WB-3000, WB-8000, BD-815, HD-351BT",
    settings=Settings(baud=9600),
    evidence=Evidence.MAKER_MANUAL,
    sources=("Tanita SC-240 manual p. 24, SC-330 p. 24, MC-980, WB-3000, WB-8000, BD-815U, HD-351BT",),
    manner=Manner.ONCE_CHECKED,
    framer=framer,
    decode=decode,
    blank=blank,
    reseal=reseal,
)
