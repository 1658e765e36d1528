"""A change to a record before it is stored, and the entry that a set of answers makes for the rules."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from biobank.errors import Invalid
from biobank.measurements.models import EntryKind, Source
from biobank.measurements.protocol import Field, Kind, Protocol

Key = tuple[EntryKind, str, int]
Answers = Mapping[Key, str | None]
_KINDS = {
    Kind.NUMBER: EntryKind.VALUE,
    Kind.CHOICE: EntryKind.VALUE,
    Kind.TICK: EntryKind.FLAG,
    Kind.TEXT: EntryKind.NOTE,
}
_TICKS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Sent:
    """The reading that a device's value came in; `unchecked` when no checksum guarded it."""

    reading_id: UUID
    device: str
    protocol: str
    unchecked: bool
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Imported:
    """The document that an answer came in, when it was taken, and the device as the document names it."""

    import_id: UUID
    taken_at: datetime
    device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry to come. `value` is in the field's unit, None takes the place's answer back."""

    kind: EntryKind
    field: str
    replicate: int = 0
    value: str | None
    typed_text: str | None = None
    typed_unit: str | None = None
    source: Source = Source.TYPED
    sent: Sent | None = None
    imported: Imported | None = None

    @property
    def key(self) -> Key:
        return self.kind, self.field, self.replicate

    @property
    def place(self) -> tuple[str, int]:
        return self.field, self.replicate


def place_of(protocol: Protocol, ref: str) -> tuple[Field, int]:
    """The field and replicate (0 when measured once) of a name such as `systolic.2`. Raises Invalid."""
    name, _, number = ref.partition(".")
    replicate = int(number) if number.isascii() and number.isdigit() and len(number) == 1 else 0
    row = protocol.fields.get(name)
    if row is None or ref not in row.refs:
        raise Invalid(
            "There is no place %(ref)s in this protocol. Use a name such as height or systolic.2.",
            code="unknown-field",
            ref=ref[:60],
        )
    return row, replicate


def field_of(protocol: Protocol, name: str, replicate: int | None) -> tuple[Field, int]:
    """The same from a field's name and its replicate, which may be 1 or left out where there is only one."""
    row = protocol.fields.get(name)
    if row is not None and row.replicates == 1 and replicate in (None, 0, 1):
        return row, 0
    return place_of(protocol, f"{name}.{replicate or 0}")


def measure_place(protocol: Protocol, measure: str, replicate: int | None) -> int:
    """The replicate that a modification of a measure stands on; 0 where the measure has one place. Raises Invalid."""
    row = protocol.deviations.get(measure)
    count = 0 if row is None else row.places
    if count == 1 and replicate in (None, 0, 1):
        return 0
    if count == 1 or replicate is None or not 1 <= replicate <= count:
        raise Invalid(
            "There is no place %(replicate)s of %(measure)s to mark. Choose one of the protocol's places.",
            code="unknown-field",
            measure=measure[:60],
            replicate=replicate,
        )
    return replicate


def kind_of(row: Field) -> EntryKind:
    return _KINDS[row.kind]


def compose(protocol: Protocol, answers: Answers) -> dict[str, Any]:
    """The entry, in the shape that the rules assess, of the answers in force."""
    entry: dict[str, Any] = {"protocol": protocol.id}
    for row in protocol.fields.values():
        given = [_answer(row, answers.get((kind_of(row), row.name, number))) for number in _numbers(row.replicates)]
        entry[row.name] = given[0] if row.replicates == 1 else given
    codes: dict[str, Any] = {}
    notes: dict[str, str] = {}
    for deviations in protocol.deviations.values():
        numbers = _numbers(deviations.places)
        found = [answers.get((EntryKind.MODIFICATION, deviations.measure, number)) for number in numbers]
        codes[deviations.measure] = found[0] if deviations.places == 1 else found
        notes |= dict(_notes(answers, deviations.measure, numbers))
    return entry | {"modifications": codes, "modification_notes": notes}


def _numbers(count: int) -> range:
    return range(1) if count == 1 else range(1, count + 1)


def _answer(row: Field, value: str | None) -> Any:
    return _TICKS.get(value or "") if row.kind is Kind.TICK else value


def _notes(answers: Answers, measure: str, numbers: Iterable[int]) -> Iterator[tuple[str, str]]:
    for number in numbers:
        text = answers.get((EntryKind.NOTE, measure, number))
        if text is not None:
            yield f"{measure}.{number}" if number else measure, text


def cleared(protocol: Protocol, answers: Answers, changes: Iterable[Change]) -> Iterator[Change]:
    """What a modification that closes its place takes back: every answer of the measure there."""
    for change in changes:
        row = protocol.deviations.get(change.field)
        if change.kind is not EntryKind.MODIFICATION or row is None or change.value not in row.closing:
            continue
        for field in protocol.fields.values():
            number = change.replicate if field.replicates > 1 else 0
            held = answers.get((kind_of(field), field.name, number)) if field.measure == row.measure else None
            if held not in (None, "no"):
                yield Change(kind=kind_of(field), field=field.name, replicate=number, value=None, source=Source.RULE)


def note_change(field: str, replicate: int, text: str | None) -> Change:
    """The change that writes a note, or takes it back when the text is empty. Raises Invalid."""
    return Change(kind=EntryKind.NOTE, field=field, replicate=replicate, value=written(text))


def written(text: str | None) -> str | None:
    """Text that both databases can keep, without spaces around it; None for none. Raises Invalid."""
    given = (text or "").strip()
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in given):
        raise Invalid("The text holds characters that cannot be kept. Type it again.", code="not-text")
    return given or None


def refuse_twins(changes: Iterable[Change]) -> None:
    """Refuse two answers to the same place: nobody can tell which was meant. Raises Invalid."""
    seen: set[Key] = set()
    for change in changes:
        if change.key in seen:
            raise Invalid("%(field)s is given twice. Send it once.", code="given-twice", field=change.field)
        seen.add(change.key)
