"""What the rules have to say about an entry: findings on fields and alerts that ask for action."""

from dataclasses import dataclass
from decimal import Decimal

from biobank.measurements.protocol import Field, Protocol, Text


@dataclass(frozen=True, slots=True)
class Finding:
    """An error or a warning on one field (`systolic.2`), with its code and the clerk's words."""

    field: str
    code: str
    text: Text

    def as_json(self, locale: str = "en") -> dict[str, str]:
        return {"field": self.field, "code": self.code, "message": self.text.to(locale)}


@dataclass(frozen=True, slots=True)
class Alert:
    """A danger that must be acted on and acknowledged before the visit can be finalised."""

    code: str
    fields: tuple[str, ...]
    text: Text

    def as_json(self, locale: str = "en") -> dict[str, str | list[str]]:
        return {"code": self.code, "fields": list(self.fields), "message": self.text.to(locale)}


@dataclass(frozen=True, slots=True)
class Place:
    """One replicate of a field, counted from 1."""

    field: Field
    number: int

    @property
    def ref(self) -> str:
        return self.field.ref(self.number)


def limits_of(protocol: Protocol, place: Place, value: Decimal | None = None) -> dict[str, str | Text]:
    """The words that most messages about a replicate need: its label, unit, limit and value."""
    field = place.field
    return {
        "label": protocol.label(place.ref),
        "unit": field.unit,
        "limit": str(field.limit),
        "value": "" if value is None else str(value),
        "example": "172.7" if field.decimals else "118",
    }
