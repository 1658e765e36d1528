"""Sheets as data: read strictly, so that a slip of the ruler shows before a sheet is spoilt."""

import json

import pytest

from labels.errors import LayoutError, StockError, UnknownStock
from labels.stock import load_stock, read_stock, stocks

GOOD: dict[str, object] = {
    "id": "trial",
    "version": 1,
    "name": "Trial sheet",
    "paper_mm": [210, 297],
    "label_mm": [50, 25],
    "columns": 3,
    "rows": 10,
    "first_mm": [20, 16],
    "pitch_mm": [60, 26.5],
    "source": "measured",
}


def source(**changes: object) -> str:
    return json.dumps(GOOD | changes)


@pytest.mark.parametrize("stock", stocks())
def test_each_sheet_shipped_is_whole(stock: str) -> None:
    assert load_stock(stock).id == stock
    assert min(load_stock(stock).margin_mm) > 0


@pytest.mark.parametrize(
    ("stock", "places"), [("lcry-1700", 85), ("ttlw-2016", 85), ("avery-l4732", 80), ("avery-5167", 80)]
)
def test_the_sheets_have_the_makers_number_of_labels(stock: str, places: int) -> None:
    assert load_stock(stock).places == places


def test_labels_stand_along_the_rows() -> None:
    stock = read_stock(source())
    assert [stock.corner_mm(place) for place in (0, 2, 3, 29)] == [(20, 16), (140, 16), (20, 42.5), (140, 254.5)]


def test_an_administrators_sheet_is_read_as_ours_are() -> None:
    assert read_stock(source(id="site-sheet", columns=2)).places == 20


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": 4},
        {"rows": 11},
        {"first_mm": [41, 16]},
        {"pitch_mm": [49, 26.5]},
        {"pitch_mm": [60, 24]},
        {"columns": 0},
        {"columns": True},
        {"rows": 1.5},
        {"version": "1"},
        {"name": ""},
        {"name": "two\nlines"},
        {"label_mm": [50]},
        {"label_mm": [0, 25]},
        {"paper_mm": [210, -297]},
        {"paper_mm": "A4"},
        {"first_mm": [True, 16]},
        {"colour": "white"},
    ],
)
def test_a_sheet_with_a_mistake_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(StockError):
        read_stock(source(**changes))


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", "[" * 100_000])
def test_what_is_no_sheet_is_refused(text: str) -> None:
    with pytest.raises(StockError):
        read_stock(text)


@pytest.mark.parametrize("name", ["no-such", "", "../stock", "lcry-1700.json"])
def test_an_unknown_sheet_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(UnknownStock, match="lcry-1700, ttlw-2016"):
        load_stock(name)


def test_a_fault_in_a_sheet_is_a_fault_in_the_layout() -> None:
    assert issubclass(StockError, LayoutError)
    assert issubclass(UnknownStock, LayoutError)
