"""A FHIR document of measurements read back: what each Observation says, what is left out and why, what is refused.

Reads our own documents and the program's (55284-4 panels, both waist codes, `urn:` entries in any order).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from biobank.measurements import fhir_codes as codes
from biobank.measurements.changes import Key, compose, kind_of
from biobank.measurements.fhir_marks import Mark, marks_of
from biobank.measurements.fhir_naming import Named, Part, codings, named, parts, text
from biobank.measurements.models import EntryKind
from biobank.measurements.protocol import Field, Kind, Protocol

_UNITS = {ucum: unit for unit, ucum in codes.UNITS.items()}
_COUNTS = ("final", "amended", "corrected")
_NOT_FINAL = ("registered", "preliminary", "cancelled", "entered-in-error", "unknown")
_EARLIEST = 1900
_LONGEST = 60


class Number(str):
    """A JSON number in the digits it was written with; a string of the document is none."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One answer of a document: where it belongs, what it is, when it was taken and by which device."""

    key: Key
    value: str
    taken_at: datetime
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was left out (`derived`, `absent`, ...) or is refused (`unknown-unit`, ...), by its name."""

    name: str
    reason: str
    detail: str = ""


@dataclass
class Document:
    """What was read of a document. Nothing of it may be stored while anything is `refused`.

    `subject` is the participant's id as the document has it, `date` its own time.
    """

    items: dict[Key, Item] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    left: list[Remark] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    identifier: str = ""
    subject: str = ""
    date: datetime | None = None

    def entry(self, protocol: Protocol) -> dict[str, Any]:
        """The same in the shape that the rules assess."""
        return compose(protocol, {key: item.value for key, item in self.items.items()})

    def refuse(self, name: str, reason: str, detail: str = "") -> None:
        self.refused.append(Remark(name, reason, detail[:_LONGEST]))


def read_document(protocol: Protocol, bundle: object) -> Document:
    """Read a document Bundle whose JSON numbers are `Number`. Never raises: what cannot be read is in `refused`."""
    found = Document()
    if (
        not isinstance(bundle, Mapping)
        or text(bundle, "resourceType") != "Bundle"
        or text(bundle, "type") != "document"
    ):
        found.refuse("document", "not-a-document")
        return found
    observations: list[tuple[str, Part]] = []
    for row in parts(bundle, "entry"):
        resource = row.get("resource")
        if not isinstance(resource, Mapping):
            found.refuse(text(row, "fullUrl")[:_LONGEST] or "entry", "not-a-resource")
        elif text(resource, "resourceType") == "Observation":
            observations.append((text(row, "fullUrl"), resource))
        else:
            _about(found, resource)
    if not found.date:
        found.refuse("Composition", "no-time")
    _observe(protocol, found, observations)
    return found


def _about(found: Document, resource: Part) -> None:
    """What the document says of itself: whose it is, its time, its number."""
    kind = text(resource, "resourceType")
    if kind == "Composition":
        found.date = instant(text(resource, "date")) or found.date
        subject, identifier = resource.get("subject"), resource.get("identifier")
        reference = text(subject, "reference") if isinstance(subject, Mapping) else ""
        if reference.startswith("Patient/"):
            found.subject = reference.removeprefix("Patient/")[:_LONGEST]
        found.identifier = text(identifier, "value")[:200] if isinstance(identifier, Mapping) else ""
    elif kind == "Patient":
        found.subject = next((text(row, "value")[:_LONGEST] for row in parts(resource, "identifier")), found.subject)
    elif kind != "Organization":
        found.left.append(Remark(kind if kind.isalpha() and len(kind) < _LONGEST else "?", "not-a-measurement"))


def instant(given: str) -> datetime | None:
    """A FHIR dateTime with its time and zone; None for anything less, since a time is never made up."""
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment.year >= _EARLIEST and "T" in given else None


def _observe(protocol: Protocol, found: Document, observations: list[tuple[str, Part]]) -> None:
    for url, resource in observations:
        reader = _Reader(protocol, found, named(url, resource), resource)
        if reader.passes():
            if reader.name.is_mark:
                for mark in marks_of(protocol, reader.name, url, resource, observations):
                    reader.take_mark(mark)
            else:
                reader.take()
    _leave_what_answers_set(protocol, found)


def _leave_what_answers_set(protocol: Protocol, found: Document) -> None:
    """A modification that an answer sets by itself, such as pregnancy, is not entered a second time."""
    for condition in protocol.conditions:
        flag = found.items.get((EntryKind.FLAG, condition.flag, 0))
        for measure, code in condition.sets.items() if flag is not None and flag.value == "yes" else ():
            key = (EntryKind.MODIFICATION, measure, 0)
            if key in found.items and found.items[key].value == code:
                del found.items[key]
                found.left.append(Remark(f"{measure}: {code}", "set-by-answer"))


@dataclass(slots=True)
class _Reader:
    """One Observation being read into a document."""

    protocol: Protocol
    found: Document
    name: Named
    resource: Part

    def passes(self) -> bool:
        """Whether the Observation is to be taken; what it is not taken for is noted."""
        name, status = self.name, text(self.resource, "status")
        if len(name.fields) != 1:
            self.refuse("contradictory-codes" if name.fields else "unknown-code", ", ".join(name.codes))
        elif name.is_mean or name.fields == {"bmi"}:
            self.leave("derived")
        elif name.fields <= codes.NOT_KEPT:
            self.leave("not-kept")
        elif status not in _COUNTS:
            self.leave("not-final", status if status in _NOT_FINAL else "?")
        elif self.taken_at is None:
            self.refuse("no-time")
        else:
            return True
        return False

    def take(self) -> None:
        """Take what the Observation says, and what each of its components says."""
        (field_name,) = self.name.fields
        self._take_site(field_name)
        components = parts(self.resource, "component")
        if field_name != "blood_pressure":
            self._take_answer(field_name, self.resource)
        elif "dataAbsentReason" in self.resource:
            self.leave("absent")
        elif not components:
            self.refuse("no-value")
        for component in components:
            part = named("", {"code": component.get("code")})
            if len(part.fields) != 1:
                self.refuse("unknown-code", ", ".join(part.codes))
            elif part.fields <= codes.NOT_KEPT:
                self.found.left.append(Remark(part.name, "not-kept"))
            else:
                self._take_answer(next(iter(part.fields)), component)

    def take_mark(self, mark: Mark) -> None:
        if mark.reason:
            self.refuse(mark.reason, mark.detail)
            return
        self._keep((EntryKind.MODIFICATION, mark.measure, mark.number), mark.code)
        if mark.note:
            self._keep((EntryKind.NOTE, mark.measure, mark.number), mark.note)

    def refuse(self, reason: str, detail: str = "") -> None:
        self.found.refuse(self.name.name, reason, detail)

    def leave(self, reason: str, detail: str = "") -> None:
        self.found.left.append(Remark(self.name.name, reason, detail))

    @property
    def taken_at(self) -> datetime | None:
        period = self.resource.get("effectivePeriod")
        start = text(period, "start") if isinstance(period, Mapping) else ""
        return instant(text(self.resource, "effectiveDateTime") or start)

    def _take_answer(self, field_name: str, holder: Part) -> None:
        row = self.protocol.fields.get(field_name)
        if row is None:
            self.refuse("unknown-code", field_name)
        elif self.name.number > (row.replicates if row.replicates > 1 else 0):
            self.refuse("no-place")
        elif "dataAbsentReason" in holder:
            self.leave("absent")
        else:
            value, reason, detail = _value(row, holder)
            if value is None:
                self.refuse(reason, detail)
            else:
                # A reading without a number is the only one, or it is refused for being there twice.
                self._keep((kind_of(row), row.name, (self.name.number or 1) if row.replicates > 1 else 0), value)

    def _take_site(self, field_name: str) -> None:
        """Where on the body: the arm of a pressure, the place of a waist; each is one answer of the whole record."""
        asked = {"blood_pressure": "blood_pressure_location", "waist": "waist_location"}.get(field_name)
        given = [text(coding, "code") for coding in codings(self.resource, "bodySite")] if asked else []
        if asked is None or not given:
            return
        arms = {code: arm for arm, (code, _) in codes.ARMS.items()}
        sites = {arms.get(code, code) for code in given} & set(self.protocol.fields[asked].choices)
        held = self.found.items.get((EntryKind.VALUE, asked, 0))
        if len(sites) != 1:
            self.refuse("unknown-code", ", ".join(given))
        elif held is None:
            self._keep((EntryKind.VALUE, asked, 0), sites.pop())
        elif held.value not in sites:
            self.refuse("twice", asked)

    def _keep(self, key: Key, value: str) -> None:
        if key in self.found.items or self.taken_at is None:
            self.refuse("twice")
            return
        device = self.resource.get("device")
        shown = text(device, "display")[:_LONGEST] if isinstance(device, Mapping) else ""
        self.found.items[key] = Item(key, value, self.taken_at, shown or None)
        self.found.taken.append(f"{key[1]}.{key[2]}" if key[2] else key[1])


def _value(row: Field, holder: Part) -> tuple[str | None, str, str]:
    """What an answer says; else why it cannot be taken, and what stood there."""
    if row.kind is Kind.NUMBER:
        return _number(row, holder)
    if row.kind is Kind.TEXT:
        return text(holder, "valueString") or None, "no-value", ""
    if isinstance(holder.get("valueBoolean"), bool):
        return "yes" if holder["valueBoolean"] else "no", "", ""
    given = [text(coding, "code") for coding in codings(holder, "valueCodeableConcept")]
    told = {codes.ANSWERS[code] for each in given for code in (each, each.lower()) if code in codes.ANSWERS}
    return ("yes" if told.pop() else "no") if len(told) == 1 else None, "unknown-answer", ", ".join(given)


def _number(row: Field, holder: Part) -> tuple[str | None, str, str]:
    quantity = holder.get("valueQuantity")
    if not isinstance(quantity, Mapping) or not isinstance(quantity.get("value"), Number):
        return None, "no-value", ""
    unit = text(quantity, "code")
    if text(quantity, "system") != codes.UCUM or _UNITS.get(unit) != row.unit:
        return None, "unknown-unit", unit or text(quantity, "unit")
    return str(quantity["value"]), "", ""
