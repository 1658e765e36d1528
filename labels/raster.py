"""A display list painted into the one bitmap that the preview shows and the printer prints."""

from PIL import Image, ImageDraw

from labels.display import DisplayList
from labels.typeface import font

_BLACK, _WHITE = 0, 255


def paint(label: DisplayList) -> Image.Image:
    """The label as a 1-bit image, one pixel a dot, 0 for black."""
    image = Image.new("1", (label.width, label.height), _WHITE)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    for rect in label.rects:
        draw.rectangle((rect.x, rect.y, rect.right - 1, rect.bottom - 1), fill=_BLACK)
    for line in label.texts:
        for place, character in enumerate(line.text):
            at = (line.x + place * line.advance, line.baseline)
            draw.text(at, character, fill=_BLACK, font=font(line.size), anchor="ls")
    return image
