"""What a PDF draws, in millimetres, as a library that knows nothing of ours parses it."""

import ctypes
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

MM = 72 / 25.4


@dataclass(frozen=True)
class Drawn:
    """A rectangle in mm from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def rectangles(document: bytes, page: int = 0) -> list[Drawn]:
    """Every filled rectangle of a page, whichever path it is a part of."""
    opened = pypdfium2.PdfDocument(document)[page]
    high, found = opened.get_height(), []
    for item in opened.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=5):
        corners: list[tuple[float, float]] = []
        for number in range(pdfium.FPDFPath_CountSegments(item)):
            segment = pdfium.FPDFPath_GetPathSegment(item, number)
            if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO:
                corners = []
            corners.append(item.get_matrix().on_point(*_point(segment)))
            if pdfium.FPDFPathSegment_GetClose(segment):
                xs, ys = zip(*corners, strict=True)
                found.append(Drawn(min(xs) / MM, (high - max(ys)) / MM, max(xs) / MM, (high - min(ys)) / MM))
    return found


def within(drawn: list[Drawn], left: float, top: float, width: float, height: float) -> list[Drawn]:
    """Those that lie wholly in that part of the page, in mm, from left to right."""
    room = 0.01
    return sorted(
        (one for one in drawn if left - room <= one.left and one.right <= left + width + room
         and top - room <= one.top and one.bottom <= top + height + room), key=lambda one: (one.left, one.top)
    )  # fmt: skip


def _point(segment: object) -> tuple[float, float]:
    x, y = ctypes.c_float(), ctypes.c_float()
    assert pdfium.FPDFPathSegment_GetPoint(segment, x, y)
    return x.value, y.value
