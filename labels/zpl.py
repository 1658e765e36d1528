"""Labels as ZPL II: the bitmap in one graphic field, so that no text of a label can ever be a command."""

from PIL import ImageChops

from labels.display import DisplayList
from labels.raster import paint


def zpl(label: DisplayList) -> bytes:
    """One label format, printed once; `^GFA` counts bytes, then hex digits, a set bit a black dot (ZPL II guide)."""
    picture = ImageChops.invert(paint(label)).tobytes()
    row_bytes = (label.width + 7) // 8
    size = len(picture)
    return (
        f"^XA^CI28^PW{label.width}^LL{label.height}^LH0,0"
        f"^FO0,0^GFA,{size},{size},{row_bytes},{picture.hex().upper()}^FS^PQ1^XZ\n"
    ).encode("ascii")
