"""What an Observation of a FHIR document is about: its field, its replicate, and by which name it is reported."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from biobank.measurements import fhir_codes as codes

Part = Mapping[str, Any]
MARK = "protocol-modifications-"
MEAN = "mean"
_TAIL = re.compile(r"(?P<name>[a-z-]+?)(?:-(?P<number>[1-9]|mean))?")
_URL_TAIL = re.compile(r"urn:(?!uuid:)[\w:.-]{1,100}?-(?P<number>[1-9]|mean)")
_FIELDS = {**{local: name for name, local in codes.NAMES.items()}, **codes.OTHER_NAMES}
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Named:
    """One Observation: the fields its codes name (one, unless they contradict), its replicate, 0 where none is told.

    `name` is what a report calls it. `codes` are those that were not known.
    """

    name: str
    fields: frozenset[str]
    tail: str = ""
    is_mark: bool = False
    codes: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return int(self.tail) if self.tail.isdigit() else 0

    @property
    def is_mean(self) -> bool:
        return self.tail == MEAN


def named(url: str, resource: Part) -> Named:
    """Read the codes of an Observation. A replicate that no code tells is read from its `urn:` address."""
    known: set[str] = set()
    marks, tails, strange = [], [], []
    for coding in codings(resource, "code"):
        code = text(coding, "code")
        if text(coding, "system") == codes.LOINC:
            known |= {codes.ACCEPTED[code]} if code in codes.ACCEPTED else set()
            strange += [] if code in codes.ACCEPTED else [code]
        elif text(coding, "system").startswith(codes.OWN_SYSTEMS):
            match = _TAIL.fullmatch(code.removeprefix(MARK))
            field = _FIELDS.get(match["name"]) if match else None
            known |= {field} if field else set()
            strange += [] if field else [code]
            tails += [match["number"]] if match and match["number"] else []
            marks.append(code.startswith(MARK))
    tail = (tails or _tail_of(url))[:1]
    label = _label(known, strange, any(marks), tail)
    return Named(label, frozenset(known), "".join(tail), any(marks), tuple(strange))


def _label(known: set[str], strange: list[str], is_mark: bool, tail: list[str]) -> str:
    """Our own name of what is known; the document's code of what is not."""
    if len(known) != 1:
        return (", ".join(strange) or "?")[:_LONGEST_NAME]
    (field,) = known
    return "-".join([(MARK if is_mark else "") + codes.NAMES.get(field, field), *tail])


def _tail_of(url: str) -> list[str]:
    match = _URL_TAIL.fullmatch(url)
    return [match["number"]] if match else []


def codings(holder: Part, name: str) -> Iterator[Part]:
    """The codings of a CodeableConcept; none where the document has something else."""
    concept = holder.get(name)
    yield from parts(concept, "coding") if isinstance(concept, Mapping) else ()


def parts(holder: Part, name: str) -> list[Part]:
    """The objects of a list in a document; whatever is no object is passed over."""
    given = holder.get(name)
    return [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []


def text(holder: Part, name: str) -> str:
    """A string of a document, empty where there is none."""
    given = holder.get(name)
    return given if isinstance(given, str) else ""
