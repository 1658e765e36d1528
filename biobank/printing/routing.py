"""Which design a label takes and which printer it goes to: ordered rules, the first that matches, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

ANY = "*"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The label that is asked for: of what kind of object, of what sort, which part of it, where."""

    kind: str
    sort: str = ""
    part: str = ""
    site: str = ""
    station: str = ""


CONDITIONS = tuple(field.name for field in fields(Wanted))


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions, each a value or `*` for any; then a design, and a printer or `*` for whichever the label fits."""

    kind: str
    design: str
    sort: str = ANY
    part: str = ANY
    site: str = ANY
    station: str = ANY
    printer: str = ANY

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    def mismatch(self, wanted: Wanted) -> str | None:
        """The first condition that does not hold; None when all do."""
        for name in CONDITIONS:
            value = getattr(self, name)
            if value not in (ANY, getattr(wanted, name)):
                return name
        return None

    def covers(self, other: "Rule") -> bool:
        """Whether everything the other would match, this one matches first."""
        return all(getattr(self, name) in (ANY, getattr(other, name)) for name in CONDITIONS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of a label: the condition that does not hold, or that it applies, or that one before did."""

    number: int
    rule: Rule
    mismatch: str | None
    applies: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The rule that applies, None when no rule does, and what every rule said."""

    rule: Rule | None
    verdicts: Sequence[Verdict]

    @property
    def number(self) -> int | None:
        """The place of the rule that applies, counted from 1."""
        return next((verdict.number for verdict in self.verdicts if verdict.applies), None)


def choose(rules: Sequence[Rule], wanted: Wanted) -> Choice:
    """The first rule whose conditions all hold, and the reason for each rule."""
    verdicts: list[Verdict] = []
    chosen: Rule | None = None
    for number, rule in enumerate(rules, start=1):
        mismatch = rule.mismatch(wanted)
        applies = mismatch is None and chosen is None
        chosen = rule if applies else chosen
        verdicts.append(Verdict(number, rule, mismatch, applies))
    return Choice(chosen, verdicts)


def shadowed(rules: Sequence[Rule]) -> Mapping[int, int]:
    """Rules that can never apply, by number, with the number of the rule before that always takes their labels."""
    found: dict[int, int] = {}
    for number, rule in enumerate(rules, start=1):
        before = next((place for place, other in enumerate(rules[: number - 1], start=1) if other.covers(rule)), None)
        if before is not None:
            found[number] = before
    return found
