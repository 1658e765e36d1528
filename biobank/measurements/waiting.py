"""The next place to be measured, and whom it waits for: a device of the visit's station, or the clerk's keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from biobank.measurements.protocol import Field
from biobank.measurements.sheet import Sheet

# The order of a clerk's work: shoes off once, then seated, then the tape.
ORDER = ("height", "weight", "blood_pressure", "waist", "hip")
PAUSE = timedelta(minutes=1)
_SENDS: Mapping[str, tuple[str, ...]] = {
    "height": ("healthometer", "healthometer-binary"),
    "weight": ("healthometer", "healthometer-binary", "tanita", "tanita-wb", "and", "sma", "detecto", "mt-sics"),
    "blood_pressure": ("omron-hbp9030", "taidoc", "suntech"),
}


@dataclass(frozen=True, slots=True)
class Next:
    """The place to be measured next. `device` is its name, None when it is typed.

    `until` is when the pause after the last pressure ends, `left` how long that is, such as 0:43.
    """

    measure: str
    number: int
    of: int
    ref: str
    device: str | None
    until: datetime | None
    left: str


def next_place(sheet: Sheet, devices: Sequence[Mapping[str, Any]], now: datetime) -> Next | None:
    """The first place still missing in the order of work; None when nothing is, or the record is final."""
    missing = [] if sheet.is_final else sheet.assessment.missing
    for measure in ORDER:
        refs = [ref for ref in missing if _field(sheet, ref).measure == measure]
        if refs:
            ref = min(refs, key=_number)
            device = _device(measure, devices)
            until = _pause_ends(sheet, now) if measure == "blood_pressure" else None
            seconds = round((until - now).total_seconds()) if until else 0
            left = f"{seconds // 60}:{seconds % 60:02}"
            return Next(measure, _number(ref), _count(sheet, ref), ref, device, until, left)
    return None


def _field(sheet: Sheet, ref: str) -> Field:
    return sheet.protocol.fields[ref.partition(".")[0]]


def _number(ref: str) -> int:
    return int(ref.partition(".")[2] or 0)


def _count(sheet: Sheet, ref: str) -> int:
    """How many readings are asked for: a third hip or waist only where the first two lie apart."""
    row = _field(sheet, ref)
    return row.replicates - 1 if row.third_when_apart is not None and _number(ref) < row.replicates else row.replicates


def _device(measure: str, devices: Sequence[Mapping[str, Any]]) -> str | None:
    speaks = _SENDS.get(measure, ())
    return next(
        (str(d["name"]) for d in devices if d.get("protocol") in speaks and d.get("state") == "connected"), None
    )


def _pause_ends(sheet: Sheet, now: datetime) -> datetime | None:
    """A minute after the last pressure reading, while that is still to come (protocol, 1.1)."""
    taken = [
        entry.taken_at for entry in sheet.current.values() if entry.field == "systolic" and entry.value is not None
    ]
    ends = max(taken) + PAUSE if taken else now
    return ends if ends > now else None
