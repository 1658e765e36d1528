"""The codes of an exported record: LOINC, UCUM, SNOMED CT, and the program's own where no standard one fits.

Source: the HL7 FHIR R4 vital signs profiles, and the All of Us physical measurement documents for the local codes.
"""

from collections.abc import Mapping
from typing import Any

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
OWN = "urn:biobank:measurements"
VITAL = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                      "code": "vital-signs", "display": "Vital Signs"}]}]  # fmt: skip
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

# Our units as UCUM writes them; `mmHg` is not UCUM.
UNITS: Mapping[str, str] = {"mmHg": "mm[Hg]", "/min": "/min", "cm": "cm", "kg": "kg", "kg/m2": "kg/m2"}
NAMES: Mapping[str, str] = {
    "blood_pressure": "blood-pressure", "systolic": "systolic", "diastolic": "diastolic", "heart_rate": "heart-rate",
    "irregular_rhythm": "irregular-heart-rate", "manual_blood_pressure": "manual-blood-pressure",
    "manual_heart_rate": "manual-heart-rate", "pregnant": "pregnancy-status",
    "wheelchair": "wheelchair-bound-status", "height": "height", "weight": "weight",
    "weight_before_pregnancy": "pre-pregnancy-weight", "hip": "hip-circumference", "waist": "waist-circumference",
    "waist_location": "waist-circumference-location", "notes": "notes", "bmi": "computed-bmi",
}  # fmt: skip
STANDARD: Mapping[str, tuple[str, str]] = {
    "blood_pressure": ("85354-9", "Blood pressure panel with all children optional"),
    "systolic": ("8480-6", "Systolic blood pressure"),
    "diastolic": ("8462-4", "Diastolic blood pressure"),
    "heart_rate": ("8867-4", "Heart rate"),
    "height": ("8302-2", "Body height"),
    "weight": ("29463-7", "Body weight"),
    "bmi": ("39156-5", "Body mass index (BMI) [Ratio]"),
    "hip": ("62409-8", "Hip circumference"),
    "pregnant": ("66174-4", "Pregnancy status"),
}
# 56086-2 is the name of a protocol, not of a length: it stands only beside the local code.
WAIST: Mapping[str | None, tuple[str, str] | None] = {
    "umbilicus": ("8280-0", "Waist circumference at umbilicus by tape measure"),
    "smallest-part-of-trunk": ("56086-2", "Adult waist circumference protocol"),
    None: None,
}
# Which standard codes name a waist, a panel or a length when a document of the program is read.
ACCEPTED: Mapping[str, str] = {code: name for name, (code, _) in STANDARD.items()} | {
    "55284-4": "blood_pressure", "8280-0": "waist", "56086-2": "waist",
}  # fmt: skip
# Whose codes are read: ours, and the program's code systems.
OWN_SYSTEMS = (OWN, "http://terminology.pmi-ops.org/CodeSystem/")
# The program's other names of the same fields, and what it sends that no protocol here keeps.
OTHER_NAMES: Mapping[str, str] = {
    "systolic-diastolic-blood-pressure": "blood_pressure", "systolic-blood-pressure": "systolic",
    "diastolic-blood-pressure": "diastolic", "heart-rhythm-status": "irregular_rhythm", "bmi": "bmi",
    "arm-circumference": "arm-circumference",
}  # fmt: skip
NOT_KEPT = frozenset({"arm-circumference"})
ARMS: Mapping[str, tuple[str, str]] = {
    "right-arm": ("368209003", "Right upper arm structure"),
    "left-arm": ("368208006", "Left upper arm structure"),
}
YES, NO = ("LA33-6", "Yes"), ("LA32-8", "No")
# Coded answers to yes-or-no questions, as LOINC and the program's documents give them.
ANSWERS: Mapping[str, bool] = {
    YES[0]: True, NO[0]: False, "wheelchair-bound": True, "not-wheelchair-bound": False,
    "irregularity-detected": True, "no-irregularity-detected": False,
}  # fmt: skip
PROFILES: Mapping[str, str] = {
    name: f"http://hl7.org/fhir/StructureDefinition/{profile}"
    for name, profile in (("height", "bodyheight"), ("weight", "bodyweight"), ("bmi", "bmi"),
                          ("heart_rate", "heartrate"), ("blood_pressure", "bp"))
}  # fmt: skip


def coded(name: str, tail: str = "", standard: tuple[str, str] | None = None) -> dict[str, Any]:
    """A CodeableConcept: the standard code if there is one, and ours with the reading's number (`-2`, `-mean`)."""
    found = standard or STANDARD.get(name)
    coding = [coding_of(LOINC, *found)] if found else []
    return {"coding": [*coding, {"system": OWN, "code": f"{NAMES[name]}{tail}"}]}


def coding_of(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}
