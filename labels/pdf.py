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
    stream = BytesIO()
    width, height = (side * mm for side in label.size_mm)
    canvas = new_canvas(stream, title=label.name, size=(width, height))
    draw(canvas, label, x=label.adjustment.x_mm * mm, top=height - label.adjustment.y_mm * mm)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def new_canvas(stream: BytesIO, *, title: str, size: tuple[float, float]) -> Canvas:
    """A document of pages of that size, in points, that asks not to be scaled and carries no time of its making."""
    pdfmetrics.registerFont(TTFont(_FONT, str(FONT_FILE)))
    canvas = Canvas(stream, pagesize=size, invariant=1)
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.setTitle(title)
    return canvas


def write(canvas: Canvas, text: str, *, x: float, y: float, size: float) -> None:
    """Words on the page, all in points, from x along the baseline y."""
    canvas.setFont(_FONT, size)
    canvas.drawString(x, y, text)


def draw(canvas: Canvas, label: DisplayList, *, x: float, top: float) -> None:
    """The label on the current page with its upper left corner there, in points."""
    dot = mm / label.device.dots_per_mm
    # One path for all: rectangles filled one by one would show hairlines where they touch.
    path = canvas.beginPath()
    for rect in label.rects:
        path.rect(x + rect.x * dot, top - rect.bottom * dot, rect.width * dot, rect.height * dot)
    canvas.drawPath(path, stroke=0, fill=1)
    for line in label.texts:
        _write(canvas, line, dot=dot, x=x, top=top)


def _write(canvas: Canvas, line: Text, *, dot: float, x: float, top: float) -> None:
    size = line.size * dot
    # The bitmap's advance is a whole number of dots, the font's is not: the difference goes between the characters.
    spacing = line.advance * dot - pdfmetrics.stringWidth("0", _FONT, size)
    text = canvas.beginText()
    across, up = _DIRECTIONS[line.turn]
    text.setTextTransform(across, up, -up, across, x + line.x * dot, top - line.baseline * dot)
    text.setFont(_FONT, size)
    text.setCharSpace(spacing)
    text.textOut(line.text)
    canvas.drawText(text)


_DIRECTIONS = {0: (1, 0), 90: (0, -1), 180: (-1, 0), 270: (0, 1)}
