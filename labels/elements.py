"""What a template may be made of: its elements, and the closed list of fields they may show."""

from dataclasses import dataclass

Pair = tuple[float, float]

CODE_FIELDS = {
    "tube_id": "ST",
    "collection_id": "CKT",
    "participant_code": "PBT",
    "kit_id": "KT",
    "box_id": "XT",
    "shipment_id": "HT",
    "place_id": "LT",
}
"""The fields that hold a code, each with the kinds of code it may hold."""

TEXT_FIELDS = frozenset(
    {"sample_code", "sample_word", "site_code", "visit", "collected_at"}
    | {"n_of_m", "volume", "temperature", "place_word"}
)
ALLOWED_FIELDS = TEXT_FIELDS | CODE_FIELDS.keys()
"""Everything a label can ever show: nothing that tells who a participant is has a name here."""


@dataclass(frozen=True, slots=True)
class TextElement:
    """A line of text: the first of its fields that is given, or fixed words; heights are of capitals, in mm."""

    at: Pair
    height_mm: float
    max_mm: float
    field: tuple[str, ...] = ()
    literal: str = ""
    before: str = ""
    align: str = "left"
    overflow: str = "error"
    min_height_mm: float = 0.0
    rotate: int = 0


@dataclass(frozen=True, slots=True)
class IdElement:
    """A code in groups for people to read; it is printed whole or not at all.

    `last` shows only so many last characters, as a hint where the symbol beside holds the whole code. A code that is
    not given is an error, unless `absent` says that nothing takes its place.
    """

    at: Pair
    height_mm: float
    max_mm: float
    field: tuple[str, ...]
    kinds: str = ""
    align: str = "left"
    last: int = 0
    absent: str = "error"
    rotate: int = 0


@dataclass(frozen=True, slots=True)
class DatetimeElement:
    """A moment as the wall clock showed it, or a ruled blank to fill in by hand."""

    at: Pair
    height_mm: float
    max_mm: float
    field: tuple[str, ...]
    format: str = "minute"
    blank: str = "rule"
    align: str = "left"
    rotate: int = 0


@dataclass(frozen=True, slots=True)
class Code128Element:
    """A code as Code 128, centred in its room; the quiet zone on each side is at least ten modules and `quiet_mm`."""

    at: Pair
    height_mm: float
    max_mm: float
    field: tuple[str, ...]
    module_mm: float
    min_module_mm: float
    quiet_mm: float = 0.0
    kinds: str = ""
    rotate: int = 0


@dataclass(frozen=True, slots=True)
class DataMatrixElement:
    """A code as Data Matrix, centred in a square room of `max_mm` with `quiet` modules kept clear on every side."""

    at: Pair
    max_mm: float
    field: tuple[str, ...]
    module_mm: float
    min_module_mm: float
    quiet: float = 2.0
    kinds: str = ""
    rotate: int = 0


@dataclass(frozen=True, slots=True)
class SymbolElement:
    """The letter of the temperature a sample keeps, white in a black square; nothing if no temperature is given."""

    at: Pair
    height_mm: float
    rotate: int = 0


@dataclass(frozen=True, slots=True)
class SolidElement:
    """A black bar: a line, or the head check, across the whole label, whose gaps betray a dead dot of the printer."""

    at: Pair
    size: Pair


@dataclass(frozen=True, slots=True)
class BoxElement:
    """The outline of a rectangle; other elements may stand inside."""

    at: Pair
    size: Pair
    stroke_mm: float


CodeElement = IdElement | Code128Element | DataMatrixElement
Turning = TextElement | DatetimeElement | CodeElement | SymbolElement
"""The elements that may stand turned clockwise by quarters; `at` is the upper left of what they become."""
Element = Turning | SolidElement | BoxElement

ELEMENTS: dict[str, type[Element]] = {
    "text": TextElement,
    "id": IdElement,
    "datetime": DatetimeElement,
    "code128": Code128Element,
    "datamatrix": DataMatrixElement,
    "symbol": SymbolElement,
    "line": SolidElement,
    "headcheck": SolidElement,
    "box": BoxElement,
}
