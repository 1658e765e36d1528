"""What a parcel's temperature logger wrote: a CSV of whatever maker, read whole or refused with the reason."""

import csv
import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from biobank.errors import Invalid

# The tube sets are kept refrigerated: degrees Celsius.
COLD = (Decimal(2), Decimal(8))
MOST = 100_000
_HEAD_LINES = 80
_COLDEST, _WARMEST = Decimal(-200), Decimal(100)
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%m/%d/%Y %H:%M:%S",
            "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%y %H:%M:%S", "%m/%d/%y %H:%M",
            "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: an instant and degrees Celsius."""

    at: datetime
    celsius: Decimal


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record, in order of time."""

    serial: str | None
    readings: tuple[Reading, ...]

    def between(self, start: datetime, end: datetime) -> tuple[Reading, ...]:
        """The readings of that time."""
        return tuple(item for item in self.readings if start <= item.at <= end)


@dataclass(frozen=True, slots=True)
class _Columns:
    times: tuple[int, ...]
    value: int
    is_fahrenheit: bool
    is_utc: bool


def is_cold(celsius: Decimal) -> bool:
    """Whether that is refrigerated: 2 to 8 degrees Celsius, both included."""
    return COLD[0] <= celsius <= COLD[1]


def seconds_outside(readings: Sequence[Reading]) -> int:
    """How long it was not cold: from each reading outside to the next one."""
    pairs = itertools.pairwise(readings)
    return round(sum((after.at - before.at).total_seconds() for before, after in pairs if not is_cold(before.celsius)))


def read(content: bytes, zone: str) -> Record:
    """The record in a logger's file; times without a zone are those of `zone`.

    Raises Invalid, naming the line, for anything that cannot be read for certain: nothing of such a file is taken.
    """
    text = _text(content)
    lines = text.splitlines()
    for delimiter in (",", ";", "\t"):
        for number, cells in enumerate(csv.reader(io.StringIO("\n".join(lines[:_HEAD_LINES])), delimiter=delimiter)):
            columns = _columns(cells)
            if columns is not None:
                rows = csv.reader(lines[number + 1 :], delimiter=delimiter)
                return Record(_serial(lines[:number]), _readings(rows, columns, number + 2, ZoneInfo(zone)))
    raise Invalid("No column of times and no column of temperatures was found in this file. Export the logger's "
                  "readings as CSV, with their headings.", code="logger-headings")  # fmt: skip


def _text(content: bytes) -> str:
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("This is not a text file. Export the logger's readings as CSV.", code="logger-not-text")
    coding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(coding)
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _columns(cells: Sequence[str]) -> _Columns | None:
    """The columns of a line that is the heading; None for any other line."""
    names = [cell.strip().casefold() for cell in cells]
    value = next((n for n, name in enumerate(names) if re.search(r"temp|celsius|fahrenheit|°[cf]", name)), None)
    joined = [n for n, name in enumerate(names) if re.search(r"date.?.?time|time.?stamp|date/time", name)]
    parts = [n for word in ("date", "time") for n, name in enumerate(names) if re.match(rf"\W*{word}\b", name)]
    times = joined[:1] or parts[:2]
    if value is None or not times or value in times:
        return None
    heading = " ".join(names)
    return _Columns(tuple(times), value, bool(re.search(r"°f|\(f\)|fahrenheit|_f\b", names[value])),
                    bool(re.search(r"\b(utc|gmt)\b", heading)))  # fmt: skip


def _serial(lines: Sequence[str]) -> str | None:
    for line in lines:
        found = re.search(r"serial[^,;:\t]*[,;:\t]+\s*\"?([A-Za-z0-9-]{3,40})", line, re.IGNORECASE)
        if found:
            return found[1]
    return None


def _readings(rows: object, columns: _Columns, first: int, zone: ZoneInfo) -> tuple[Reading, ...]:
    found: list[Reading] = []
    for number, cells in enumerate(rows, first):  # type: ignore[arg-type, var-annotated]
        if not any(cell.strip() for cell in cells):
            continue
        reading = _reading(cells, columns, number, zone)
        if found and reading.at < found[-1].at:
            raise Invalid("Line %(line)s is earlier than the one before it. Export the readings in order of time.",
                          code="logger-order", line=number)  # fmt: skip
        found.append(reading)
        if len(found) > MOST:
            raise Invalid("This file has more than %(most)s readings. Export the days on the way only.",
                          code="logger-long", most=MOST)  # fmt: skip
    if not found:
        raise Invalid("There is no reading below the headings of this file.", code="logger-empty")
    return tuple(found)


def _reading(cells: Sequence[str], columns: _Columns, number: int, zone: ZoneInfo) -> Reading:
    try:
        at = _instant(" ".join(cells[place].strip() for place in columns.times), columns, zone)
        value = _number(cells[columns.value])
    except (IndexError, ValueError, InvalidOperation):
        raise Invalid("Line %(line)s cannot be read: it needs a time and a temperature. Nothing was taken.",
                      code="logger-line", line=number) from None  # fmt: skip
    celsius = ((value - 32) * 5 / 9).quantize(Decimal("0.01")) if columns.is_fahrenheit else value
    if not _COLDEST <= celsius <= _WARMEST:
        raise Invalid("Line %(line)s says %(value)s, which no logger measures. Nothing was taken.", code="logger-line",
                      line=number, value=str(value))  # fmt: skip
    return Reading(at, celsius)


def _instant(text: str, columns: _Columns, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _by_format(text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC if columns.is_utc else zone)
    return at.astimezone(UTC)


def _by_format(text: str) -> datetime:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is put on by the caller
        except ValueError:
            continue
    raise ValueError(text)


def _number(text: str) -> Decimal:
    bare = re.sub(r"[\s°CF\"]", "", text.strip(), flags=re.IGNORECASE)
    if not re.fullmatch(r"[+-]?\d{1,4}([.,]\d{1,4})?", bare):
        raise ValueError(text)
    return Decimal(bare.replace(",", "."))
