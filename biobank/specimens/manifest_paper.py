"""The frozen list on paper: what lies between the bag and the outer box, with its digest and codes to scan."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import code128, qr
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from biobank.web import watermark

_LEFT, _WIDTH, _BOTTOM = 16 * mm, LETTER[0] - 32 * mm, 22 * mm
_TABLE_TOP, _ROW = LETTER[1] - 66 * mm, 5.4 * mm
_COLUMNS = (("box", 0), ("tube", 34), ("sample", 68), ("donor", 88), ("collection", 122), ("collected_at", 152))


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the list; `left` is when the parcel left as people write it, with its zone."""

    shipment: str
    site: str
    tracking: str
    left: str
    digest: str


def pdf(manifest: str, head: Head) -> bytes:
    """US letter pages of a frozen CSV manifest; the same list gives the same bytes."""
    lines = list(csv.DictReader(io.StringIO(manifest, newline="")))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=LETTER, invariant=1)
    canvas.setTitle(f"Shipment {head.shipment}")
    fit = int((_TABLE_TOP - _BOTTOM) // _ROW) - 1
    pages = [lines[at : at + fit] for at in range(0, len(lines), fit)] or [[]]
    for number, part in enumerate(pages, 1):
        _head(canvas, head, len(lines))
        _table(canvas, part, first=(number - 1) * fit + 1)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(_LEFT, 14 * mm, f"SHA-256 {head.digest}")
        canvas.drawRightString(_LEFT + _WIDTH, 14 * mm, f"{number} / {len(pages)}")
        watermark.on_page(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _head(canvas: Canvas, head: Head, count: int) -> None:
    top = LETTER[1] - 20 * mm
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(_LEFT, top, f"Shipment / Envío {head.shipment}")
    canvas.setFont("Helvetica", 10)
    for number, text in enumerate((head.site, f"Courier / Mensajería {head.tracking}", head.left,
                                   f"Tubes / Tubos: {count}", "UN3373 Biological Substance, Category B")):  # fmt: skip
        canvas.drawString(_LEFT, top - (7 + 5 * number) * mm, text)
    code128.Code128(head.shipment, barWidth=0.33 * mm, barHeight=11 * mm).drawOn(canvas, _LEFT - 6 * mm, top - 43 * mm)
    symbol = qr.QrCodeWidget(f"{head.shipment} {head.digest}")
    side = 32 * mm
    box = symbol.getBounds()
    scale = side / (box[2] - box[0])
    drawing = Drawing(side, side, transform=[scale, 0, 0, scale, 0, 0])
    drawing.add(symbol)
    renderPDF.draw(drawing, canvas, _LEFT + _WIDTH - side, top - 30 * mm)


def _table(canvas: Canvas, lines: Sequence[dict[str, str]], *, first: int) -> None:
    canvas.setFont("Helvetica-Bold", 9)
    for name, at in _COLUMNS:
        canvas.drawString(_LEFT + at * mm + 8 * mm, _TABLE_TOP, name)
    canvas.setFont("Courier", 8.5)
    for number, line in enumerate(lines):
        height = _TABLE_TOP - (number + 1) * _ROW
        canvas.drawRightString(_LEFT + 5 * mm, height, str(first + number))
        for name, at in _COLUMNS:
            canvas.drawString(_LEFT + at * mm + 8 * mm, height, line[name][:16])
