"""The temperature a sample keeps, as the one letter laboratories know: A ambient, R refrigerated, F frozen."""

import re
from functools import cache
from itertools import groupby

from labels.display import Rect
from labels.elements import SymbolElement
from labels.errors import LayoutError
from labels.page import Page, Placed
from labels.typeface import font_size, glyph, measure

_LETTER_SHARE = 0.66
_WORDS = {"ambient": "A", "room temperature": "A", "refrigerated": "R", "frozen": "F"}
_DEGREES = re.compile(r"([-\u2212+]?\d{1,3}(?:\.\d+)?) ?(?:\u00b0 ?)?C\b")


def temperature_letter(value: str) -> str:
    """The letter for a word or for degrees Celsius, as in "-80 C"; LayoutError for what is neither.

    Frozen is -10 degrees and less, refrigerated 2 to 8, ambient 15 to 30 (USP <659>); between them nothing is guessed.
    """
    if letter := _WORDS.get(value.lower(), value if value in _WORDS.values() else ""):
        return letter
    found = _DEGREES.match(value)
    degrees = float(found.group(1).replace("\u2212", "-")) if found else None
    for letter, (low, high) in {"F": (-273.15, -10.0), "R": (2.0, 8.0), "A": (15.0, 30.0)}.items():
        if degrees is not None and low <= degrees <= high:
            return letter
    raise LayoutError(
        "temperature is none that a label has a letter for. "
        "Write ambient, refrigerated or frozen, or degrees such as -80 C, 4 C or 20 C."
    )


def place_symbol(page: Page, element: SymbolElement) -> Placed:
    """The letter cut out of a black square; nothing if the label has no temperature."""
    value = page.value(("temperature",))
    if not value:
        return Placed()
    side = page.device.dots(element.height_mm)
    square = Rect(page.device.dots(element.at[0]), page.device.dots(element.at[1]), side, side)
    cut = _square_without(temperature_letter(value), side)
    rects = tuple(Rect(square.x + part.x, square.y + part.y, part.width, part.height) for part in cut)
    return Placed(rects=rects, reserved=(square,))


@cache
def _square_without(letter: str, side: int) -> tuple[Rect, ...]:
    """A square with the letter left white, as one rectangle a run of dots."""
    size = font_size(side * _LETTER_SHARE)
    drawn, height = glyph(letter, size), measure(letter, size).above
    left, top = (side - drawn.mask.width) // 2, (side - height) // 2
    rects = []
    for y in range(side):
        dots = [drawn.has(x - left, y - top) for x in range(side)]
        x = 0
        for inked, run in groupby(dots):
            length = len(list(run))
            if not inked:
                rects.append(Rect(x, y, length, 1))
            x += length
    return tuple(rects)
