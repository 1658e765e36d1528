"""A final record as a FHIR R4 document: a Bundle of its Composition, the participant by code, and its Observations."""

from typing import Any

from biobank.measurements import fhir_codes as codes
from biobank.measurements.fhir_observations import Observations, Resource, version_url
from biobank.measurements.models import MeasurementVersion
from biobank.measurements.sheet import Sheet

PARTICIPANT, SITE, VERSION = "urn:biobank:participant", "urn:biobank:site", "urn:ietf:rfc:3986"


def document(sheet: Sheet, *, clinic_code: str, site_code: str) -> dict[str, Any]:
    """The document of a finished version (`history.final_version`). Raises ValueError for a record without one.

    The participant is there by clinic code alone.
    """
    version = sheet.version
    if version is None:
        raise ValueError("only a finished version is exported")
    patient = {"resourceType": "Patient", "identifier": [{"system": PARTICIPANT, "value": clinic_code}]}
    place = {"resourceType": "Organization", "identifier": [{"system": SITE, "value": site_code}], "name": site_code}
    maker = Observations(sheet, version, {}, {})
    subject, author = ({"reference": maker.url(name)} for name in ("participant", "site"))
    maker = Observations(sheet, version, subject, author)
    observations = maker.all()
    composition = _composition(sheet, version, subject, author)
    composition["section"] = [_section(sheet, [maker.url(name) for name in observations])]
    entries = [("composition", composition), ("participant", patient), ("site", place), *observations.items()]
    return {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": VERSION, "value": version_url(version.id)},
        "timestamp": version.at.isoformat(timespec="seconds"),
        "entry": [{"fullUrl": maker.url(name), "resource": resource} for name, resource in entries],
    }


def _composition(sheet: Sheet, version: MeasurementVersion, subject: Resource, author: Resource) -> Resource:
    made: Resource = {
        "resourceType": "Composition",
        "identifier": {"system": VERSION, "value": version_url(version.id)},
        "status": "amended" if version.amends_id else "final",
        "type": {"coding": [codes.coding_of(codes.LOINC, "8716-3", "Vital signs")]},
        "subject": subject,
        "date": version.at.isoformat(timespec="seconds"),
        "author": [author],
        "title": f"{sheet.protocol.texts['protocol'].en} ({sheet.protocol.id})",
    }
    if version.amends_id:
        former = {"system": VERSION, "value": version_url(version.amends_id)}
        made["relatesTo"] = [{"code": "replaces", "targetIdentifier": former}]
    return made


def _section(sheet: Sheet, urls: list[str]) -> Resource:
    section: Resource = {"title": sheet.protocol.texts["protocol"].en,
                         "code": {"coding": [codes.coding_of(codes.LOINC, "8716-3", "Vital signs")]}}  # fmt: skip
    return section | ({"entry": [{"reference": url} for url in urls]} if urls else {})
