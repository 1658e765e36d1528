"""Labels as ZPL II: the bitmap in one graphic field, so that no text of a label can ever be a command."""

import base64
import binascii
import zlib

from labels.display import DisplayList
from labels.raster import paint


def zpl(label: DisplayList) -> bytes:
    """One label format, printed once; `^GFA` counts bytes, then hex digits, a set bit a black dot (ZPL II guide)."""
    return framed(label, _graphic(label, _bits(label).hex().upper()))


def zpl_z64(label: DisplayList) -> bytes:
    """The same dots compressed, for Zebra's own printers: a twentieth of the bytes, where the line is slow.

    `:Z64:` is zlib in base64, followed by the CRC-16 (polynomial 0x1021, from 0) of the base64 text (ZPL II guide).
    """
    packed = base64.b64encode(zlib.compress(_bits(label), 9))
    return framed(label, _graphic(label, f":Z64:{packed.decode('ascii')}:{binascii.crc_hqx(packed, 0):04X}"))


def framed(label: DisplayList, fields: str) -> bytes:
    """The fields as one whole label of the stock's size; copies are labels of their own, never a count."""
    right = label.device.signed_dots(label.adjustment.right_mm)
    size = f"^PW{label.width + max(0, right)}^LL{label.height}^LH0,0"
    return f"^XA^CI28{_told(label)}{size}{fields}^PQ1^XZ\n".encode("ascii")


def _told(label: DisplayList) -> str:
    """The printer's own settings, each only where it is not left as it is."""
    own, device = label.adjustment, label.device
    moves = (("LS", -device.signed_dots(own.right_mm)), ("LT", device.signed_dots(own.y_mm)))
    told = [f"^{command}{dots}" for command, dots in moves if dots]
    if own.gap_mm is not None:
        told.append("^MNW" if own.gap_mm else "^MNN")
    if own.darkness is not None:
        told.append(f"^MD{own.darkness}")
    if own.speed is not None:
        told.append(f"^PR{own.speed}")
    return "".join(told)


def _bits(label: DisplayList) -> bytes:
    return paint(label).tobytes("raw", "1;I")


def _graphic(label: DisplayList, data: str) -> str:
    row_bytes = (label.width + 7) // 8
    size = row_bytes * label.height
    return f"^FO0,0^GFA,{size},{size},{row_bytes},{data}^FS"
