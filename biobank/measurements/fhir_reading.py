"""A FHIR document of measurements read back into an entry, with a report of what was taken, what was not and why.

Reads our own documents and the program's (55284-4 panels, both waist codes, entries in any order).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from biobank.measurements import fhir_codes as codes
from biobank.measurements.changes import compose
from biobank.measurements.protocol import Kind, Protocol

_TAIL = re.compile(r"(?P<name>[a-z-]+?)(?:-(?P<number>[123]|mean))?")
_FIELDS = {local: name for name, local in codes.NAMES.items()}
_UNITS = {ucum: unit for unit, ucum in codes.UNITS.items()}
_DERIVED = {"computed-bmi", "bmi"}
_MARK = "protocol-modifications-"


@dataclass
class Taken:
    """The entry of a document, the names of what was taken, and of each thing that was not, why."""

    entry: dict[str, Any]
    taken: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


def read_document(protocol: Protocol, bundle: Mapping[str, Any]) -> Taken:
    """Read a document Bundle; numbers must have been parsed as text or Decimal to keep their digits."""
    found = Taken(compose(protocol, {}))
    resources = {row.get("fullUrl"): row.get("resource", {}) for row in bundle.get("entry", [])}
    observations = {url: row for url, row in resources.items() if row.get("resourceType") == "Observation"}
    for resource in observations.values():
        name = _local(resource)
        if name.startswith(_MARK):
            _take_mark(protocol, found, resource, observations)
        elif name in _DERIVED or name.endswith("-mean"):
            found.left.append((name, "derived"))
        else:
            _take(protocol, found, name, resource)
    return found


def _local(resource: Mapping[str, Any]) -> str:
    """The program's own name of an Observation, such as `blood-pressure-2`."""
    coding = resource.get("code", {}).get("coding", [])
    own = [row.get("code", "") for row in coding if row.get("system") != codes.LOINC]
    standard = [codes.NAMES[codes.ACCEPTED[row["code"]]] for row in coding if row.get("code") in codes.ACCEPTED]
    return str((own or standard or ["?"])[0])


def _place(name: str) -> tuple[str | None, int]:
    match = _TAIL.fullmatch(name)
    number = match["number"] if match else None
    return (_FIELDS.get(match["name"]) if match else None), int(number) if number else 0


def _take(protocol: Protocol, found: Taken, name: str, resource: Mapping[str, Any]) -> None:
    known, number = _place(name)
    if known is None:
        found.left.append((name, "unknown-code"))
        return
    _sites(found, known, resource)
    answers = _quantities(resource) if known == "blood_pressure" else [(known, resource)]
    for ref, holder in answers:
        reason = _answer(protocol, found.entry, ref, number, holder)
        if reason:
            found.left.append((name, reason))
        else:
            found.taken.append(f"{ref}.{number}" if number else ref)


def _quantities(resource: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for part in resource.get("component", []):
        for row in part.get("code", {}).get("coding", []):
            if row.get("code") in codes.ACCEPTED:
                yield codes.ACCEPTED[row["code"]], part


def _answer(protocol: Protocol, entry: dict[str, Any], name: str, number: int, holder: Mapping[str, Any]) -> str | None:
    """Put one answer into the entry; the reason when it cannot be taken."""
    row = protocol.fields[name]
    if "dataAbsentReason" in holder:
        return "absent"
    if row.replicates > 1 and not number:
        return "no-number"
    if row.kind is Kind.NUMBER:
        quantity = holder.get("valueQuantity", {})
        if _UNITS.get(quantity.get("code", "")) != row.unit:
            return "unknown-unit"
        value: Any = format(Decimal(str(quantity["value"])), "f")
    elif name == "pregnant":
        value = holder["valueCodeableConcept"]["coding"][0]["code"] == codes.YES[0]
    else:
        value = holder.get("valueBoolean", holder.get("valueString"))
    if row.replicates > 1:
        entry[name][number - 1] = value
    else:
        entry[name] = value
    return None


def _sites(found: Taken, known: str, resource: Mapping[str, Any]) -> None:
    arms = {code: arm for arm, (code, _) in codes.ARMS.items()}
    for row in resource.get("bodySite", {}).get("coding", []):
        if known == "blood_pressure" and row.get("code") in arms:
            found.entry["blood_pressure_location"] = arms[row["code"]]
        elif known == "waist" and row.get("code") in codes.WAIST:
            found.entry["waist_location"] = row["code"]


def _take_mark(
    protocol: Protocol, found: Taken, resource: Mapping[str, Any], others: Mapping[Any, Mapping[str, Any]]
) -> None:
    measure, _ = _place(_local(resource).removeprefix(_MARK))
    focus = [others[row["reference"]] for row in resource.get("focus", []) if row.get("reference") in others]
    number = _place(_local(focus[0]))[1] if focus else 0
    code = resource.get("valueCodeableConcept", {}).get("coding", [{}])[0].get("code")
    deviations = protocol.deviations.get(measure or "")
    if deviations is None or code not in deviations.codes or (deviations.places > 1 and not number):
        found.left.append((_local(resource), "unknown-code"))
        return
    ref = f"{measure}.{number}" if number else deviations.measure
    if deviations.places > 1:
        found.entry["modifications"][measure][number - 1] = code
    else:
        found.entry["modifications"][measure] = code
    for note in resource.get("note", []):
        found.entry["modification_notes"][ref] = note["text"]
    found.taken.append(f"modifications.{ref}")
