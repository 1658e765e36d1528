"""The ruler in a sheet's margin, by which a person sees that the printer did not shrink the page."""

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from labels.elements import Pair
from labels.pdf import write
from labels.stock import Stock

LENGTH_MM = 50.0
STROKE_MM = 0.2
_TICK_MM = 1.5
_ROOM_MM = 4.0
"""A margin narrower than this has no room for ruler and words beside the labels."""
_LETTERS = 5.0
WORDS = "These ends are 50 mm apart if printed at 100 %."


def draw_ruler(canvas: Canvas, stock: Stock, offset_mm: Pair) -> None:
    """A line with a tick at each end, 50 mm between their outer edges, in the widest margin; none if all are narrow."""
    ruler = ruler_place(stock)
    if ruler is None:
        return
    left, top, turned = ruler
    canvas.saveState()
    canvas.translate((left + offset_mm[0]) * mm, (stock.paper_mm[1] - top - offset_mm[1]) * mm)
    if turned:
        canvas.rotate(-90)
    canvas.rect(0, -STROKE_MM / 2 * mm, LENGTH_MM * mm, STROKE_MM * mm, stroke=0, fill=1)
    for start in (0.0, LENGTH_MM - STROKE_MM):
        canvas.rect(start * mm, -_TICK_MM / 2 * mm, STROKE_MM * mm, _TICK_MM * mm, stroke=0, fill=1)
    write(canvas, WORDS, x=(LENGTH_MM + 2) * mm, y=-_LETTERS / 3, size=_LETTERS)
    canvas.restoreState()


def ruler_place(stock: Stock) -> tuple[float, float, bool] | None:
    """Where the line begins, in mm from the upper left of the paper, and whether it runs down in place of right."""
    left, above, right, below = stock.margin_mm
    wide, high = stock.paper_mm
    widest = max(left, above, right, below)
    if widest < _ROOM_MM:
        return None
    # Printers leave some 4 mm at the paper's edge white, so the line keeps to the labels' side of the margin.
    inset = 1.5
    if widest == below:
        return stock.first_mm[0] + 1, high - below + inset, False
    if widest == above:
        return stock.first_mm[0] + 1, above - inset, False
    return (left - inset if widest == left else wide - right + inset), stock.first_mm[1] + 1, True
