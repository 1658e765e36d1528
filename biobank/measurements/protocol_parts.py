"""What a measurement protocol is made of: fields, bounds, deviations, alerts and their words."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in every language of the study."""

    en: str
    es: str

    def to(self, locale: str) -> str:
        """The sentence in the language of a locale such as `es_US`; English for any other."""
        return self.es if locale.lower().startswith("es") else self.en

    def __str__(self) -> str:
        return self.en

    def fill(self, parts: Mapping[str, "str | Text"]) -> "Text":
        """The sentence with its `{gaps}` filled, each language with its own words."""
        return Text(*(getattr(self, tongue).format(**_spoken(parts, tongue)) for tongue in LANGUAGES))


def _spoken(parts: Mapping[str, str | Text], tongue: str) -> dict[str, str]:
    return {name: part.to(tongue) if isinstance(part, Text) else part for name, part in parts.items()}


class Kind(StrEnum):
    """What an answer to a field may be."""

    NUMBER = "number"
    TICK = "tick"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Bound:
    """A range whose ends do not belong to it: above, below or between."""

    above: Decimal | None = None
    below: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        return (self.above is None or value > self.above) and (self.below is None or value < self.below)


@dataclass(frozen=True, slots=True)
class Warns:
    """A range that asks for a second look and never blocks."""

    code: str
    bound: Bound


# A field is itself and no other: it is looked up by what it is, not by what it holds.
@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One row of the protocol; `limit` is in the field's unit (characters for text) and itself refused for numbers."""

    name: str
    kind: Kind
    unit: str = ""
    decimals: int = 0
    replicates: int = 1
    limit: Decimal | None = None
    measure: str = ""
    mean: str = ""
    third_when_apart: Decimal | None = None
    below_field: str = ""
    only_if: str = ""
    choices: tuple[str, ...] = ()
    warnings: tuple[Warns, ...] = ()

    def ref(self, place: int) -> str:
        """The name of one replicate, counted from 1: `systolic.2`; a field measured once has its plain name."""
        return f"{self.name}.{place}" if self.replicates > 1 else self.name

    @property
    def refs(self) -> tuple[str, ...]:
        return tuple(self.ref(place) for place in range(1, self.replicates + 1))


@dataclass(frozen=True, slots=True)
class Deviations:
    """The coded modifications of one measure, per place, and which of them close its inputs."""

    measure: str
    places: int
    codes: tuple[str, ...]
    closing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A yes-or-no fact about the participant that sets modifications and closes measures; a later one wins."""

    flag: str
    sets: Mapping[str, str]
    closes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Two consecutive replicates in one of the bounds (or every tick) ask for action."""

    code: str
    scale: str
    severity: int
    limits: tuple[tuple[str, Bound], ...] = ()
    worse_with: tuple[str, Bound] | None = None
    all_ticked: str = ""


@dataclass(frozen=True, slots=True)
class BmiRule:
    """Body mass index in kg/m²: refused outside least..most, doubtful outside the warning range."""

    mass: str
    length: str
    least: Decimal
    most: Decimal
    warns_below: Decimal
    warns_above: Decimal


@dataclass(frozen=True, slots=True)
class Cuff:
    """A cuff and the arm circumference it fits, in cm."""

    name: str
    from_cm: Decimal
    to_cm: Decimal


@dataclass(frozen=True)
class Protocol:
    """One version of a protocol. Old records keep the version they were made with."""

    name: str
    version: int
    fields: Mapping[str, Field]
    deviations: Mapping[str, Deviations]
    needs_note: tuple[str, ...]
    conditions: tuple[Condition, ...]
    alerts: tuple[AlertRule, ...]
    bmi: BmiRule
    cuffs: tuple[Cuff, ...]
    texts: Mapping[str, Text]

    @property
    def id(self) -> str:
        return f"{self.name}-{self.version}"

    @cached_property
    def numbers(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields.values() if field.kind is Kind.NUMBER)

    def text(self, key: str, parts: Mapping[str, str | Text] | None = None) -> Text:
        """A sentence of the protocol with its gaps filled. Raises KeyError for a key the file does not have."""
        return self.texts[key].fill(parts) if parts else self.texts[key]

    def label(self, ref: str) -> Text:
        """The clerk's words for a field or one of its replicates: `systolic, reading 2`."""
        name, _, place = ref.partition(".")
        words = self.texts[f"field.{name}"]
        return self.text("place", {"label": words, "n": place}) if place else words
