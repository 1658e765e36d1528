"""A display list painted into the one bitmap that the preview shows and the printer prints."""

from functools import cache

from PIL import Image, ImageDraw

from labels.display import DisplayList, Text
from labels.typeface import Glyph, glyph

_BLACK, _WHITE = 0, 255
_STEPS = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}
_CLOCKWISE = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def paint(label: DisplayList) -> Image.Image:
    """The label as a 1-bit image, one pixel a dot, 0 for black."""
    image = Image.new("1", (label.width, label.height), _WHITE)
    draw = ImageDraw.Draw(image)
    for rect in label.rects:
        draw.rectangle((rect.x, rect.y, rect.right - 1, rect.bottom - 1), fill=_BLACK)
    for line in label.texts:
        _write(image, line)
    return image


def _write(image: Image.Image, line: Text) -> None:
    right, down = (step * line.advance for step in _STEPS[line.turn])
    for place, character in enumerate(line.text):
        drawn = _turned(character, line.size, line.turn)
        at = (line.x + place * right + drawn.left, line.baseline + place * down + drawn.top)
        image.paste(_BLACK, at, drawn.mask)


@cache
def _turned(character: str, size: int, degrees: int) -> Glyph:
    """A character turned clockwise about the point the pen starts at."""
    upright = glyph(character, size)
    if not degrees:
        return upright
    width, height = upright.mask.size
    left, top = {
        90: (-upright.top - height, upright.left),
        180: (-upright.left - width, -upright.top - height),
        270: (upright.top, -upright.left - width),
    }[degrees]
    return Glyph(mask=upright.mask.transpose(_CLOCKWISE[degrees]), left=left, top=top)
