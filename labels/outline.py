"""A page to lay over a sheet of labels: the edge of each place, its number, and the ruler."""

from io import BytesIO

from reportlab.lib.units import mm

from labels.pdf import new_canvas, write
from labels.ruler import draw_ruler
from labels.stock import Stock

_STROKE_MM = 0.1
_LETTERS = 6.0


def outline(stock: Stock) -> bytes:
    """The sheet's places as a one-page PDF: printed on plain paper and laid over a sheet, every edge must meet."""
    stream = BytesIO()
    width, height = (side * mm for side in stock.paper_mm)
    canvas = new_canvas(stream, title=stock.name, size=(width, height))
    canvas.setLineWidth(_STROKE_MM * mm)
    wide, high = (side * mm for side in stock.label_mm)
    for place in range(stock.places):
        left, top = (side * mm for side in stock.corner_mm(place))
        canvas.rect(left, height - top - high, wide, high, stroke=1, fill=0)
        write(canvas, str(place + 1), x=left + mm, y=height - top - mm - _LETTERS * 0.8, size=_LETTERS)
    draw_ruler(canvas, stock, (0.0, 0.0))
    canvas.showPage()
    canvas.save()
    return stream.getvalue()
