"""The participant's summary as a PDF: one page a language, for the hand and for the file."""

from io import BytesIO

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from biobank.measurements.protocol_parts import Text
from biobank.measurements.summary import WORDS, Line
from biobank.web import watermark

_LEFT, _TOP, _WIDTH = 22 * mm, LETTER[1] - 28 * mm, LETTER[0] - 44 * mm


def pdf(lines: list[Line], *, code: str, day: str, languages: tuple[str, ...], signed: Text | None = None) -> bytes:
    """A US letter page in each language; `day` is the visit's day as people write it, `code` the participant's,
    `signed` who stands for the numbers.
    """
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=LETTER, invariant=1)
    canvas.setTitle(" / ".join(WORDS["title"].to(language) for language in languages))
    for language in languages:
        height = _page(canvas, lines, code=code, day=day, language=language)
        if signed is not None:
            canvas.setFont("Helvetica", 10)
            canvas.drawString(_LEFT, height - 8 * mm, signed.to(language))
        watermark.on_page(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _page(canvas: Canvas, lines: list[Line], *, code: str, day: str, language: str) -> float:
    canvas.setFont("Helvetica-Bold", 24)
    canvas.drawString(_LEFT, _TOP, WORDS["title"].to(language))
    canvas.setFont("Helvetica", 11)
    canvas.drawRightString(_LEFT + _WIDTH, _TOP, code)
    height = _paragraph(canvas, WORDS["thanks"].fill({"day": day}).to(language), _TOP - 12 * mm)
    for line in lines:
        height = _line(canvas, line, language, height - 9 * mm)
    return _paragraph(canvas, WORDS["advice"].to(language), height - 12 * mm)


def _paragraph(canvas: Canvas, text: str, height: float) -> float:
    canvas.setFont("Helvetica", 13)
    for row in simpleSplit(text, "Helvetica", 13, _WIDTH):
        canvas.drawString(_LEFT, height, row)
        height -= 6 * mm
    return height


def _line(canvas: Canvas, line: Line, language: str, height: float) -> float:
    canvas.setFont("Helvetica", 13)
    canvas.drawString(_LEFT, height, line.name.to(language))
    canvas.setFont("Helvetica-Bold", 13)
    value = line.words.to(language)
    canvas.drawRightString(_LEFT + _WIDTH, height, value)
    height -= 5 * mm
    canvas.setLineWidth(2.5)
    canvas.setStrokeGray(0.75)
    canvas.line(_LEFT, height, _LEFT + _WIDTH, height)
    if line.is_known:
        canvas.setFillGray(0)
        canvas.circle(_LEFT + float(line.share) * _WIDTH, height, 2 * mm, stroke=0, fill=1)
    canvas.setFont("Helvetica", 9)
    canvas.drawString(_LEFT, height - 5 * mm, line.low)
    canvas.drawRightString(_LEFT + _WIDTH, height - 5 * mm, line.high)
    return height - 5 * mm
