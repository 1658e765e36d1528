"""Data Matrix put in its place, at whole dots, with its quiet zone."""

import re

from labels.datamatrix import Matrix, matrix
from labels.display import Rect, Symbol
from labels.elements import DataMatrixElement
from labels.page import Page, Placed


def place_datamatrix(page: Page, element: DataMatrixElement) -> Placed:
    """The symbol with the module nearest to the one asked for, smaller only as far as the template allows."""
    payload = page.code(element.field, element.kinds).text
    symbol = matrix(payload)
    room = page.device.whole_dots(element.max_mm)
    dots = page.module_dots(
        element,
        need=lambda dots: len(symbol) * dots + 2 * _quiet(element, dots),
        ways_out="Use larger labels, or a printer with more dots per mm.",
    )
    side, quiet = len(symbol) * dots, _quiet(element, dots)
    x, y = (page.device.dots(mm) + (room - side) // 2 for mm in element.at)
    area = Rect(x, y, side, side)
    kept_clear = Rect(x - quiet, y - quiet, side + 2 * quiet, side + 2 * quiet)
    drawn = Symbol("datamatrix", payload, area, module=dots, height=side)
    return Placed(rects=tuple(_runs(symbol, area, dots)), symbols=(drawn,), reserved=(kept_clear,))


def _quiet(element: DataMatrixElement, dots: int) -> int:
    return int(element.quiet * dots + 0.5)


def _runs(symbol: Matrix, area: Rect, dots: int) -> list[Rect]:
    """The dark modules, those beside each other as one rectangle."""
    return [
        Rect(area.x + run.start() * dots, area.y + row * dots, len(run.group()) * dots, dots)
        for row, modules in enumerate(symbol)
        for run in _DARK.finditer(modules)
    ]


_DARK = re.compile("1+")
