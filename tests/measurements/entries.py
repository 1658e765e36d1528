"""Entries to arrange with: an ordinary visit, changed where a test looks."""

from copy import deepcopy
from typing import Any

from biobank.measurements.protocol import load
from biobank.measurements.rules import Assessment, assess

ADULT = load("adult", 1)

_ORDINARY: dict[str, Any] = {
    "protocol": "adult",
    "blood_pressure_location": "right-arm",
    "systolic": ["118", "120", "122"],
    "diastolic": ["78", "79", "80"],
    "heart_rate": ["66", "64", "65"],
    "irregular_rhythm": [False, False, False],
    "pregnant": False,
    "wheelchair": False,
    "height": "172.7",
    "weight": "72.8",
    "hip": ["98.0", "98.5", None],
    "waist": ["84.0", "85.2", "84.4"],
    "waist_location": "smallest-part-of-trunk",
}


def an_entry(**changes: Any) -> dict[str, Any]:
    """A complete entry without a finding, with some answers changed."""
    return deepcopy(_ORDINARY) | changes


def assessed(**changes: Any) -> Assessment:
    return assess(ADULT, an_entry(**changes))


def errors(**changes: Any) -> list[tuple[str, str]]:
    return [(finding.field, finding.code) for finding in assessed(**changes).errors]


def warnings(**changes: Any) -> list[tuple[str, str]]:
    return [(finding.field, finding.code) for finding in assessed(**changes).warnings]


def alert_codes(**changes: Any) -> list[str]:
    return [alert.code for alert in assessed(**changes).alerts]
