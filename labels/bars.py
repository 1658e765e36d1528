"""Code 128 put in its place, at whole dots, with its quiet zones."""

import re

from labels.code128 import modules
from labels.display import Rect, Symbol
from labels.elements import Code128Element
from labels.page import Page, Placed

QUIET_MODULES = 10
"""Code 128's quiet zone on each side (GS1 General Specifications 5.4.4.2)."""


def place_code128(page: Page, element: Code128Element) -> Placed:
    """The symbol with the module nearest to the one asked for, smaller only as far as the template allows."""
    payload = page.code(element.field, element.kinds).text
    symbol = modules(payload)
    room = page.device.whole_dots(element.max_mm)
    dots = page.module_dots(
        element,
        need=lambda dots: len(symbol) * dots + 2 * _quiet(page, element, dots),
        ways_out="Use wider labels, a printer with more dots per mm, or a Data Matrix template.",
    )
    start = page.device.dots(element.at[0]) + (room - len(symbol) * dots) // 2
    area = Rect(start, page.device.dots(element.at[1]), len(symbol) * dots, page.device.dots(element.height_mm))
    quiet = _quiet(page, element, dots)
    kept_clear = Rect(start - quiet, area.y, area.width + 2 * quiet, area.height)
    drawn = Symbol("code128", payload, area, module=dots, height=area.height)
    return Placed(rects=tuple(_bars(symbol, area, dots)), symbols=(drawn,), reserved=(kept_clear,))


def _quiet(page: Page, element: Code128Element, dots: int) -> int:
    return max(QUIET_MODULES * dots, page.device.dots(element.quiet_mm))


def _bars(symbol: str, area: Rect, dots: int) -> list[Rect]:
    return [
        Rect(area.x + run.start() * dots, area.y, len(run.group()) * dots, area.height) for run in _BAR.finditer(symbol)
    ]


_BAR = re.compile("1+")
