"""The shape of an entry: which names it may have and what kind of JSON value each holds."""

from collections.abc import Iterable, Iterator, Mapping

from biobank.measurements.protocol import Field, Kind, Protocol
from biobank.measurements.rules_findings import Finding

_BESIDE_FIELDS = ("protocol", "modifications", "modification_notes")


def shape_errors(protocol: Protocol, entry: object) -> tuple[Finding, ...]:
    """Say what keeps an entry from being read at all; empty when every name and every kind of value is known.

    Codes: unknown-field for a name that is not in the protocol, misshapen for a value of the wrong kind,
    unknown-code for another protocol's entry. A wrong shape refuses the entry whole.
    """
    if not isinstance(entry, Mapping):
        return (_misshapen(protocol, "entry", "not-a-table"),)
    return (
        *_unknown(protocol, entry, (*protocol.fields, *_BESIDE_FIELDS)),
        *_other_protocol(protocol, entry.get("protocol")),
        *(problem for field in protocol.fields.values() for problem in _field(protocol, field, entry)),
        *_deviations(protocol, "modifications", entry.get("modifications")),
        *_deviations(protocol, "modification_notes", entry.get("modification_notes")),
    )


def _unknown(protocol: Protocol, table: Mapping[object, object], known: Iterable[object]) -> Iterator[Finding]:
    for name in table:
        if name not in known:
            shown = str(name)[:60]
            yield Finding(shown, "unknown-field", protocol.text("error.unknown-field", {"name": shown}))


def _other_protocol(protocol: Protocol, named: object) -> Iterator[Finding]:
    if named not in (None, protocol.name, protocol.id):
        yield Finding("protocol", "unknown-code", protocol.text("error.other-protocol"))


def _field(protocol: Protocol, field: Field, entry: Mapping[object, object]) -> Iterator[Finding]:
    given = entry.get(field.name)
    if given is None:
        return
    if field.replicates == 1:
        yield from _single(protocol, field.kind, field.name, given)
    elif not isinstance(given, list | tuple) or len(given) != field.replicates:
        yield _misshapen(protocol, field.name, "not-three-places", field.replicates)
    else:
        for place, value in enumerate(given, start=1):
            yield from _single(protocol, field.kind, field.ref(place), value)


def _single(protocol: Protocol, kind: Kind, name: str, given: object) -> Iterator[Finding]:
    if given is None:
        return
    if kind is Kind.TICK and not isinstance(given, bool):
        yield _misshapen(protocol, name, "not-yes-or-no")
    if kind is Kind.TEXT and not isinstance(given, str):
        yield _misshapen(protocol, name, "not-text")


def _deviations(protocol: Protocol, name: str, table: object) -> Iterator[Finding]:
    if table is None:
        return
    if not isinstance(table, Mapping):
        yield _misshapen(protocol, name, "not-a-table")
        return
    check = _codes if name == "modifications" else _notes
    yield from _unknown(protocol, table, _note_names(protocol) if check is _notes else protocol.deviations)
    yield from check(protocol, table)


def _codes(protocol: Protocol, table: Mapping[object, object]) -> Iterator[Finding]:
    for row in protocol.deviations.values():
        given = table.get(row.measure)
        if given is None or (row.places == 1 and isinstance(given, str)):
            continue
        if row.places == 1:
            yield _misshapen(protocol, row.measure, "not-text")
        elif not isinstance(given, list | tuple) or len(given) != row.places:
            yield _misshapen(protocol, row.measure, "not-three-places", row.places)
        elif not _all_text(given):
            yield _misshapen(protocol, row.measure, "not-text")


def _notes(protocol: Protocol, table: Mapping[object, object]) -> Iterator[Finding]:
    for name, given in table.items():
        row = protocol.deviations.get(str(name))
        spread = isinstance(given, list | tuple) and row is not None and len(given) == row.places
        if not _all_text(given if spread and isinstance(given, list | tuple) else [given]):
            yield _misshapen(protocol, str(name)[:60], "not-text")


def _note_names(protocol: Protocol) -> list[str]:
    rows = protocol.deviations.values()
    return [*protocol.deviations, *(f"{row.measure}.{place}" for row in rows for place in range(1, row.places + 1))]


def _all_text(values: Iterable[object]) -> bool:
    return all(value is None or isinstance(value, str) for value in values)


def _misshapen(protocol: Protocol, name: str, problem: str, places: int = 0) -> Finding:
    return Finding(name, "misshapen", protocol.text(f"error.{problem}", {"name": name, "n": str(places)}))
