"""The one typeface of all labels, DejaVu Sans Mono Bold, measured and drawn in whole dots."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT_FILE = Path(__file__).parent / "fonts" / "DejaVuSansMono-Bold.ttf"
CAPITAL_HEIGHT = 1493 / 2048
"""The height of a capital letter as a part of the font size."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A line of text in dots: the advance of each character, and the ink above and below the baseline."""

    advance: int
    width: int
    above: int
    below: int


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character's ink, 1 bit a dot, and where its upper left dot is from the point the pen starts at."""

    mask: Image.Image
    left: int
    top: int

    def has(self, x: int, y: int) -> bool:
        """Whether there is ink so many dots right of and below the upper left dot."""
        inside = 0 <= x < self.mask.width and 0 <= y < self.mask.height
        return inside and bool(self.mask.getpixel((x, y)))


def font_size(capital_dots: float) -> int:
    """The font size in dots that makes capitals so high; never under 6, below which letters run into each other."""
    return max(6, int(capital_dots / CAPITAL_HEIGHT + 0.5))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in dots; plain layout, so that the same text gives the same dots on every machine."""
    return ImageFont.truetype(FONT_FILE, size, layout_engine=ImageFont.Layout.BASIC)


def measure(text: str, size: int) -> Measured:
    """How much room a line takes, in dots."""
    advance = _advance(size)
    extents = [_extent(character, size) for character in text]
    above, below = max(above for above, _ in extents), max(below for _, below in extents)
    return Measured(advance=advance, width=advance * len(text), above=above, below=below)


@cache
def glyph(character: str, size: int) -> Glyph:
    """A character as it is drawn at a size in dots."""
    pen = (size, 2 * size)
    paper = Image.new("1", (3 * size, 3 * size), 0)
    draw = ImageDraw.Draw(paper)
    draw.fontmode = "1"
    draw.text(pen, character, fill=1, font=_font(size), anchor="ls")
    box = paper.getbbox() or (*pen, *pen)
    return Glyph(mask=paper.crop(box), left=box[0] - pen[0], top=box[1] - pen[1])


@cache
def can_draw(character: str) -> bool:
    """Whether the typeface has the character and it stands by itself in one place."""
    if not character.isprintable() or unicodedata.combining(character):
        return False
    return character == " " or _dots(character) != _dots(_MISSING)


@cache
def _advance(size: int) -> int:
    return int(_font(size).getlength("0", mode="1"))


@cache
def _extent(character: str, size: int) -> tuple[int, int]:
    drawn = glyph(character, size)
    return max(0, -drawn.top), max(0, drawn.top + drawn.mask.height)


def _dots(character: str) -> tuple[tuple[int, int], bytes]:
    mask = _font(32).getmask(character, mode="1")
    return mask.size, bytes(mask)


_MISSING = "\uffff"
