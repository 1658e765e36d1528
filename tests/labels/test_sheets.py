"""Sheets: each label in the place asked for, and each symbol where a ruler finds it on the paper."""

import json
from functools import cache

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops

from labels import BadCode, Kind, LayoutError, mint
from labels.errors import StockError
from labels.sheets import SheetLabel, SheetOptions, places, sheets
from labels.stock import Stock, load_stock, read_stock
from tests.labels.captures import SYMBOLOGIES
from tests.labels.factories import make_label_data

LASER = 600 / 25.4
"""Dots a mm."""
CASES = [("lcry-1700", "cryo-33x13"), ("ttlw-2016", "cryo-33x13"), ("a4-cut-50x25", "tube-50x25")]
WIDE = {"cryo-33x13": (32.5, 12.7), "tube-50x25": (50, 25)}
SYMBOL = {"cryo-33x13": (1.43, 1.53, 4.741, 4.741), "tube-50x25": (9.38, 5.5, 31.242, 11.0)}
"""From each template's corner to its symbol, and the symbol's size, in mm at 600 dpi."""


def batch(template: str, count: int, people: int = 1) -> list[SheetLabel]:
    codes = [mint(Kind.BIOBANK) for _ in range(people)]
    return [
        SheetLabel(template, make_label_data(template, participant_code=code)) for code in codes for _ in range(count)
    ]


def paper(document: bytes, page: int = 0, dots_per_mm: float = LASER) -> Image.Image:
    """A page as a printer of that resolution would lay it down, in grey."""
    opened = pypdfium2.PdfDocument(document)
    return opened[page].render(scale=dots_per_mm * 25.4 / 72, grayscale=True).to_pil().convert("L")


@cache
def full_sheet(stock_id: str, template: str) -> tuple[bytes, tuple[SheetLabel, ...]]:
    labels = batch(template, load_stock(stock_id).places)
    return sheets(load_stock(stock_id), labels), tuple(labels)


def cut(page: Image.Image, stock: Stock, place: int, dots_per_mm: float) -> Image.Image:
    left, top = stock.corner_mm(place)
    right, below = left + stock.label_mm[0], top + stock.label_mm[1]
    return page.crop([round(edge * dots_per_mm) for edge in (left, top, right, below)])


def texts(image: Image.Image) -> list[str]:
    return [symbol.text for symbol in zxingcpp.read_barcodes(image, formats=SYMBOLOGIES)]


@pytest.mark.parametrize(("stock_id", "template"), CASES)
def test_each_symbol_is_in_its_place_to_a_tenth_of_a_millimetre(stock_id: str, template: str) -> None:
    document, labels = full_sheet(stock_id, template)
    stock, page = load_stock(stock_id), paper(document).point(lambda value: 255 - value)
    right, down, width, height = SYMBOL[template]
    for place in range(len(labels)):
        left, top = stock.corner_mm(place)
        spare = [(room - own) / 2 for room, own in zip(stock.label_mm, WIDE[template], strict=True)]
        x, y = left + spare[0] + right, top + spare[1] + down
        around = [round(edge * LASER) for edge in (x - 0.5, y - 0.5, x + width + 0.5, y + height + 0.5)]
        box = page.crop(around).point(lambda value: 255 if value > 127 else 0).getbbox()
        assert box is not None
        found = [(box[0] + around[0]) / LASER, (box[1] + around[1]) / LASER, (box[2] + around[0]) / LASER]
        assert found == pytest.approx([x, y, x + width], abs=0.1)


@pytest.mark.parametrize("shrunk", [1.0, 0.96])
@pytest.mark.parametrize(("stock_id", "template"), CASES)
def test_every_label_of_a_full_sheet_is_read(stock_id: str, template: str, shrunk: float) -> None:
    document, labels = full_sheet(stock_id, template)
    page = paper(document, dots_per_mm=LASER * shrunk)
    found = [texts(cut(page, load_stock(stock_id), place, LASER * shrunk)) for place in range(len(labels))]
    assert found == [[label.data["tube_id"]] for label in labels]


@pytest.mark.parametrize("stock_id", ["lcry-1700", "ttlw-2016", "avery-l4732", "avery-l7658", "a4-cut-50x25"])
def test_the_ruler_is_fifty_millimetres_long(stock_id: str) -> None:
    label = [SheetLabel("cap-9.5", make_label_data("cap-9.5"))]
    stock = load_stock(stock_id)
    with_ruler, without = (paper(sheets(stock, label, SheetOptions(ruler=ruler))) for ruler in (True, False))
    ruler = with_ruler.crop(ImageChops.difference(with_ruler, without).getbbox())
    lines = [_longest_run(ruler), _longest_run(ruler.transpose(Image.Transpose.ROTATE_90))]
    assert max(lines) / LASER == pytest.approx(50.0, abs=0.05)


def test_a_sheet_without_margins_has_no_ruler() -> None:
    source = {"id": "full", "version": 1, "name": "Full", "paper_mm": [50, 25], "label_mm": [50, 25], "columns": 1,
              "rows": 1, "first_mm": [0, 0], "pitch_mm": [50, 25], "source": "trial"}  # fmt: skip
    stock, labels = read_stock(json.dumps(source)), batch("tube-50x25", 1)
    assert sheets(stock, labels) == sheets(stock, labels, SheetOptions(ruler=False))


