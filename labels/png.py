"""Labels as PNG: one bit a dot, with the dots' size."""

from io import BytesIO

from labels.display import DisplayList
from labels.raster import paint


def png(label: DisplayList) -> bytes:
    """The label as a 1-bit PNG whose pHYs chunk tells the printer's resolution, so that it shows in its true size."""
    dots_per_inch = label.device.dots_per_mm * 25.4
    stream = BytesIO()
    paint(label).save(stream, format="PNG", dpi=(dots_per_inch, dots_per_inch))
    return stream.getvalue()
