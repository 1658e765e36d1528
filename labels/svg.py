"""Labels as SVG in dots: the rectangles of the display list, and the very dots of its letters."""

import re
from xml.sax.saxutils import escape

from PIL import Image

from labels.display import DisplayList
from labels.raster import paint


def svg(label: DisplayList) -> bytes:
    """The label as a stand-alone SVG of the stock's size in mm, its user unit one dot."""
    letters = paint(_letters_only(label))
    bars = "".join(f"M{rect.x} {rect.y}h{rect.width}v{rect.height}h-{rect.width}z" for rect in label.rects)
    title = escape(", ".join(line.text for line in label.texts))
    wide, high = label.device.mm(label.width), label.device.mm(label.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{wide:.3f}mm" height="{high:.3f}mm" '
        f'viewBox="0 0 {label.width} {label.height}" shape-rendering="crispEdges"><title>{title}</title>'
        f'<path fill="#fff" d="M0 0h{label.width}v{label.height}h-{label.width}z"/>'
        f'<path d="{bars}"/><path d="{_runs(letters)}"/></svg>\n'
    ).encode()


def _letters_only(label: DisplayList) -> DisplayList:
    return DisplayList(
        name=label.name,
        size_mm=label.size_mm,
        width=label.width,
        height=label.height,
        device=label.device,
        rects=(),
        texts=label.texts,
    )


def _runs(image: Image.Image) -> str:
    pixels, wide = image.convert("L").tobytes(), image.width
    return "".join(_row(pixels[y * wide : (y + 1) * wide], y) for y in range(image.height))


def _row(row: bytes, y: int) -> str:
    return "".join(f"M{run.start()} {y}h{len(run.group())}v1h-{len(run.group())}z" for run in _INK.finditer(row))


_INK = re.compile(b"\0+")
