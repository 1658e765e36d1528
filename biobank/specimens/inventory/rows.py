"""Rows of the inventory file (protocol, section 5.2): what must stand in each, and why one cannot be taken.

Tab separated, times `YYYY/MM/DD HH:MM:SS` in US Central. A million rows are read in one go, so columns are checked
whole where they can be, and every hour of the calendar is brought to UTC once.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import gt
from zoneinfo import ZoneInfo

from biobank.errors import Invalid
from biobank.specimens.inventory.models import SampleStatus

CENTRAL = ZoneInfo("America/Chicago")
COLUMNS = (
    "Sample Id", "Parent Sample Id", "Sample Confirmed Date", "External Participant Id", "Sent Order Id", "Test Code",
    "Sample Family Create Date", "Sample Disposal Status", "Sample Disposed Date", "Sample Family Id",
)  # fmt: skip
# The most characters of each of these columns.
_LONGEST = (80, 80, 19, 40, 40, 20, 19, 40, 19, 80)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STATUSES: Mapping[str, SampleStatus | None] = {
    "": None, "received": None, "disposed": SampleStatus.UNKNOWN,
    "in prep": SampleStatus.IN_PREPARATION, "in preparation": SampleStatus.IN_PREPARATION,
    "qns for processing": SampleStatus.NOT_SUFFICIENT,
    **{str(status).replace("_", " "): status for status in SampleStatus if status is not SampleStatus.RECEIVED},
}  # fmt: skip
_MINUTES = {f":{minute:02}:{second:02}" for minute in range(60) for second in range(60)}
_HOUR = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d)", re.ASCII)

# The fields of a sample in the order of its table, without the file.
Sample = tuple[str, str | None, str | None, str, str | None, str, str | None, str, str | None, str | None, str | None]


class _Hours(dict[str, str | None]):
    """An hour of US Central by its UTC text; None for one that is no hour, or that daylight saving leaves out."""

    def __missing__(self, hour: str) -> str | None:
        found = _HOUR.fullmatch(hour)
        try:
            local = datetime(*(int(part) for part in found.groups()), tzinfo=CENTRAL) if found else None  # type: ignore[misc,arg-type]
        except ValueError:
            local = None
        utc = local.astimezone(UTC) if local else None
        stands = utc is not None and utc.astimezone(CENTRAL).replace(tzinfo=None) == local.replace(tzinfo=None)  # type: ignore[union-attr]
        self[hour] = utc.strftime("%Y-%m-%dT%H") if utc is not None and stands else None
        return self[hour]


class Reader:
    """Reads rows under one header. Raises Invalid for a header that lacks a column or is cut by another delimiter."""

    def __init__(self, header: Sequence[str]) -> None:
        names = [name.strip().lstrip("\ufeff") for name in header]
        missing = [name for name in COLUMNS if name not in names]
        if missing and len(names) == 1:
            raise Invalid("The file is not separated by tabs. Export it again, tab separated.", code="not-tabs")
        if missing:
            raise Invalid("The file lacks the columns: %(columns)s. Nothing of it was taken.", code="columns-missing",
                          columns=", ".join(missing), details={"columns": missing})  # fmt: skip
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Invalid("These columns stand twice: %(columns)s. Nothing of it was taken.", code="columns-twice",
                          columns=", ".join(twice))  # fmt: skip
        self.width = len(names)
        self._at = [names.index(name) for name in COLUMNS]
        self._others = [(number, name) for number, name in enumerate(names) if name not in COLUMNS]
        self._hours = _Hours()

    def read(self, line: str) -> Sample | str:
        """The sample of a line, or in words why it cannot be taken. A tab parts fields, always: no quotes are known."""
        row = line.rstrip("\r\n").split("\t")
        if len(row) != self.width:
            return f"It has {len(row)} fields; {self.width} are due."
        if _CONTROL.search(line):
            return "It holds characters that no text has."
        return self._sample(row, [row[number] for number in self._at])

    def _sample(self, row: Sequence[str], cells: Sequence[str]) -> Sample | str:
        sample, parent, confirmed, person, order, test, made, status, disposed, family = cells
        if not sample or not person or not test:
            return "Sample Id, External Participant Id and Test Code must be filled in."
        times = [self._instant(text) for text in (confirmed, made, disposed)]
        if "" in times:
            return "A time is not as YYYY/MM/DD HH:MM:SS, or the clocks were put forward then."
        if any(map(gt, map(len, cells), _LONGEST)):
            return "A field is too long."
        word = status.strip().lower().replace("_", " ")
        if word not in _STATUSES:
            return f"Sample Disposal Status {status[:40]!r} is not known."
        stands = str(_status(_STATUSES[word], times[0], times[2]))
        return (sample, parent or None, times[0], person, order or None, test, times[1], stands, times[2],
                family or None, self._more(row) if self._others else None)  # fmt: skip

    def _instant(self, text: str) -> str | None:
        """UTC as our tables keep it, None where nothing stands, and an empty text for what is no time."""
        if not text:
            return None
        hour, rest = self._hours[text[:13]], text[13:]
        return f"{hour}{rest}.000000+00:00" if hour is not None and rest in _MINUTES else ""

    def _more(self, row: Sequence[str]) -> str | None:
        kept = {name: row[number] for number, name in self._others if row[number]}
        return json.dumps(kept, ensure_ascii=False) if kept else None


def _status(told: SampleStatus | None, confirmed: str | None, disposed: str | None) -> SampleStatus:
    """An arrival without a confirmed time is not an arrival; a disposal without its reason is one all the same."""
    if told is not None:
        return told
    if disposed is not None:
        return SampleStatus.UNKNOWN
    return SampleStatus.RECEIVED if confirmed is not None else SampleStatus.IN_PREPARATION
