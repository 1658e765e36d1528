"""A whole entry, in the shape that `biobank measurements check` reads, as one change to a record."""

from collections.abc import Iterator, Mapping
from typing import Any

from biobank.measurements.changes import Change, kind_of, note_change, written
from biobank.measurements.models import EntryKind
from biobank.measurements.protocol import Field, Kind
from biobank.measurements.protocol_parts import Deviations
from biobank.measurements.rules import assess
from biobank.measurements.rules_shape import shape_errors
from biobank.measurements.sheet import Sheet
from biobank.measurements.typed import BadValue, accepted


def entry_changes(sheet: Sheet, entry: Mapping[str, Any]) -> list[Change]:
    """The changes after which a record says what the entry says; what the entry leaves out is taken back.

    Raises BadValue with everything that is wrong, for an entry of the wrong shape or with a number that is refused.
    """
    misshapen = shape_errors(sheet.protocol, entry)
    if misshapen:
        raise BadValue(*misshapen)
    try:
        return [*_fields(sheet, entry), *_marks(sheet, entry)]
    except BadValue as first:
        raise BadValue(*(assess(sheet.protocol, entry).errors or first.findings)) from first


def _fields(sheet: Sheet, entry: Mapping[str, Any]) -> Iterator[Change]:
    for row in sheet.protocol.fields.values():
        given = entry.get(row.name)
        for number in range(1, row.replicates + 1):
            value = given[number - 1] if given is not None and row.replicates > 1 else given
            place = number if row.replicates > 1 else 0
            yield Change(kind=kind_of(row), field=row.name, replicate=place, value=_text(sheet, row, place, value))


def _text(sheet: Sheet, row: Field, place: int, value: Any) -> str | None:
    if value is None:
        return None
    if row.kind is Kind.TICK:
        return "yes" if value else "no"
    return accepted(sheet.protocol, row, place, value) if row.kind is Kind.NUMBER else written(str(value))


def _marks(sheet: Sheet, entry: Mapping[str, Any]) -> Iterator[Change]:
    codes, notes = entry.get("modifications") or {}, entry.get("modification_notes") or {}
    for row in sheet.protocol.deviations.values():
        for number in range(1, row.places + 1):
            place = number if row.places > 1 else 0
            code = _at(codes.get(row.measure), number)
            yield Change(kind=EntryKind.MODIFICATION, field=row.measure, replicate=place, value=code or None)
            yield note_change(row.measure, place, _note(row, notes, number) if code else None)


def _note(row: Deviations, notes: Mapping[str, Any], number: int) -> str | None:
    """The note of a place: its own, else the one for the whole measure."""
    return notes.get(f"{row.measure}.{number}") or _at(notes.get(row.measure), number)


def _at(given: Any, number: int) -> str | None:
    found: str | None = given[number - 1] if isinstance(given, list | tuple) else given
    return found
