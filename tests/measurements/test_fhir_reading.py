"""FHIR documents read back: ours without loss, the program's in any order, and everything unknown refused by name."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as some

from biobank.db import Tx
from biobank.measurements import history
from biobank.measurements.fhir_reading import Document, Number, read_document
from biobank.measurements.rules import assess
from biobank.visits.models import Visit
from tests.measurements.entries import ADULT
from tests.measurements.program_documents import (
    OWN,
    an_intake,
    as_bytes,
    concept,
    document,
    mark,
    observed,
    pressure,
    quantity,
    waist,
)
from tests.measurements.test_fhir import KINDS, exported
from tests.visits.factories import make_open_visit


def read(bundle: Any) -> Document:
    return read_document(ADULT, json.loads(as_bytes(bundle), parse_float=Number, parse_int=Number))


def refusals(*rows: Any) -> list[tuple[str, str, str]]:
    return [(remark.name, remark.reason, remark.detail) for remark in read(document(*rows)).refused]


@pytest.mark.parametrize("work", KINDS)
def test_an_exported_record_is_read_back_as_the_same_entry(tx: Tx, work: Any) -> None:
    visit: Visit = make_open_visit(tx)
    found = read(exported(tx, visit, work))
    sheet = history.final_version(tx, visit.id)
    assert found.refused == []
    assert found.entry(ADULT) == sheet.entry


def test_the_program_s_document_is_read_in_any_order() -> None:
    found = read(document())
    entry = found.entry(ADULT)
    assert found.refused == []
    assert (entry["systolic"], entry["diastolic"]) == (["118", "120", "122"], ["78", "79", "80"])
    assert (entry["heart_rate"], entry["waist"]) == (["66", "64", "65"], ["84.0", "84.4", None])
    assert (entry["height"], entry["weight"], entry["waist_location"]) == ("172.7", "72.8", "umbilicus")


def test_the_program_s_qualifiers_mark_the_readings_that_name_them() -> None:
    entry = read(document()).entry(ADULT)
    assert (entry["modifications"]["height"], entry["modifications"]["hip"]) == ("hair-style", [None, "other", None])
    assert entry["modification_notes"] == {"hip.2": "bandage"}
    assert assess(ADULT, entry).is_clean


def test_what_is_left_out_says_why() -> None:
    left = {remark.name: remark.reason for remark in read(document()).left}
    assert left == {"blood-pressure-mean": "derived", "computed-bmi": "derived",
                    "pre-pregnancy-weight": "not-final", "arm-circumference": "not-kept"}  # fmt: skip


def test_the_document_says_whose_it_is_and_when() -> None:
    found = read(document())
    assert (found.subject, str(found.date)) == ("P123456789", "2024-11-20 15:04:05+00:00")


@pytest.mark.parametrize(("row", "refusal"), [
    (observed("shoe", concept("99999-9"), **quantity("43", "cm")), ("99999-9", "unknown-code", "99999-9")),
    (observed("weight", concept("29463-7"), **quantity("160.5", "[lb_av]")), ("weight", "unknown-unit", "[lb_av]")),
    (observed("height", concept("8302-2"), **quantity("1.7", "m")), ("height", "unknown-unit", "m")),
    (observed("height", concept("8302-2")), ("height", "no-value", "")),
    (observed("height", concept("8302-2"), valueQuantity={"value": "172.7", "code": "cm",
              "system": "http://unitsofmeasure.org"}), ("height", "no-value", "")),
    (observed("height", concept("8302-2"), valueQuantity={"value": 172.7, "code": "cm"}),
     ("height", "unknown-unit", "cm")),
    (observed("height", concept("8302-2"), effectiveDateTime="2024-11-20", **quantity("172.7", "cm")),
     ("height", "no-time", "")),
    (observed("x", {"coding": [*concept("8302-2")["coding"], *concept("29463-7")["coding"]]}),
     ("?", "contradictory-codes", "")),
    (observed("hip-circumference-4", concept("62409-8"), **quantity("98.0", "cm")),
     ("hip-circumference-4", "no-place", "")),
    (mark("height-qualifiers", "height", "colostomy-bag"),
     ("protocol-modifications-height", "unknown-code", "colostomy-bag")),
    (mark("hip-qualifiers", "hip-circumference", "refusal"),
     ("protocol-modifications-hip-circumference", "no-place", "")),
    (observed("pregnancy-status", concept("66174-4"), valueCodeableConcept=concept("LA26683-5")),
     ("pregnancy-status", "unknown-answer", "LA26683-5")),
    (pressure(1, "118", "78", {"code": concept("8478-0")} | quantity("90", "mm[Hg]")),
     ("blood-pressure-1", "unknown-code", "8478-0")),
])  # fmt: skip
def test_what_is_not_known_is_refused_by_name(row: Any, refusal: tuple[str, str, str]) -> None:
    assert refusals(row) == [refusal]


def test_a_reading_that_is_there_twice_is_refused() -> None:
    assert refusals(waist(1, "84.0"), waist(1, "84.1")) == [("waist-circumference-1", "twice", "")]


def test_two_arms_in_one_document_are_a_contradiction() -> None:
    left = pressure(2, "120", "79")
    left["resource"]["bodySite"]["coding"][0]["code"] = "368208006"
    assert refusals(pressure(1, "118", "78"), left) == [("blood-pressure-2", "twice", "blood_pressure_location")]


def test_a_single_heart_rate_without_a_number_is_the_first() -> None:
    found = read(document(observed("heart-rate", concept("8867-4"), **quantity("74", "/min"))))
    assert found.entry(ADULT)["heart_rate"] == ["74", None, None]


@pytest.mark.parametrize("bundle", [
    None, [], "x", 7, {}, {"resourceType": "Bundle"}, {"resourceType": "Bundle", "type": "collection"},
    {"resourceType": "Bundle", "type": "document"},
    {"resourceType": "Bundle", "type": "document", "entry": [None, 3, {"resource": []}]},
])  # fmt: skip
def test_what_is_no_document_is_refused(bundle: Any) -> None:
    assert read(bundle).refused


def test_a_code_of_an_unknown_system_is_not_ours() -> None:
    assert refusals(observed("w", concept("weight", "http://example.org"), **quantity("72.8", "kg"))) == [
        ("?", "unknown-code", "")
    ]
    assert refusals(observed("w", concept("weight", OWN), **quantity("72.8", "kg"))) == []


_JUNK = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=6), lambda part: some.lists(part, max_size=3)
    | some.dictionaries(some.sampled_from(["code", "coding", "system", "value", "reference", "x"]), part, max_size=3),
    max_leaves=6,
)  # fmt: skip


def _places(part: Any) -> list[tuple[Any, Any]]:
    """Every spot of a document where something stands."""
    keys = list(part) if isinstance(part, dict) else list(range(len(part))) if isinstance(part, list) else []
    return [(part, key) for key in keys] + [place for key in keys for place in _places(part[key])]


@trying(max_examples=150, deadline=None, database=None)
@given(some.integers(0, 10_000), _JUNK)
def test_no_damage_makes_the_reader_fall_over(at: int, junk: Any) -> None:
    bundle = copy.deepcopy(document(*an_intake()))
    places = _places(bundle)
    holder, key = places[at % len(places)]
    holder[key] = junk
    found = read(bundle)
    assert found.refused or assess(ADULT, found.entry(ADULT)) is not None
