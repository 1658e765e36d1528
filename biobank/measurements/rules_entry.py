"""An entry read by its protocol: accepted numbers, ticks, modifications in force and what is closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from biobank.measurements.protocol import Field, Kind, Protocol
from biobank.measurements.rules_findings import Finding, Place
from biobank.measurements.rules_numbers import read_number


@dataclass(slots=True)
class Answers:
    """What an entry of the right shape says. `numbers` holds only values that no rule has refused."""

    protocol: Protocol
    entry: Mapping[str, Any]
    numbers: dict[str, list[Decimal | None]] = field(default_factory=dict)
    codes: dict[str, list[str | None]] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)

    def given(self, place: Place) -> Any:
        """The raw answer at a place; None when there is none, and for a tick that is not set."""
        raw = self.entry.get(place.field.name)
        value = raw[place.number - 1] if raw is not None and place.field.replicates > 1 else raw
        return None if value is False and place.field.kind is Kind.TICK else value

    def number(self, place: Place) -> Decimal | None:
        return self.numbers[place.field.name][place.number - 1]

    def refuse(self, place: Place, finding: Finding) -> None:
        """Record an error and take the place's value out of everything that is computed later."""
        self.refused.append(finding)
        if place.field.name in self.numbers:
            self.numbers[place.field.name][place.number - 1] = None

    def says(self, flag: str) -> bool | None:
        answer = self.entry.get(flag)
        return answer if isinstance(answer, bool) else None

    def typed_code(self, measure: str, number: int) -> str | None:
        """The modification that was entered for a place of a measure, in force or not."""
        raw = (self.entry.get("modifications") or {}).get(measure)
        code: str | None = raw if raw is None or isinstance(raw, str) else raw[number - 1]
        return code

    def code(self, place: Place) -> str | None:
        """The modification in force at a place, entered or set by a condition."""
        codes = self.codes[place.field.measure]
        return codes[place.number - 1 if len(codes) > 1 else 0]

    def note(self, measure: str, number: int) -> str:
        """The note on a modification: its own place's, else the one for the whole measure."""
        notes = self.entry.get("modification_notes") or {}
        whole = notes.get(measure)
        shared = whole if whole is None or isinstance(whole, str) else whole[number - 1]
        return (notes.get(f"{measure}.{number}") or shared or "").strip()

    def closed_by(self, measure: str) -> str | None:
        """The flag of the condition that closes a measure altogether, such as `pregnant`."""
        closing = [row.flag for row in self.protocol.conditions if measure in row.closes and self.says(row.flag)]
        return closing[-1] if closing else None


def read(protocol: Protocol, entry: Mapping[str, Any]) -> Answers:
    """Read an entry whose shape is right; numbers that cannot stand are in `refused`."""
    answers = Answers(protocol, entry)
    answers.codes = _codes_in_force(answers)
    for row in protocol.numbers:
        answers.numbers[row.name] = [None] * row.replicates
        for place in places(row):
            _take(answers, place)
    return answers


@lru_cache(maxsize=1024)
def places(row: Field) -> tuple[Place, ...]:
    """Every replicate of a field."""
    return tuple(Place(row, number) for number in range(1, row.replicates + 1))


def _take(answers: Answers, place: Place) -> None:
    given = answers.given(place)
    if given is None:
        return
    read_as = read_number(answers.protocol, place, given)
    if isinstance(read_as, Finding):
        answers.refused.append(read_as)
    else:
        answers.numbers[place.field.name][place.number - 1] = read_as


def _codes_in_force(answers: Answers) -> dict[str, list[str | None]]:
    codes: dict[str, list[str | None]] = {}
    for row in answers.protocol.deviations.values():
        typed = [answers.typed_code(row.measure, number) for number in range(1, row.places + 1)]
        codes[row.measure] = [code if code in row.codes else None for code in typed]
    # A later condition overrides what an earlier one sets, never what says that nothing could be measured.
    set_by_conditions = {code for row in answers.protocol.conditions for code in row.sets.values()}
    for condition in answers.protocol.conditions:
        for measure, code in condition.sets.items() if answers.says(condition.flag) else ():
            if codes[measure][0] in {None, *set_by_conditions}:
                codes[measure][0] = code
    return codes
