"""What a preview shows: made-up data of the longest sort, so that what fits here fits at the desk."""

from labels import Kind, Template
from labels.codes import check_digits
from labels.elements import CODE_FIELDS, CodeElement

_WORDS = {
    "sample_code": "1ED10",
    "sample_word": "10 mL EDTA",
    "site_code": "PHX-NORTH-01",
    "visit": "V1",
    "collected_at": "2026-03-04T09:30:00-07:00",
    "n_of_m": "9/9 R2",
    "volume": "0.5 mL",
    "temperature": "-80 C",
    "place_word": "Freezer 2, shelf 4",
}
_DIGITS = "1234567890"


def example(kind: Kind) -> str:
    """A whole code of a kind that is nobody's: its check digits hold (ISO 7064 MOD 97-10)."""
    body = f"{kind.value}{_DIGITS}"
    return body + check_digits(body)


def of(template: Template) -> dict[str, str]:
    """Data for every field a template may show; each code of a kind that the template takes."""
    codes = {name: kinds[0] for name, kinds in CODE_FIELDS.items()}
    for element in template.elements:
        if isinstance(element, CodeElement) and element.kinds:
            codes |= {name: kind for name in element.field[:1] if (kind := _shared(name, element.kinds))}
    return _WORDS | {name: example(Kind(kind)) for name, kind in codes.items()}


def _shared(name: str, kinds: str) -> str:
    return next((kind for kind in kinds if kind in CODE_FIELDS[name]), "")
