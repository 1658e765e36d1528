"""Labels as a scanner's camera might see them: dot gain, a tube's curve, shade, rotation and blur, seeded."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from labels.display import DisplayList, Rect
from labels.raster import paint

SYMBOLOGIES = [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix]
FINE, CAMERA = 40, 20
"""Pixels a mm while the print is drawn, and in the capture."""
CURVES = {
    "tube-50x25": ("down", 13.0),
    "urine-tube": ("down", 13.0),
    "saliva-kit": ("down", 13.0),
    "cryo-24x13": ("across", 12.5),
    "cryo-33x13": ("across", 12.5),
    "urine-cup": ("across", 60.0),
}
"""The way a label bends, and the diameter in mm of what it is on: bars run along a tube, a small label round it."""


@dataclass(frozen=True)
class Level:
    """How bad a capture is: degrees askew, the blur's sigma in mm, how much a printed edge grows in mm."""

    name: str
    degrees: float
    blur_mm: float
    gain_mm: float = 0.0105


LEVELS = (Level("L2", degrees=10, blur_mm=0.04), Level("L3", degrees=15, blur_mm=0.055))


def capture(
    template: str, label: DisplayList, level: Level, chosen: random.Random, *, printed: Image.Image | None = None
) -> Image.Image:
    """The symbol of a label and 4 mm around it, in grey, black at 25 and paper at 230 of 255.

    `printed` is the print in place of a flawless one, dot for dot.
    """
    seen = _seen(printed or paint(label), label, level)
    if template in CURVES:
        seen = _bent(seen, *CURVES[template])
    quarters = 90 * chosen.randrange(4) if label.symbols[0].symbology == "datamatrix" else 0
    angle = quarters + chosen.choice((-1, 1)) * level.degrees
    # Blurred before it is turned: the same picture, of fewer dots.
    seen = seen.filter(ImageFilter.GaussianBlur(level.blur_mm * CAMERA))
    return seen.rotate(angle, Image.Resampling.BILINEAR, expand=True, fillcolor=230)


def with_dead_dot(label: DisplayList, chosen: random.Random) -> Image.Image:
    """The label as printed by a head of which one dot under the symbol stays cold: a white line along the feed."""
    image, area = paint(label), label.symbols[0].area
    dead = chosen.randrange(area.x, area.right)
    ImageDraw.Draw(image).line((dead, 0, dead, label.height), fill=255)
    return image


def read(image: Image.Image) -> list[str]:
    """What zxing reads, looking for bars every way it knows."""
    return [symbol.text for symbol in zxingcpp.read_barcodes(image.convert("L"), formats=SYMBOLOGIES)]


def around_symbol(printed: Image.Image, label: DisplayList) -> Image.Image:
    """The symbol of a label and 4 mm around it, in grey, dot for dot."""
    area, margin = label.symbols[0].area, label.device.dots(4)
    around = Rect(area.x - margin, area.y - margin, area.width + 2 * margin, area.height + 2 * margin)
    paper = Image.new("L", (around.width, around.height), 255)
    paper.paste(printed.convert("L"), (-around.x, -around.y))
    return paper


def _seen(printed: Image.Image, label: DisplayList, level: Level) -> Image.Image:
    paper = around_symbol(printed, label)
    fine = paper.resize(_scaled(paper.size, FINE / label.device.dots_per_mm), Image.Resampling.NEAREST)
    # The gain is less than a dot of this picture: the dots beside a printed one are inked for that share.
    wider = _darker(fine, ((1, 0), (-1, 0)))
    spread = Image.blend(fine, _darker(wider, ((0, 1), (0, -1))), level.gain_mm * FINE)
    inked = spread.point(lambda value: 25 + value * 205 // 255)
    return inked.resize(_scaled(inked.size, CAMERA / FINE), Image.Resampling.BOX)


def _bent(flat: Image.Image, way: str, diameter: float) -> Image.Image:
    """The picture on a cylinder seen from afar, darker to its sides."""
    if way == "across":
        return _bent(flat.transpose(Image.Transpose.ROTATE_90), "down", diameter).transpose(Image.Transpose.ROTATE_270)
    radius, middle = diameter / 2 * CAMERA, flat.height / 2
    half = min(int(radius * math.sin(min(middle / radius, 1.3))), int(middle))
    strips = range(-half, half, 4)
    mesh = []
    for start in strips:
        end = min(start + 4, half)
        top, bottom = (middle + radius * math.asin(edge / radius) for edge in (start, end))
        box = (0, start + half, flat.width, end + half)
        mesh.append((box, (0, top, 0, bottom, flat.width, bottom, flat.width, top)))
    bent = flat.transform((flat.width, 2 * half), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    shade = Image.new("L", (1, 2 * half))
    shade.putdata([int(255 * math.sqrt(1 - (place / radius) ** 2) ** 0.5) for place in range(-half, half)])
    return ImageChops.multiply(bent, shade.resize(bent.size))


def _darker(image: Image.Image, moves: Iterable[tuple[int, int]]) -> Image.Image:
    return reduce(ImageChops.darker, (ImageChops.offset(image, *move) for move in moves), image)


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return round(size[0] * factor), round(size[1] * factor)