def test_an_offset_moves_everything() -> None:
    labels = batch("tube-50x25", 1)
    stock = load_stock("a4-cut-50x25")
    plain, moved = (_ink(paper(sheets(stock, labels, SheetOptions(offset_mm=by)))) for by in ((0, 0), (2, -1.5)))
    shift = [(one - other) / LASER for one, other in zip(moved, plain, strict=True)]
    assert shift == pytest.approx([2, -1.5, 2, -1.5], abs=0.05)


@pytest.mark.parametrize("offset", [(5.1, 0), (0, -5.1), (float("nan"), 0), (0, -1.6), (float("inf"), 0)])
def test_an_offset_that_is_none_is_refused(offset: tuple[float, float]) -> None:
    with pytest.raises(StockError, match="offset"):
        sheets(load_stock("ttlw-2016"), batch("cryo-33x13", 1), SheetOptions(offset_mm=offset))


def test_a_used_sheet_is_filled_from_where_it_is_free() -> None:
    stock = load_stock("lcry-1700")
    taken = places(stock, batch("cryo-33x13", 4), SheetOptions(start=3, skip=(4, 5)))
    assert taken == [2, 5, 6, 7]


def test_labels_go_on_over_sheets_and_only_the_first_has_gaps() -> None:
    stock, options = load_stock("a4-cut-50x25"), SheetOptions(start=30, skip=(2,))
    labels = batch("tube-50x25", 4)
    assert places(stock, labels, options) == [29, 30, 31, 32]
    second = paper(sheets(stock, labels, options), page=1)
    assert texts(cut(second, stock, 1, LASER)) == [labels[2].data["tube_id"]]


def test_each_participant_begins_a_row() -> None:
    stock = load_stock("lcry-1700")
    taken = places(stock, batch("cryo-33x13", 3, people=3), SheetOptions(start=2, skip=(7,), by_participant=True))
    assert taken == [1, 2, 3, 5, 7, 8, 10, 11, 12]


def test_a_participant_with_many_labels_takes_whole_rows() -> None:
    taken = places(load_stock("lcry-1700"), batch("cryo-33x13", 6, people=2), SheetOptions(by_participant=True))
    assert taken == [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]


def test_a_row_that_is_used_up_is_passed_over() -> None:
    options = SheetOptions(skip=range(6, 11), by_participant=True)
    assert places(load_stock("lcry-1700"), batch("cryo-33x13", 1, people=2), options) == [0, 10]


def test_a_participants_labels_must_be_together() -> None:
    first, second = batch("cryo-33x13", 1, people=2)
    with pytest.raises(StockError, match="not together"):
        places(load_stock("lcry-1700"), [first, second, first], SheetOptions(by_participant=True))


def test_one_participant_a_row_needs_the_participant() -> None:
    label = SheetLabel("cap-9.5", {"tube_id": mint(Kind.TUBE)})
    with pytest.raises(StockError, match="participant_code"):
        places(load_stock("lcry-1700"), [label], SheetOptions(by_participant=True))


@pytest.mark.parametrize("options", [SheetOptions(start=0), SheetOptions(start=86), SheetOptions(skip=(86,))])
def test_a_place_there_is_none_of_is_refused(options: SheetOptions) -> None:
    with pytest.raises(StockError, match="places 1 to 85"):
        sheets(load_stock("lcry-1700"), batch("cryo-33x13", 1), options)


def test_a_label_too_large_for_the_sheet_is_refused() -> None:
    with pytest.raises(StockError, match=r"Label 1: tube-50x25 is 50 x 25 mm and .* Choose a sheet"):
        sheets(load_stock("lcry-1700"), batch("tube-50x25", 1))


def test_a_bad_label_is_named_and_nothing_is_drawn() -> None:
    good, bad = batch("cryo-33x13", 1)[0], SheetLabel("cryo-33x13", {"tube_id": "S123456789051"})
    with pytest.raises(BadCode, match="Label 2: tube_id"):
        sheets(load_stock("lcry-1700"), [good, bad])
    with pytest.raises(LayoutError, match="Label 1: There is no template"):
        sheets(load_stock("lcry-1700"), [SheetLabel("none", {})])


def test_no_labels_are_no_sheet() -> None:
    with pytest.raises(StockError, match="at least one"):
        sheets(load_stock("lcry-1700"), [])


def test_a_sheet_asks_not_to_be_scaled_and_is_the_same_twice() -> None:
    labels = batch("cryo-33x13", 2)
    assert b"/PrintScaling /None" in sheets(load_stock("lcry-1700"), labels)
    assert sheets(load_stock("lcry-1700"), labels) == sheets(load_stock("lcry-1700"), labels)


def _longest_run(page: Image.Image) -> int:
    """The longest black line along the rows, in dots."""
    pixels, wide = page.point(lambda value: 49 if value < 128 else 48).tobytes(), page.width
    rows = (pixels[start : start + wide] for start in range(0, len(pixels), wide))
    return max(max(map(len, row.split(b"0"))) for row in rows)


def _ink(page: Image.Image) -> tuple[int, int, int, int]:
    box = page.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None
    return box
