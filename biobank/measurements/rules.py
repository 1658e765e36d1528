"""The rules of a measurement entry, put together: one pure function from an entry to its assessment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from biobank.measurements import rules_limits as limits
from biobank.measurements import rules_modifications as modifications
from biobank.measurements.protocol import Field, Protocol
from biobank.measurements.rules_alerts import alerts
from biobank.measurements.rules_entry import Answers, places, read
from biobank.measurements.rules_fill import fill_missing
from biobank.measurements.rules_findings import Alert, Finding
from biobank.measurements.rules_means import mean
from biobank.measurements.rules_missing import missing
from biobank.measurements.rules_missing import missing_words as words_for_missing
from biobank.measurements.rules_notes import personal, too_long
from biobank.measurements.rules_shape import shape_errors

__all__ = ["Alert", "Assessment", "Finding", "assess", "fill_missing", "missing_words"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the protocol says of an entry.

    `means` and `bmi` have one decimal, in the field's unit and in kg/m²; `mean_of` says of how many readings each
    mean is. `modifications` are the codes in force, entered or set by pregnancy or wheelchair use, by measure and
    place (`blood_pressure.2`, `height`). `complete` says nothing about errors: look at both.
    """

    protocol: Protocol
    complete: bool = False
    missing: tuple[str, ...] = ()
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    alerts: tuple[Alert, ...] = ()
    means: Mapping[str, Decimal] = field(default_factory=dict)
    mean_of: Mapping[str, int] = field(default_factory=dict)
    bmi: Decimal | None = None
    modifications: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Complete and without an error; alerts still need to be acknowledged."""
        return self.complete and not self.errors

    def as_json(self, locale: str = "en") -> dict[str, Any]:
        """The assessment as `biobank measurements check` prints it; numbers are decimal strings."""
        return {
            "complete": self.complete,
            "missing": list(self.missing),
            "errors": [finding.as_json(locale) for finding in self.errors],
            "warnings": [finding.as_json(locale) for finding in self.warnings],
            "alerts": [alert.as_json(locale) for alert in self.alerts],
            "means": {name: str(value) for name, value in self.means.items()},
            "mean_of": dict(self.mean_of),
            "bmi": None if self.bmi is None else str(self.bmi),
            "modifications": dict(self.modifications),
        }


def assess(protocol: Protocol, entry: Mapping[str, Any], *, personal_details: Sequence[str] = ()) -> Assessment:
    """Apply every rule of the protocol to an entry. Never raises: what cannot be read is an error in the result.

    `personal_details` are the participant's own words (name, birth date, contacts) that notes must not hold.
    """
    misshapen = shape_errors(protocol, entry)
    if misshapen:
        return Assessment(protocol, errors=misshapen)
    answers = read(protocol, entry)
    modifications.refuse_closed(answers)
    limits.refuse_not_below(answers)
    bmi = limits.bmi(answers)
    means = _means(answers)
    still_missing = missing(answers)
    return Assessment(
        protocol,
        complete=not still_missing,
        missing=still_missing,
        errors=(*_in_order(answers), *limits.bmi_error(protocol, bmi), *too_long(protocol, entry)),
        warnings=(
            *limits.doubtful(answers),
            *limits.bmi_warning(protocol, bmi),
            *personal(protocol, entry, personal_details),
        ),
        alerts=alerts(answers),
        means={name: value for name, (value, _) in means.items()},
        mean_of={name: count for name, (_, count) in means.items()},
        bmi=bmi,
        modifications=_in_force(answers),
    )


def missing_words(assessment: Assessment, locale: str = "en") -> str:
    """The clerk's sentence for what is missing: `Still to measure: hip, second waist.`"""
    return words_for_missing(assessment.protocol, assessment.missing, locale)


def _in_order(answers: Answers) -> list[Finding]:
    """Errors in the order of the protocol's fields, so that the page and the list read alike."""
    order = list(answers.protocol.fields)
    found = [*answers.refused, *modifications.check_choices(answers), *modifications.check_codes(answers)]
    return sorted(found, key=lambda finding: _position(order, finding.field))


def _position(order: list[str], ref: str) -> int:
    name = ref.partition(".")[0]
    return order.index(name) if name in order else 0


def _means(answers: Answers) -> dict[str, tuple[Decimal, int]]:
    found = {row.name: _mean(answers, row) for row in answers.protocol.numbers if row.mean}
    return {name: value for name, value in found.items() if value is not None}


def _mean(answers: Answers, row: Field) -> tuple[Decimal, int] | None:
    third = list(places(row))[2]
    return mean(row, answers.numbers[row.name], third_waived=answers.code(third) is not None)


def _in_force(answers: Answers) -> dict[str, str]:
    rows = answers.protocol.deviations.values()
    return {
        f"{row.measure}.{number}" if row.places > 1 else row.measure: code
        for row in rows
        for number, code in enumerate(answers.codes[row.measure], start=1)
        if code is not None
    }
