"""What a clerk typed or a device sent, read into the field's unit: `5 8` in feet and inches is 172.7 cm."""

import re

from biobank.errors import Invalid
from biobank.measurements import units
from biobank.measurements.changes import Change, Sent, field_of, kind_of, written
from biobank.measurements.models import Source
from biobank.measurements.protocol import Field, Kind, Protocol, Text
from biobank.measurements.protocol_parts import LANGUAGES
from biobank.measurements.rules_findings import Finding, Place
from biobank.measurements.rules_numbers import read_number

# The units a clerk may type a field in, its own first; `ft in` is two numbers, such as 5 8 or 5'8".
UNITS = {"cm": ("cm", "ft in", "in"), "kg": ("kg", "lb"), "mmHg": ("mmHg",), "/min": ("/min",)}
_FEET_INCHES = re.compile(r"([0-9]{1,2})(?: *(?:ft|'|′| ) *(?:([0-9]|1[01])(\.[0-9]{1,2})? *(?:in|\"|″|'')?)?)?")
_MOST_TYPED = 80


class BadValue(Invalid):
    """Values that the protocol refuses; `findings` say which and why, in both languages."""

    def __init__(self, *findings: Finding) -> None:
        why = Text(*(" ".join(getattr(finding.text, tongue) for finding in findings) for tongue in LANGUAGES))
        details = {"findings": [finding.as_json() for finding in findings]}
        super().__init__("%(why)s", code=findings[0].code, details=details, why=why)
        self.findings = findings


def read_typed(protocol: Protocol, *, field: str, replicate: int | None, text: str | None, unit: str | None) -> Change:
    """The change that a typed answer makes; an empty text takes the answer back.

    Raises BadValue for a number the protocol refuses, Invalid for an unknown field, unit or kind of answer.
    """
    row, number = field_of(protocol, field, replicate)
    given = written(text) or ""
    if row.kind is Kind.TICK:
        raise Invalid("%(field)s is yes or no: send it among the flags.", code="misshapen", field=field)
    if not given or row.kind is not Kind.NUMBER:
        return Change(kind=kind_of(row), field=field, replicate=number, value=given or None)
    if len(given) > _MOST_TYPED:
        raise BadValue(_not_a_number(protocol, row, number))
    unit = unit or row.unit
    if unit not in UNITS[row.unit]:
        raise Invalid(
            "%(field)s cannot be entered in %(unit)s. Use one of: %(known)s.",
            code="unknown-unit",
            field=field,
            unit=unit[:20],
            known=", ".join(UNITS[row.unit]),
        )
    value = _in_own_unit(protocol, row, number, given, unit)
    return Change(kind=kind_of(row), field=field, replicate=number, value=value, typed_text=given, typed_unit=unit)


def read_sent(protocol: Protocol, *, field: str, replicate: int, text: str, unit: str | None, sent: Sent) -> Change:
    """The change that a device's measure makes, rounded to what the field keeps. Raises BadValue.

    A frame without a unit is taken at its word for pressures and rates, which have only one; never for weight or
    height, where 160 may be pounds.
    """
    row, number = field_of(protocol, field, replicate)
    if unit is None and len(UNITS[row.unit]) > 1:
        raise BadValue(_not_a_number(protocol, row, number))
    try:
        quantity = units.to_canonical(text, unit or row.unit)
    except units.BadQuantity as refusal:
        raise BadValue(_not_a_number(protocol, row, number)) from refusal
    if quantity.unit != row.unit:
        raise BadValue(_not_a_number(protocol, row, number))
    return Change(
        kind=kind_of(row),
        field=field,
        replicate=number,
        value=accepted(protocol, row, number, format(quantity.value, "f")),
        typed_text=text[:_MOST_TYPED],
        typed_unit=unit or row.unit,
        source=Source.DEVICE,
        sent=sent,
    )


def _in_own_unit(protocol: Protocol, row: Field, number: int, text: str, unit: str) -> str:
    if unit == row.unit:
        return accepted(protocol, row, number, text)
    try:
        parts = _feet_and_inches(text) if unit == "ft in" else [(text, unit)]
        quantity = units.together(parts)
    except units.BadQuantity as refusal:
        raise BadValue(_not_a_number(protocol, row, number)) from refusal
    return accepted(protocol, row, number, format(quantity.value, "f"))


def _feet_and_inches(text: str) -> list[tuple[str, str]]:
    match = _FEET_INCHES.fullmatch(text)
    if match is None:
        raise units.BadQuantity("Enter feet and inches as two numbers, such as 5 8.")
    return [(match[1], "ft"), (f"{match[2] or 0}{match[3] or ''}", "in")]


def accepted(protocol: Protocol, row: Field, number: int, text: object) -> str:
    """A number in the field's own unit, with the digits that are kept. Raises BadValue."""
    read = read_number(protocol, Place(row, number or 1), text)
    if isinstance(read, Finding):
        raise BadValue(read)
    return format(read, "f")


def _not_a_number(protocol: Protocol, row: Field, number: int) -> Finding:
    read = read_number(protocol, Place(row, number or 1), "?")
    if not isinstance(read, Finding):
        raise TypeError("a question mark is not a number")
    return read
