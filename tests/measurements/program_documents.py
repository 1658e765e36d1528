"""Documents as the program's own systems write them: LOINC alone, `urn:` addresses, links of FHIR DSTU2."""

import json
from typing import Any

LOINC = "http://loinc.org"
OWN = "http://terminology.pmi-ops.org/CodeSystem/physical-evaluation"
AT = "2024-11-20T15:04:05Z"
Row = dict[str, Any]


def concept(code: str, system: str = LOINC, text: str = "") -> Row:
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def quantity(value: str, unit: str) -> Row:
    number: Any = float(value) if "." in value else int(value)
    return {"valueQuantity": {"value": number, "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"}}


def observed(name: str, code: Row, **rest: Any) -> Row:
    resource = {"resourceType": "Observation", "status": "final", "code": code, "effectiveDateTime": AT}
    return {"fullUrl": f"urn:example:{name}", "resource": resource | rest}


def pressure(number: int, systolic: str, diastolic: str, *more: Row) -> Row:
    parts = [{"code": concept(code)} | quantity(value, "mm[Hg]")
             for code, value in (("8480-6", systolic), ("8462-4", diastolic))]  # fmt: skip
    site = {"coding": [{"system": "http://snomed.info/sct", "code": "368209003"}], "text": "Right arm"}
    return observed(f"blood-pressure-{number}", concept("55284-4"), component=[*parts, *more], bodySite=site)


def waist(number: int, value: str) -> Row:
    site = concept("umbilicus", "http://terminology.pmi-ops.org/CodeSystem/waist-circumference-location")
    code = "8280-0" if number == 1 else "56086-2"
    return observed(f"waist-circumference-{number}", concept(code), bodySite=site, **quantity(value, "cm"))


def mark(name: str, measure: str, code: str, text: str = "") -> Row:
    answer = concept(code, f"http://terminology.pmi-ops.org/CodeSystem/protocol-modifications-{measure}", text)
    return observed(name, concept(f"protocol-modifications-{measure}", OWN), valueCodeableConcept=answer)


def qualified(row: Row, by: str) -> Row:
    """The row, pointing at what qualifies it as FHIR DSTU2 does."""
    link = {"type": "qualified-by", "target": {"reference": f"urn:example:{by}"}}
    return row | {"resource": row["resource"] | {"related": [link]}}


def an_intake() -> list[Row]:
    """A whole visit in no order at all, with a height by hair style and a second hip refused."""
    return [
        waist(2, "84.4"),
        mark("height-qualifiers", "height", "hair-style"),
        pressure(3, "122", "80"),
        qualified(observed("height", concept("8302-2"), **quantity("172.7", "cm")), "height-qualifiers"),
        pressure(1, "118", "78", {"code": concept("arm-circumference", OWN)} | quantity("32", "cm")),
        *(observed(f"heart-rate-{number}", concept("8867-4"), **quantity(value, "/min"))
          for number, value in ((1, "66"), (3, "65"), (2, "64"))),
        observed("pre-pregnancy-weight", concept("pre-pregnancy-weight", OWN), status="entered-in-error"),
        observed("weight", concept("29463-7"), **quantity("72.8", "kg")),
        observed("bmi", concept("39156-5"), **quantity("99", "kg/m2")),
        waist(1, "84.0"),
        mark("hip-circumference-2", "hip-circumference", "other", "bandage"),
        observed("hip-circumference-1", concept("62409-8"), **quantity("98.0", "cm")),
        observed("wheelchair-status", concept("wheelchair-bound-status", OWN),
                 valueCodeableConcept=concept("not-wheelchair-bound", OWN)),
        observed("blood-pressure-mean", concept("55284-4")),
        pressure(2, "120", "79"),
    ]  # fmt: skip


def document(*rows: Row, subject: str = "P123456789") -> Row:
    composition = {"resourceType": "Composition", "status": "final", "date": AT, "title": "PMI Intake Evaluation",
                   "subject": {"reference": f"Patient/{subject}"}}  # fmt: skip
    report = {"fullUrl": "urn:example:report", "resource": composition}
    return {"resourceType": "Bundle", "type": "document", "entry": [*(rows or an_intake()), report]}


def as_bytes(bundle: Any) -> bytes:
    return json.dumps(bundle).encode()
