"""What a format shows, dot for dot: read by renderers that know nothing of ours."""

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import zplkit
from PIL import Image
from zplkit.rendering import Limits

Dots = tuple[int, int, bytes]


def printed(label: bytes) -> Dots:
    """The dots zplkit prints for a ZPL label."""
    # zplkit 0.3.2 knows no ^PQ, and takes graphics up to 25,000 bytes unless told otherwise.
    options, limits = zplkit.Options(profile="specification"), Limits(graphic_bytes=1_000_000, input_bytes=2_000_000)
    (scene,) = zplkit.render(label.replace(b"^PQ1", b""), options, limits=limits).labels
    raster = scene.rasterize()
    return raster.width, raster.height, bytes(raster.pixels)


def dots(picture: bytes) -> Dots:
    """The dots of a PNG in the same form."""
    image = Image.open(BytesIO(picture))
    return image.width, image.height, image.convert("L").tobytes()


def painted(drawing: bytes) -> Dots:
    """The dots of an SVG of rectangles."""
    root = ET.fromstring(drawing)
    width, height = (int(side) for side in str(root.get("viewBox")).split()[2:])
    paper = Image.new("L", (width, height), 255)
    for path in root.findall("{http://www.w3.org/2000/svg}path")[1:]:
        for x, y, wide, high in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", str(path.get("d"))):
            paper.paste(0, (int(x), int(y), int(x) + int(wide), int(y) + int(high)))
    return width, height, paper.tobytes()
