"""What a form or a program asks for, read into changes to a sheet."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from biobank.errors import Invalid
from biobank.measurements.changes import Change, measure_place, note_change, place_of, refuse_twins
from biobank.measurements.models import EntryKind
from biobank.measurements.protocol import Kind
from biobank.measurements.rules import fill_missing
from biobank.measurements.sheet import Sheet
from biobank.measurements.typed import read_typed


def changes_of(
    sheet: Sheet,
    *,
    values: Sequence[Mapping[str, Any]] = (),
    flags: Mapping[str, bool | None] | None = None,
    modifications: Sequence[Mapping[str, Any]] = (),
    confirmed: Sequence[str] = (),
) -> list[Change]:
    """Many changes as one. Values have field, replicate, value and unit; modifications measure, replicate, code, note.

    Raises BadValue for a number the protocol refuses, Invalid for an unknown place or one given twice.
    """
    changes = [
        read_typed(sheet.protocol, field=v["field"], replicate=v["replicate"], text=v["value"], unit=v["unit"])
        for v in values
    ]
    changes += [flag_change(sheet, ref, value) for ref, value in (flags or {}).items()]
    for row in modifications:
        changes += modification_changes(sheet, row["measure"], row["replicate"], row["code"], row["note"])
    changes += confirmations(sheet, confirmed)
    refuse_twins(changes)
    return changes


def flag_change(sheet: Sheet, ref: str, value: bool | None) -> Change:
    """The change that answers a yes-or-no field; None takes the answer back. Raises Invalid for any other field."""
    row, number = place_of(sheet.protocol, ref)
    if row.kind is not Kind.TICK:
        raise Invalid("%(field)s is not a yes-or-no question.", code="unknown-field", field=ref)
    words = None if value is None else "yes" if value else "no"
    return Change(kind=EntryKind.FLAG, field=row.name, replicate=number, value=words)


def modification_changes(
    sheet: Sheet, measure: str, replicate: int | None, code: str | None, note: str | None
) -> list[Change]:
    """The changes that mark a place; without a code the mark and its note are taken back."""
    number = measure_place(sheet.protocol, measure, replicate)
    mark = Change(kind=EntryKind.MODIFICATION, field=measure, replicate=number, value=code or None)
    return [mark, note_change(measure, number, note if code else None)]


def confirmations(sheet: Sheet, refs: Iterable[str]) -> list[Change]:
    """The changes that confirm values; those that need none are passed over. Raises Invalid for an unknown place."""
    asked = {(row.name, number) for row, number in (place_of(sheet.protocol, ref) for ref in refs)}
    return [
        Change(kind=EntryKind.CONFIRMATION, field=entry.field, replicate=entry.replicate, value=entry.value)
        for entry in sheet.unchecked
        if (entry.field, entry.replicate) in asked
    ]


def filling(sheet: Sheet, code: str) -> list[Change]:
    """The changes that mark everything missing. Raises Invalid for a code that not every measure has."""
    filled = fill_missing(sheet.protocol, sheet.entry, code)["modifications"]
    before = sheet.entry["modifications"]
    changes = []
    for measure, given in filled.items():
        places = enumerate(given, start=1) if isinstance(given, list) else [(0, given)]
        old = before[measure] if isinstance(before[measure], list) else [before[measure]]
        changes += [
            Change(kind=EntryKind.MODIFICATION, field=measure, replicate=number, value=mark)
            for number, mark in places
            if mark != old[max(number - 1, 0)]
        ]
    return changes
