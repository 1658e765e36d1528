"""Every way in judges an entry alike: the command, the API's whole entry, its changes, the page's boxes, a document."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as some

from biobank.errors import Refused
from biobank.measurements import fhir_codes as codes
from biobank.measurements.changes import Change, compose
from biobank.measurements.check import check
from biobank.measurements.edits import changes_of
from biobank.measurements.fhir_reading import Number, read_document
from biobank.measurements.forms import read_edits
from biobank.measurements.models import MeasurementRecord, RecordState
from biobank.measurements.rules import Assessment, assess
from biobank.measurements.sheet import Sheet
from biobank.measurements.whole import entry_changes
from tests.measurements.entries import ADULT
from tests.measurements.program_documents import document, observed

PLACES = [ref for row in ADULT.numbers for ref in row.refs]
# Digits around every limit, and whatever else hands or programs may send.
NUMBERS = some.one_of(
    some.integers(-20, 11_000).map(lambda tenths: f"{tenths / 10:g}"),
    some.integers(0, 320).map(str),
    some.sampled_from(["299", "300", "299.9", "300.0", "999.9", "1000.0", "0", "-1", "1e2", "72.80", "1" * 60]),
)
ENTRIES = some.dictionaries(some.sampled_from(PLACES), NUMBERS, max_size=8)
Verdict = dict[str, Any] | None
_TOLD = ("means", "bmi", "alerts", "warnings", "missing")


def _empty() -> Sheet:
    record = MeasurementRecord(id=uuid4(), visit_id=uuid4(), protocol_id=ADULT.id, state=RecordState.DRAFT, version=0)
    return Sheet(record, (), (), ())


def _verdict(found: Assessment) -> Verdict:
    """What a way in says: means and alerts of what it takes, or None when it refuses."""
    if found.errors:
        return None
    told = found.as_json()
    return {key: told[key] for key in _TOLD}


def _of_changes(work: Any) -> Verdict:
    sheet = _empty()
    try:
        changes: list[Change] = work(sheet)
    except Refused:
        return None
    return _verdict(sheet.assess_with(replace(change, sent=None) for change in changes))


def _shaped(given: dict[str, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {row.name: [None] * 3 for row in ADULT.numbers if row.replicates > 1}
    for ref, text in given.items():
        name, _, number = ref.partition(".")
        if number:
            entry[name][int(number) - 1] = text
        else:
            entry[name] = text
    return entry


def _by_command(given: dict[str, str]) -> Verdict:
    told, _ = check(json.dumps(_shaped(given)).encode())
    return None if told["errors"] else {key: told[key] for key in _TOLD}


def _by_changes(given: dict[str, str]) -> Verdict:
    rows = [{"field": ref.partition(".")[0], "replicate": int(ref.partition(".")[2] or 0) or None, "value": text,
             "unit": None} for ref, text in given.items()]  # fmt: skip
    return _of_changes(lambda sheet: changes_of(sheet, values=rows))


def _by_page(given: dict[str, str]) -> Verdict:
    form = {name: text for ref, text in given.items() for name, text in ((ref, text), (f"was-{ref}", ""))}
    return _of_changes(lambda sheet: changes_of(sheet, **read_edits(ADULT, form)))


def _by_document(given: dict[str, str]) -> Verdict:
    rows = []
    for ref, text in given.items():
        name, _, number = ref.partition(".")
        unit = codes.UNITS[ADULT.fields[name].unit]
        value = {"valueQuantity": {"value": Number(text), "code": unit, "system": codes.UCUM}}
        tail = f"-{number}" if number else ""
        if name in ("systolic", "diastolic"):
            part = {"code": codes.coded(name)} | value
            rows.append(observed("x", codes.coded("blood_pressure", tail), component=[part]))
        else:
            rows.append(observed("x", codes.coded(name, tail), **value))
    found = read_document(ADULT, document(*rows) if rows else document(observed("bmi", codes.coded("bmi"))))
    return None if found.refused else _verdict(assess(ADULT, found.entry(ADULT)))


@trying(max_examples=150, deadline=None, database=None)
@given(ENTRIES)
def test_every_way_in_takes_and_refuses_the_same_and_says_the_same_of_it(given: dict[str, str]) -> None:
    expected = _by_command(given)
    assert _of_changes(lambda sheet: entry_changes(sheet, _shaped(given))) == expected
    assert _by_changes(given) == expected
    assert _by_page(given) == expected
    assert _by_document(given) == expected


@trying(max_examples=50, deadline=None, database=None)
@given(ENTRIES)
def test_a_whole_entry_is_kept_as_it_was_given_but_for_zeros(given: dict[str, str]) -> None:
    sheet, entry = _empty(), _shaped(given)
    try:
        changes = entry_changes(sheet, entry)
    except Refused:
        return
    kept = compose(ADULT, {change.key: change.value for change in changes})
    assert assess(ADULT, kept).as_json() == assess(ADULT, entry).as_json()
