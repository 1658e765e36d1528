"""Code 128 put in its place, at whole dots, with its quiet zones."""

from itertools import groupby

from labels.code128 import modules
from labels.display import Rect
from labels.elements import Code128Element
from labels.page import Page, Placed

QUIET_MODULES = 10
"""Code 128's quiet zone on each side (GS1 General Specifications 5.4.4.2)."""
FEWEST_DOTS = 2
"""A module of one dot is the first to be lost to blur and to a worn print head."""


def place_code128(page: Page, element: Code128Element) -> Placed:
    """The symbol with the module nearest to the one asked for, smaller only as far as the template allows."""
    symbol = modules(page.code(element.field, element.kinds).text)
    room = page.device.whole_dots(element.max_mm)
    dots = _module_dots(page, element, len(symbol))
    quiet = _quiet(page, element, dots)
    start = page.device.dots(element.at[0]) + (room - len(symbol) * dots) // 2
    top, height = page.device.dots(element.at[1]), page.device.dots(element.height_mm)
    kept_clear = Rect(start - quiet, top, len(symbol) * dots + 2 * quiet, height)
    return Placed(rects=tuple(_bars(symbol, start, top, dots, height)), reserved=(kept_clear,))


def _module_dots(page: Page, element: Code128Element, length: int) -> int:
    room = page.device.whole_dots(element.max_mm)
    least = max(FEWEST_DOTS, page.device.dots(element.min_module_mm))
    for dots in range(max(least, page.device.dots(element.module_mm)), least - 1, -1):
        if length * dots + 2 * _quiet(page, element, dots) <= room:
            return dots
    need = length * least + 2 * _quiet(page, element, least)
    ways_out = "Use wider labels, a printer with more dots per mm, or a Data Matrix template."
    raise page.overflow(f"The bar code of {' or '.join(element.field)}", need=need, room=room, ways_out=ways_out)


def _quiet(page: Page, element: Code128Element, dots: int) -> int:
    return max(QUIET_MODULES * dots, page.device.dots(element.quiet_mm))


def _bars(symbol: str, start: int, top: int, dots: int, height: int) -> list[Rect]:
    bars = []
    for module, run in groupby(symbol):
        width = dots * len(list(run))
        if module == "1":
            bars.append(Rect(start, top, width, height))
        start += width
    return bars
