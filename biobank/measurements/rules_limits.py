"""Limits between fields, doubtful values and the body mass index."""

from collections.abc import Iterator
from decimal import Decimal

from biobank.measurements.protocol import Protocol
from biobank.measurements.protocol_parts import Warns
from biobank.measurements.rules_entry import Answers, places
from biobank.measurements.rules_findings import Finding, Place, limits_of
from biobank.measurements.rules_means import body_mass_index


def refuse_not_below(answers: Answers) -> None:
    """Refuse a diastolic that is not below the systolic of the same replicate."""
    for row in answers.protocol.numbers:
        for place in places(row) if row.below_field else ():
            upper = answers.number(Place(answers.protocol.fields[row.below_field], place.number))
            value = answers.number(place)
            if upper is not None and value is not None and value >= upper:
                words = limits_of(answers.protocol, place, value) | {"other": str(upper)}
                text = answers.protocol.text("error.not-below-systolic", words)
                answers.refuse(place, Finding(place.ref, f"not-below-{row.below_field}", text))


def doubtful(answers: Answers) -> Iterator[Finding]:
    """Warn of each accepted value in a doubtful range, once, by the first range that holds it."""
    for row in answers.protocol.numbers:
        for place in places(row):
            value = answers.number(place)
            held = [warns for warns in row.warnings if value is not None and warns.bound.holds(value)]
            if held and value is not None:
                yield _warning(answers.protocol, place, value, held[0])


def _warning(protocol: Protocol, place: Place, value: Decimal, warns: Warns) -> Finding:
    side = "above" if warns.bound.above is not None else "below"
    key = f"warning.verify-{side}" if warns.code == "verify" else f"warning.{warns.code}"
    ends = {"above": str(warns.bound.above), "below": str(warns.bound.below)}
    return Finding(place.ref, warns.code, protocol.text(key, limits_of(protocol, place, value) | ends))


def bmi(answers: Answers) -> Decimal | None:
    """The body mass index of an accepted weight and height; None when either is not there."""
    rule = answers.protocol.bmi
    weight, height = answers.numbers[rule.mass][0], answers.numbers[rule.length][0]
    return None if weight is None or height is None else body_mass_index(weight, height)


def bmi_error(protocol: Protocol, value: Decimal | None) -> Iterator[Finding]:
    """Refuse a body mass index that no adult has: height or weight must be wrong."""
    rule = protocol.bmi
    if value is not None and not rule.least <= value <= rule.most:
        words = {"value": str(value), "least": str(rule.least), "most": str(rule.most)}
        yield Finding("bmi", "bmi-out-of-range", protocol.text("error.bmi-out-of-range", words))


def bmi_warning(protocol: Protocol, value: Decimal | None) -> Iterator[Finding]:
    """Warn of a body mass index that is possible and rare."""
    rule = protocol.bmi
    if value is None or not rule.least <= value <= rule.most:
        return
    if value < rule.warns_below:
        words = {"value": str(value), "limit": str(rule.warns_below)}
        yield Finding("bmi", "bmi", protocol.text("warning.bmi-low", words))
    if value > rule.warns_above:
        words = {"value": str(value), "limit": str(rule.warns_above)}
        yield Finding("bmi", "bmi", protocol.text("warning.bmi-high", words))
