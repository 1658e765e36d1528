"""A final record as FHIR R4 Observations: each reading, each mean, and how a reading departed from the protocol."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Any
from uuid import UUID, uuid5

from biobank.measurements import fhir_codes as codes
from biobank.measurements.models import EntryKind, MeasurementEntry, MeasurementVersion
from biobank.measurements.sheet import Sheet

Resource = dict[str, Any]
_PARTS = ("systolic", "diastolic")
_SINGLE = ("height", "weight", "weight_before_pregnancy")
_TICKS = ("irregular_rhythm", "manual_blood_pressure", "manual_heart_rate")


class Observations:
    """The Observations of one finished version. `urls` gives each its place in the document."""

    def __init__(self, sheet: Sheet, version: MeasurementVersion, subject: Resource, performer: Resource) -> None:
        self._sheet = sheet
        self._version = version
        self._about = {"subject": subject, "performer": [performer]}
        self._made: dict[str, Resource] = {}

    def all(self) -> dict[str, Resource]:
        """Every Observation by its local name (`blood-pressure-2`, `height`), in the order of the protocol."""
        # One after the other: a mean names the readings made before it, a mark what it qualifies.
        parts = (self._pressures(), self._single(), self._lengths(), self._bmi(), self._answers(), self._marks())
        for name, resource in chain.from_iterable(parts):
            self._made[name] = resource
        return self._made

    def url(self, name: str) -> str:
        """The same Observation of the same version has the same address in every export."""
        return f"urn:uuid:{uuid5(self._version.id, name)}"

    @cached_property
    def _absent(self) -> dict[str, str]:
        declined = {place for place, code in self._sheet.assessment.modifications.items() if code == "refusal"}
        return {
            place: "asked-declined" if place in declined else "not-performed"
            for place in self._sheet.assessment.modifications
        }

    def _pressures(self) -> Iterator[tuple[str, Resource]]:
        for number in (1, 2, 3):
            yield from self._pressure(number)
        yield from self._mean_pressure()
        for number in (1, 2, 3):
            yield from self._one("heart_rate", number)
        yield from self._mean("heart_rate")

    def _pressure(self, number: int) -> Iterator[tuple[str, Resource]]:
        name = f"blood-pressure-{number}"
        entries = [entry for part in _PARTS if (entry := self._sheet.value_at(part, number))]
        body = self._body("blood_pressure", f"-{number}", entries) | self._site()
        place = f"blood_pressure.{number}"
        if entries:
            yield name, body | {"component": [self._component(entry.field, entry.value or "") for entry in entries]}
        elif place in self._absent:
            yield name, body | self._reason(place)

    def _mean_pressure(self) -> Iterator[tuple[str, Resource]]:
        means = {part: self._sheet.assessment.means[part] for part in _PARTS if part in self._sheet.assessment.means}
        if means:
            body = self._body("blood_pressure", "-mean", []) | self._site()
            parts = [self._component(part, value) for part, value in means.items()]
            yield "blood-pressure-mean", body | self._derived("systolic", "blood-pressure") | {"component": parts}

    def _single(self) -> Iterator[tuple[str, Resource]]:
        for field in _SINGLE:
            yield from self._one(field, 0)

    def _lengths(self) -> Iterator[tuple[str, Resource]]:
        for field in ("waist", "hip"):
            for number in (1, 2, 3):
                yield from self._one(field, number)
            yield from self._mean(field)

    def _one(self, field: str, number: int) -> Iterator[tuple[str, Resource]]:
        tail = f"-{number}" if number else ""
        place = f"{field}.{number}" if number else field
        entry = self._sheet.value_at(field, number)
        body = self._body(field, tail, [entry] if entry else [])
        if entry is not None:
            yield f"{codes.NAMES[field]}{tail}", body | self._quantity(field, entry.value or "")
        elif place in self._absent:
            yield f"{codes.NAMES[field]}{tail}", body | self._reason(place)

    def _mean(self, field: str) -> Iterator[tuple[str, Resource]]:
        value = self._sheet.assessment.means.get(field)
        if value is not None:
            body = self._body(field, "-mean", []) | self._derived(field, codes.NAMES[field])
            yield f"{codes.NAMES[field]}-mean", body | self._quantity(field, value)

    def _bmi(self) -> Iterator[tuple[str, Resource]]:
        value = self._sheet.assessment.bmi
        if value is not None:
            sources = [{"reference": self.url(name)} for name in ("height", "weight")]
            body = self._body("bmi", "", []) | {"derivedFrom": sources}
            yield codes.NAMES["bmi"], body | {"valueQuantity": _quantity(value, "kg/m2")}

    def _answers(self) -> Iterator[tuple[str, Resource]]:
        entry = self._sheet.entry
        if entry["pregnant"] is not None:
            told = codes.YES if entry["pregnant"] else codes.NO
            value = {"coding": [codes.coding_of(codes.LOINC, *told)]}
            yield codes.NAMES["pregnant"], self._body("pregnant", "", []) | {"valueCodeableConcept": value}
        if entry["wheelchair"] is not None:
            yield codes.NAMES["wheelchair"], self._body("wheelchair", "", []) | {"valueBoolean": entry["wheelchair"]}
        if entry["notes"]:
            yield codes.NAMES["notes"], self._body("notes", "", []) | {"valueString": entry["notes"]}
        for tick in _TICKS:
            for number, ticked in enumerate(entry[tick], start=1):
                if ticked is not None:
                    yield f"{codes.NAMES[tick]}-{number}", self._body(tick, f"-{number}", []) | {"valueBoolean": ticked}

    def _marks(self) -> Iterator[tuple[str, Resource]]:
        for place, code in self._sheet.assessment.modifications.items():
            measure, _, number = place.partition(".")
            qualified = f"{codes.NAMES[measure]}{'-' if number else ''}{number}"
            name = f"protocol-modifications-{qualified}"
            words = self._sheet.protocol.texts[f"code.{code}"].en
            value = {"coding": [codes.coding_of(codes.OWN, code, words)]}
            body = self._body(measure, "", []) | {"code": _own(f"protocol-modifications-{codes.NAMES[measure]}")}
            body.pop("meta", None)
            body |= {"valueCodeableConcept": value} | self._note(measure, int(number or 0))
            if qualified in self._made:
                body["focus"] = [{"reference": self.url(qualified)}]
            yield name, body

    def _body(self, field: str, tail: str, entries: Iterable[MeasurementEntry]) -> Resource:
        location = self._sheet.entry["waist_location"] if field == "waist" else None
        taken = [entry.taken_at for entry in entries]
        body: Resource = {
            "resourceType": "Observation",
            "status": "amended" if self._version.amends_id else "final",
            "category": codes.VITAL,
            "code": codes.coded(field, tail, codes.WAIST.get(location)),
            "effectiveDateTime": (min(taken) if taken else self._version.at).isoformat(timespec="seconds"),
        } | self._about
        if field in codes.PROFILES:
            body["meta"] = {"profile": [codes.PROFILES[field]]}
        if location is not None:
            body["bodySite"] = {"coding": [{"system": codes.OWN, "code": location}]}
        devices = [entry.device for entry in entries if entry.device]
        return body | ({"device": {"display": devices[0]}} if devices else {})

    def _site(self) -> Resource:
        arm = self._sheet.entry["blood_pressure_location"]
        return {"bodySite": {"coding": [codes.coding_of(codes.SNOMED, *codes.ARMS[arm])]}} if arm else {}

    def _component(self, field: str, value: str | Decimal) -> Resource:
        return {"code": codes.coded(field)} | self._quantity(field, value)

    def _quantity(self, field: str, value: str | Decimal) -> Resource:
        return {"valueQuantity": _quantity(value, self._sheet.protocol.fields[field].unit)}

    def _reason(self, place: str) -> Resource:
        return {"dataAbsentReason": {"coding": [{"system": codes.ABSENT, "code": self._absent[place]}]}}

    def _derived(self, field: str, name: str) -> Resource:
        numbers = (2, 3) if self._sheet.protocol.fields[field].mean == "second-and-third" else (1, 2, 3)
        made = [f"{name}-{number}" for number in numbers if f"{name}-{number}" in self._made]
        return {"derivedFrom": [{"reference": self.url(source)} for source in made]} if made else {}

    def _note(self, measure: str, number: int) -> Resource:
        entry = self._sheet.current.get((EntryKind.NOTE, measure, number))
        return {"note": [{"text": entry.value}]} if entry is not None and entry.value else {}


def _own(code: str) -> Resource:
    return {"coding": [{"system": codes.OWN, "code": code}]}


def _quantity(value: str | Decimal, unit: str) -> Resource:
    """The number with the decimals it is kept with; JSON numbers hold tenths as written."""
    text = str(value)
    number = float(text) if "." in text else int(text)
    return {"value": number, "unit": codes.UNITS[unit], "system": codes.UCUM, "code": codes.UNITS[unit]}


def version_url(version_id: UUID) -> str:
    return f"urn:uuid:{version_id}"
