"""PDF sheets measured: every bar's edge, every label's place, the ruler, as another library parses the file."""

from itertools import pairwise

import pytest

from labels import Adjustment, outline, render_template
from labels.code128 import modules
from labels.codes import parse
from labels.datamatrix import matrix
from labels.sheets import SheetLabel, SheetOptions, sheets
from labels.stock import Stock, load_stock
from labels.template import load
from tests.labels.factories import make_label_data
from tests.labels.test_sheets import CASES, LASER, SYMBOL, WIDE, batch, cut, paper, texts
from tests.labels.vectors import Drawn, rectangles, within

THOUSANDTH = 0.001
"""Of a millimetre: what widths and distances may differ by."""
START, SKIPPED = 3, (5, 6, 9)


def symbol_place(stock: Stock, template: str, place: int) -> tuple[float, float, float, float]:
    """Where a label's symbol must stand, and how large it is, in mm."""
    left, top = stock.corner_mm(place)
    spare = [(room - own) / 2 for room, own in zip(stock.label_mm, WIDE[template], strict=True)]
    right, down, width, height = SYMBOL[template]
    return left + spare[0] + right, top + spare[1] + down, width, height


def free_places(stock: Stock, count: int) -> list[int]:
    places = [place for place in range(START - 1, stock.places) if place + 1 not in SKIPPED]
    return places[:count]


@pytest.mark.parametrize(("stock_id", "template"), CASES)
def test_labels_stand_in_the_free_places_alone(stock_id: str, template: str) -> None:
    stock = load_stock(stock_id)
    labels = batch(template, 6)
    document = sheets(stock, labels, SheetOptions(start=START, skip=SKIPPED, ruler=False))
    drawn, page = rectangles(document), paper(document)
    taken = free_places(stock, 6)
    inked = [place for place in range(stock.places) if within(drawn, *stock.corner_mm(place), *stock.label_mm)]
    assert inked == taken
    assert [texts(cut(page, stock, place, LASER)) for place in taken] == [[one.data["tube_id"]] for one in labels]


@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.7, -0.4)])
def test_every_bar_is_as_wide_and_where_the_symbol_says(offset: tuple[float, float]) -> None:
    stock, labels = load_stock("a4-cut-50x25"), batch("tube-50x25", 4)
    drawn = rectangles(sheets(stock, labels, SheetOptions(start=START, skip=SKIPPED, offset_mm=offset, ruler=False)))
    module = 6 / LASER
    for place, label in zip(free_places(stock, 4), labels, strict=True):
        x, y, width, height = symbol_place(stock, "tube-50x25", place)
        bars = within(drawn, x + offset[0] - 0.1, y + offset[1] - 0.1, width + 0.2, height + 0.2)
        expected = _runs(modules(parse(label.data["tube_id"]).text))
        left = bars[0].left
        assert [(bar.left - left, bar.width) for bar in bars] == [
            pytest.approx((start * module, wide * module), abs=THOUSANDTH) for start, wide in expected
        ]
        assert [bar.height for bar in bars] == pytest.approx([height] * len(bars), abs=1 / LASER)
        assert (left, bars[0].top) == pytest.approx((x + offset[0], y + offset[1]), abs=0.05)


def test_every_square_is_where_the_symbol_says() -> None:
    stock, labels = load_stock("ttlw-2016"), batch("cryo-33x13", 3)
    drawn = rectangles(sheets(stock, labels, SheetOptions(ruler=False)))
    module = 8 / LASER
    for place, label in enumerate(labels):
        x, y, width, height = symbol_place(stock, "cryo-33x13", place)
        squares = within(drawn, x - 0.1, y - 0.1, width + 0.2, height + 0.2)
        left, top = min(one.left for one in squares), min(one.top for one in squares)
        rows = matrix(parse(label.data["tube_id"]).text)
        for row, line in enumerate(rows):
            for column, black in enumerate(line):
                at = left + (column + 0.5) * module, top + (row + 0.5) * module
                assert (black == "1") is any(_covers(one, *at) for one in squares)
        assert (max(one.right for one in squares) - left) == pytest.approx(len(rows) * module, abs=THOUSANDTH)


@pytest.mark.parametrize("stock_id", ["lcry-1700", "avery-l4732", "a4-cut-50x25"])
@pytest.mark.parametrize("offset", [(0.0, 0.0), (-0.5, 1.0)])
def test_the_ends_of_the_ruler_are_fifty_millimetres_apart(stock_id: str, offset: tuple[float, float]) -> None:
    stock = load_stock(stock_id)
    template = "tube-50x25" if stock_id.startswith("a4") else "cryo-33x13"
    label = [SheetLabel(template, make_label_data(template))] if stock_id != "avery-l4732" else batch("cryo-24x13", 1)
    with_ruler, without = (
        rectangles(sheets(stock, label, SheetOptions(ruler=ruler, offset_mm=offset))) for ruler in (True, False)
    )
    line, *ticks = sorted(with_ruler[: len(with_ruler) - len(without)], key=lambda one: -max(one.width, one.height))
    assert max(line.width, line.height) == pytest.approx(50, abs=THOUSANDTH)
    far = max(ticks, key=lambda one: (one.left, one.top))
    near = min(ticks, key=lambda one: (one.left, one.top))
    assert max(far.right - near.left, far.bottom - near.top) == pytest.approx(50, abs=THOUSANDTH)


def test_one_label_on_a_page_is_moved_as_its_printer_needs_it() -> None:
    template, data = load("tube-50x25"), make_label_data()
    plain = rectangles(render_template(template, data, "pdf", 600))
    moved = rectangles(render_template(template, data, "pdf", 600, Adjustment(x_mm=1.5, y_mm=-0.25)))
    moves = {(round(b.left - a.left, 3), round(b.top - a.top, 3)) for a, b in zip(plain, moved, strict=True)}
    assert moves == {(1.5, -0.25)}


def _runs(bits: str) -> list[tuple[int, int]]:
    """Where each black run of modules begins, and how long it is."""
    edges = [0, *(at for at, (one, other) in enumerate(pairwise(bits), start=1) if one != other), len(bits)]
    return [(start, end - start) for start, end in pairwise(edges) if bits[start] == "1"]


def _covers(one: Drawn, x: float, y: float) -> bool:
    return one.left < x < one.right and one.top < y < one.bottom


def test_the_page_to_lay_over_a_sheet_has_each_labels_edge() -> None:
    stock = load_stock("lcry-1700")
    edges = [edge for edge in rectangles(outline(stock)) if edge.width > 5]
    assert len(edges) == stock.places
    for place, edge in enumerate(edges):
        expected = (*stock.corner_mm(place), *stock.label_mm)
        assert (edge.left, edge.top, edge.width, edge.height) == pytest.approx(expected, abs=THOUSANDTH)
