"""Labels as PDF: one page of the stock's exact size, drawn in vectors."""

from io import BytesIO

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from labels.display import DisplayList, Text
from labels.typeface import FONT_FILE

_FONT = "DejaVuSansMono-Bold"


def pdf(label: DisplayList) -> bytes:
    """The label as a one-page PDF that asks viewers not to scale it; the same label gives the same bytes."""
    pdfmetrics.registerFont(TTFont(_FONT, str(FONT_FILE)))
    stream = BytesIO()
    width, height = (side * mm for side in label.size_mm)
    canvas = Canvas(stream, pagesize=(width, height), invariant=1)
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.setTitle(label.name)
    dot = mm / label.device.dots_per_mm
    for rect in label.rects:
        canvas.rect(rect.x * dot, height - rect.bottom * dot, rect.width * dot, rect.height * dot, stroke=0, fill=1)
    for line in label.texts:
        _write(canvas, line, dot=dot, page_height=height)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _write(canvas: Canvas, line: Text, *, dot: float, page_height: float) -> None:
    size = line.size * dot
    # The bitmap's advance is a whole number of dots, the font's is not: the difference goes between the characters.
    spacing = line.advance * dot - pdfmetrics.stringWidth("0", _FONT, size)
    text = canvas.beginText(line.x * dot, page_height - line.baseline * dot)
    text.setFont(_FONT, size)
    text.setCharSpace(spacing)
    text.textOut(line.text)
    canvas.drawText(text)
