"""Two people on one visit: what somebody else stored meanwhile beside what was to be stored, so that one can choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from biobank.errors import Refused
from biobank.measurements.changes import kind_of
from biobank.measurements.forms import edited
from biobank.measurements.models import EntryKind, MeasurementEntry
from biobank.measurements.protocol import Text
from biobank.measurements.sheet import Sheet
from biobank.measurements.storing import CHANGED

_MARKS = {"code": EntryKind.MODIFICATION, "note": EntryKind.NOTE}


@dataclass(frozen=True, slots=True)
class Clash:
    """One place: what stands there now and who put it there, and what the refused form says, None if nothing."""

    label: Text
    theirs: str | None
    by: str
    at: datetime
    mine: str | None


def clashes(sheet: Sheet, refusal: Refused | None, form: Mapping[str, str]) -> list[Clash]:
    """What was changed since a refused form was drawn, the form's own places first; empty for any other refusal."""
    if refusal is None or refusal.code != CHANGED:
        return []
    mine = dict(edited(form))
    since = int(form.get("version", "0"))
    later = {_box(sheet, entry): entry for entry in sheet.current.values() if entry.seq > since}
    told = [_clash(sheet, entry, _as_typed(form, mine, ref)) for ref, entry in later.items()]
    return sorted(told, key=lambda clash: clash.mine is None)


def form_of(sheet: Sheet, form: Mapping[str, str]) -> str | None:
    """The id of the form on the page that would store the same again; None where nothing was typed."""
    row = form.get("row", "")
    return f"form-{row}" if row in (*sheet.protocol.deviations, "notes", "about") else None


def _box(sheet: Sheet, entry: MeasurementEntry) -> str:
    """The name of the box that shows an entry."""
    row = sheet.protocol.fields.get(entry.field)
    if row is not None and kind_of(row) is entry.kind:
        return entry.ref
    return next((f"{prefix}-{entry.ref}" for prefix, kind in _MARKS.items() if kind is entry.kind), entry.ref)


def _as_typed(form: Mapping[str, str], mine: Mapping[str, str], ref: str) -> str | None:
    return f"{mine[ref]} {form.get(f'unit-{ref}', '')}".strip() or "–" if ref in mine else None


def _clash(sheet: Sheet, entry: MeasurementEntry, mine: str | None) -> Clash:
    code = f"code.{entry.value}"
    row = sheet.protocol.fields.get(entry.field)
    value = sheet.protocol.texts[code].en if code in sheet.protocol.texts else entry.value
    unit = row.unit if row is not None and entry.kind is EntryKind.VALUE else ""
    shown = f"{value} {unit}".strip() if value is not None else None
    return Clash(sheet.protocol.label(entry.ref), shown, entry.device or entry.by, entry.at, mine)
