"""The one typeface of all labels, DejaVu Sans Mono Bold, measured and drawn in whole dots."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

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


def font_size(capital_dots: float) -> int:
    """The font size in dots that makes capitals so high; never under 6, below which letters run into each other."""
    return max(6, int(capital_dots / CAPITAL_HEIGHT + 0.5))


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in dots; plain layout, so that the same text gives the same dots on every machine."""
    return ImageFont.truetype(FONT_FILE, size, layout_engine=ImageFont.Layout.BASIC)


def measure(text: str, size: int) -> Measured:
    """How much room a line takes, in dots."""
    face = font(size)
    advance = int(face.getlength("0", mode="1"))
    _, top, _, bottom = face.getbbox(text, mode="1", anchor="ls")
    return Measured(advance=advance, width=advance * len(text), above=max(0, -int(top)), below=max(0, int(bottom)))


@cache
def can_draw(character: str) -> bool:
    """Whether the typeface has the character and it stands by itself in one place."""
    if not character.isprintable() or unicodedata.combining(character):
        return False
    return character == " " or _dots(character) != _dots(_MISSING)


def _dots(character: str) -> tuple[tuple[int, int], bytes]:
    mask = font(32).getmask(character, mode="1")
    return mask.size, bytes(mask)


_MISSING = "\uffff"
