"""Sheets of labels as data: the paper, the labels on it and where they stand, in millimetres."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from labels.elements import Pair
from labels.errors import StockError, UnknownStock

FOLDER = Path(__file__).parent / "stock"
_KEYS = {"id", "version", "name", "paper_mm", "label_mm", "columns", "rows", "first_mm", "pitch_mm", "source"}


@dataclass(frozen=True, slots=True)
class Stock:
    """A sheet: the upper left corner of its first label, and from one label to the next, across and down, in mm.

    `source` tells where the numbers are from, so that who measures a sheet knows what to doubt.
    """

    id: str
    version: int
    name: str
    paper_mm: Pair
    label_mm: Pair
    columns: int
    rows: int
    first_mm: Pair
    pitch_mm: Pair
    source: str

    @property
    def places(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    def corner_mm(self, place: int) -> Pair:
        """The upper left corner of a label by its place, counted from 0 along the rows."""
        row, column = divmod(place, self.columns)
        return self.first_mm[0] + column * self.pitch_mm[0], self.first_mm[1] + row * self.pitch_mm[1]

    @property
    def margin_mm(self) -> tuple[float, float, float, float]:
        """The paper left free at the left, above, at the right and below."""
        last = self.corner_mm(self.places - 1)
        right, below = (self.paper_mm[side] - last[side] - self.label_mm[side] for side in (0, 1))
        return self.first_mm[0], self.first_mm[1], right, below


def stocks() -> tuple[str, ...]:
    """The names of the sheets there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def load_stock(stock_id: str) -> Stock:
    """The sheet of that name; UnknownStock lists those there are."""
    if stock_id not in stocks():
        raise UnknownStock(f"There is no sheet {stock_id!r}. Choose one of: {', '.join(stocks())}.")
    return read_stock((FOLDER / f"{stock_id}.json").read_text(encoding="utf-8"))


def read_stock(source: str) -> Stock:
    """The sheet in a JSON text; StockError names the first thing that is wrong."""
    try:
        raw = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise StockError(f"The sheet is not JSON: {error}.") from error
    if not isinstance(raw, dict) or raw.keys() != _KEYS:
        raise StockError(f"A sheet has exactly the keys {', '.join(sorted(_KEYS))}.")
    stock = Stock(
        id=_word("id", raw["id"]),
        version=_count("version", raw["version"]),
        name=_word("name", raw["name"]),
        paper_mm=_pair("paper_mm", raw["paper_mm"]),
        label_mm=_pair("label_mm", raw["label_mm"]),
        columns=_count("columns", raw["columns"]),
        rows=_count("rows", raw["rows"]),
        first_mm=_pair("first_mm", raw["first_mm"]),
        pitch_mm=_pair("pitch_mm", raw["pitch_mm"]),
        source=_word("source", raw["source"]),
    )
    _require_on_paper(stock)
    return stock


def _require_on_paper(stock: Stock) -> None:
    if min(stock.margin_mm) < -1e-6:
        raise StockError(f"The labels of {stock.id} leave the paper. Measure the sheet and correct its sizes.")
    crowded = [stock.pitch_mm[side] + 1e-6 < stock.label_mm[side] for side in (0, 1)]
    if (crowded[0] and stock.columns > 1) or (crowded[1] and stock.rows > 1):
        raise StockError(f"The labels of {stock.id} overlap. From one to the next is at least the label's own size.")


def _word(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise StockError(f"{key} is a text on one line.")
    return value


def _count(key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1000:
        raise StockError(f"{key} is a whole number from 1 to 1000.")
    return value


def _pair(key: str, value: Any) -> Pair:
    if not isinstance(value, list) or len(value) != 2:
        raise StockError(f"{key} is two numbers in mm, across and down.")
    if any(isinstance(mm, bool) or not isinstance(mm, int | float) or not 0 <= mm <= 1000 for mm in value):
        raise StockError(f"{key} is two numbers in mm from 0 to 1000.")
    if key in {"paper_mm", "label_mm"} and min(value) < 1:
        raise StockError(f"{key} is at least 1 mm each way.")
    return float(value[0]), float(value[1])
