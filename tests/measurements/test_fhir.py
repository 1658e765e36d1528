"""Final records as FHIR R4 documents: valid by two validators, in UCUM by our own table, and read back unchanged."""

import copy
from typing import Any

import pytest

from biobank.db import Tx
from biobank.measurements import actions, fhir, history
from biobank.measurements.sheet import Sheet
from biobank.visits.models import Visit
from tests.measurements.desk import Desk, Program
from tests.measurements.documents import complaints
from tests.measurements.factories import measure_all, take, type_in
from tests.visits.factories import make_open_visit

UNITS = {"8480-6": "mm[Hg]", "8462-4": "mm[Hg]", "8867-4": "/min", "8302-2": "cm", "29463-7": "kg",
         "39156-5": "kg/m2", "62409-8": "cm", "8280-0": "cm", "56086-2": "cm"}  # fmt: skip


@pytest.fixture
def visit(tx: Tx) -> Visit:
    return make_open_visit(tx)


def usual(tx: Tx, visit: Visit) -> Sheet:
    take(tx, visit, systolic="118", diastolic="78", heart_rate="66")
    type_in(tx, visit, blood_pressure_location="right-arm", waist_location="umbilicus", notes="cuff was new")
    actions.set_flag(tx, visit.id, "irregular_rhythm.2", value=True)
    pressures = {f"{field}_{number}": text for number in (2, 3)
                 for field, text in (("systolic", "120"), ("diastolic", "79"), ("heart_rate", "64"))}  # fmt: skip
    return type_in(tx, visit, height="172.7", weight="72.8", **pressures, hip_1="98.0", hip_2="98.5",
                   waist_1="84.0", waist_2="84.4")  # fmt: skip


def pregnant(tx: Tx, visit: Visit) -> Sheet:
    actions.set_flag(tx, visit.id, "pregnant", value=True)
    type_in(
        tx, visit, weight="72.8", weight_before_pregnancy="65.0", systolic_1="118", diastolic_1="78", heart_rate_1="66"
    )
    actions.set_modification(tx, visit.id, measure="height", replicate=None, code="other", note="prosthesis")
    return actions.fill_rest(tx, visit.id, "refusal")


def refused(tx: Tx, visit: Visit) -> Sheet:
    actions.set_flag(tx, visit.id, "wheelchair", value=False)
    type_in(tx, visit, waist_location="smallest-part-of-trunk", waist_1="84.0", waist_2="85.2", waist_3="84.4")
    return actions.fill_rest(tx, visit.id, "emergency")


KINDS = (usual, pregnant, refused)


def exported(tx: Tx, visit: Visit, work: Any = usual) -> dict[str, Any]:
    actions.finalise(tx, visit.id, work(tx, visit).record.version)
    return fhir.document(history.final_version(tx, visit.id), clinic_code="P000000000000", site_code="CHI")


def observations(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [row["resource"] for row in bundle["entry"] if row["resource"]["resourceType"] == "Observation"]
    return {row["code"]["coding"][-1]["code"]: row for row in found}


@pytest.mark.parametrize("work", KINDS)
def test_a_document_is_valid_by_two_validators(tx: Tx, visit: Visit, work: Any) -> None:
    assert complaints(exported(tx, visit, work)) == [[]]


def test_an_amendment_is_valid_and_names_what_it_replaces(tx: Tx, visit: Visit) -> None:
    first = exported(tx, visit)
    history.amend(tx, visit.id, reason="wrong-value")
    second = exported(tx, visit, lambda tx, visit: type_in(tx, visit, weight="73.1"))
    composition = second["entry"][0]["resource"]
    assert (composition["status"], composition["relatesTo"][0]["targetIdentifier"]) == ("amended", first["identifier"])
    assert complaints(second) == [[]]


def _spoiled(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """Faulty copies, each with one fault that one of the validators is known to overlook."""
    faults = ({"status": "done"}, {"status": None}, {"effectiveDateTime": "2026-13-45"}, {"shoe": 43},
              {"valueString": "and more"}, {"code": None})  # fmt: skip
    copies = []
    for fault in faults:
        copied = copy.deepcopy(bundle)
        found = observations(copied)["height"]
        found.update(fault)
        for name in [name for name, value in fault.items() if value is None]:
            del found[name]
        copies.append(copied)
    return copies


def test_the_validators_together_see_what_either_overlooks(tx: Tx, visit: Visit) -> None:
    assert all(complaints(*_spoiled(exported(tx, visit))))


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["reference"]] if "reference" in part else []
        return own + [ref for value in part.values() for ref in _references(value)]
    return [ref for value in part for ref in _references(value)] if isinstance(part, list) else []


@pytest.mark.parametrize("work", KINDS)
def test_every_reference_is_to_something_in_the_document(tx: Tx, visit: Visit, work: Any) -> None:
    bundle = exported(tx, visit, work)
    kinds = {row["fullUrl"]: row["resource"]["resourceType"] for row in bundle["entry"]}
    assert set(_references(bundle)) <= set(kinds)
    for row in observations(bundle).values():
        assert (kinds[row["subject"]["reference"]], kinds[row["performer"][0]["reference"]]) == (
            "Patient", "Organization")  # fmt: skip


@pytest.mark.parametrize("work", KINDS)
def test_every_quantity_is_in_the_unit_of_its_code(tx: Tx, visit: Visit, work: Any) -> None:
    for row in observations(exported(tx, visit, work)).values():
        for part in [row, *row.get("component", [])]:
            if "valueQuantity" in part and part["code"]["coding"][0]["system"] == "http://loinc.org":
                assert part["valueQuantity"]["code"] == UNITS[part["code"]["coding"][0]["code"]]


def test_means_say_what_they_are_derived_from(tx: Tx, visit: Visit) -> None:
    bundle = exported(tx, visit)
    urls = {row["fullUrl"]: row["resource"]["code"]["coding"][-1]["code"] for row in bundle["entry"][3:]}
    sources = observations(bundle)["blood-pressure-mean"]["derivedFrom"]
    assert [urls[row["reference"]] for row in sources] == ["blood-pressure-2", "blood-pressure-3"]


def test_the_arm_the_device_and_the_time_are_told(tx: Tx, visit: Visit) -> None:
    row = observations(exported(tx, visit))["blood-pressure-1"]
    assert row["bodySite"]["coding"][0]["code"] == "368209003"
    assert row["device"] == {"display": "HBP-9030"}


def test_what_was_refused_is_absent_and_says_why(tx: Tx, visit: Visit) -> None:
    found = observations(exported(tx, visit, pregnant))
    assert found["blood-pressure-3"]["dataAbsentReason"]["coding"][0]["code"] == "asked-declined"
    assert found["pregnancy-status"]["valueCodeableConcept"]["coding"][0]["code"] == "LA33-6"


def test_a_panel_code_never_stands_alone_for_a_waist(tx: Tx, visit: Visit) -> None:
    coding = observations(exported(tx, visit, refused))["waist-circumference-1"]["code"]["coding"]
    assert [row["code"] for row in coding] == ["56086-2", "waist-circumference-1"]


def test_a_final_record_is_fetched_as_fhir(program: Program, desk: Desk) -> None:
    assert program.client.get(f"{program.address}/fhir", headers=program.headers).status_code == 404
    desk.do(measure_all)
    program.post("finalise")
    answer = program.client.get(f"{program.address}/fhir", headers=program.headers)
    assert (answer.mimetype, answer.json["type"]) == ("application/fhir+json", "document")
    program.post("cancel", {"reason": "wrong-participant", "confirmation": "cancel"})
    assert program.client.get(f"{program.address}/fhir", headers=program.headers).status_code == 409
