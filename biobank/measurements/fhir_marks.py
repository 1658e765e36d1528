"""Qualifying Observations of a FHIR document: which place each marks as not measured by the protocol, and how."""

from collections.abc import Iterator
from dataclasses import dataclass

from biobank.measurements.fhir_naming import Named, Part, codings, named, parts, text
from biobank.measurements.protocol import Protocol
from biobank.measurements.protocol_parts import Deviations


@dataclass(frozen=True, slots=True)
class Mark:
    """A coded deviation on one place of a measure, with its note; `reason` says why it cannot be taken."""

    name: str
    measure: str = ""
    number: int = 0
    code: str = ""
    note: str = ""
    reason: str = ""
    detail: str = ""


def marks_of(
    protocol: Protocol, name: Named, url: str, resource: Part, others: list[tuple[str, Part]]
) -> Iterator[Mark]:
    """The marks of one qualifying Observation: the readings that it names, or that name it, are its places."""
    (measure,) = name.fields
    row = protocol.deviations.get(measure)
    given = [text(coding, "code") for coding in codings(resource, "valueCodeableConcept")]
    known = [code for code in given if row is not None and code in row.codes]
    if row is None or not known:
        yield Mark(name.name, reason="unknown-code", detail=", ".join(given))
        return
    numbers = _numbers(row, name, url, resource, others)
    if not numbers:
        yield Mark(name.name, reason="no-place")
    for number in sorted(numbers):
        yield Mark(name.name, measure, number, known[0], _note(protocol, known[0], resource))


def _numbers(row: Deviations, name: Named, url: str, resource: Part, others: list[tuple[str, Part]]) -> set[int]:
    if row.places == 1:
        return {0}
    focus = {text(reference, "reference") for reference in parts(resource, "focus")}
    qualified = [(address, other) for address, other in others if address in focus or url in set(_qualifiers(other))]
    told = [named(address, other) for address, other in qualified]
    numbers = {other.number or 1 for other in told if row.measure in {_measure(f) for f in other.fields}}
    numbers |= {name.number} if not numbers and name.number else set()
    return {number for number in numbers if number <= row.places}


def _measure(field: str) -> str:
    return "blood_pressure" if field in ("systolic", "diastolic", "heart_rate") else field


def _qualifiers(resource: Part) -> Iterator[str]:
    """The Observations that a reading of the program's documents says it is qualified by (FHIR DSTU2 `related`)."""
    for related in parts(resource, "related"):
        target = related.get("target")
        if text(related, "type") == "qualified-by" and isinstance(target, dict):
            yield text(target, "reference")


def _note(protocol: Protocol, code: str, resource: Part) -> str:
    """Our documents have a note; the program's say it in the words of the code that needs one."""
    for note in parts(resource, "note"):
        return text(note, "text")
    concept = resource.get("valueCodeableConcept")
    told = text(concept, "text") if isinstance(concept, dict) else ""
    return told if code in protocol.needs_note else ""
