"""A printer's side of a ZPL stream: bytes in, status requests and label pictures out."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image, ImageChops

_STATUS = b"~HS"
_BEGIN, _END = b"^XA", b"^XZ"
_SIZE = {"width": re.compile(rb"\^PW(\d{1,5})"), "height": re.compile(rb"\^LL(\d{1,5})")}
_GRAPHIC = re.compile(rb"\^FO(\d{1,5}),(\d{1,5})\^GFA,(\d{1,7}),(\d{1,7}),(\d{1,5}),([0-9A-Za-z+/=:\s]*)\^FS")
_COMPRESSED = re.compile(rb":Z64:([0-9A-Za-z+/=]*):([0-9A-Fa-f]{4})")


@dataclass(frozen=True, slots=True)
class StatusAsked:
    """The host wants the status lines."""


@dataclass(frozen=True, slots=True)
class LabelPrinted:
    """A whole format arrived; the picture is 1 bit a dot, 0 for black, as large as ^PW and ^LL say."""

    picture: Image.Image


Event = StatusAsked | LabelPrinted


@dataclass
class ZplStream:
    """Collects the bytes of one connection, however they are split, into events in their order."""

    _waiting: bytes = field(default=b"", init=False)

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that are complete with these bytes."""
        self._waiting += data
        while (event := self._next()) is not None:
            yield event

    def _next(self) -> Event | None:
        starts = {mark: at for mark in (_STATUS, _BEGIN) if (at := self._waiting.find(mark)) >= 0}
        if not starts:
            return None
        first = min(starts, key=lambda mark: starts[mark])
        if first == _STATUS:
            self._waiting = self._waiting[starts[first] + len(_STATUS) :]
            return StatusAsked()
        end = self._waiting.find(_END, starts[first])
        if end < 0:
            return None
        label, self._waiting = self._waiting[starts[first] : end], self._waiting[end + len(_END) :]
        return LabelPrinted(picture=draw(label))


def draw(label: bytes) -> Image.Image:
    """The label of one format, black dots of its graphic fields laid over each other.

    Graphic fields are ASCII hex or `:Z64:`. The printer's own fonts and bar codes are not drawn.
    """
    width, height = _side(label, "width"), _side(label, "height")
    paper = Image.new("1", (width, height), 255)
    for graphic in _GRAPHIC.finditer(label):
        left, top, _, total, row_bytes = (int(number) for number in graphic.groups()[:5])
        bits = _bits(graphic.group(6), total)
        rows = len(bits) // max(1, row_bytes)
        if rows and row_bytes:
            layer = Image.new("1", paper.size, 0)
            layer.paste(Image.frombytes("1", (row_bytes * 8, rows), bits[: rows * row_bytes]), (left, top))
            paper = ImageChops.logical_and(paper, ImageChops.invert(layer))
    return paper


def _bits(data: bytes, total: int) -> bytes:
    """At most so many bytes of a bitmap; none if it arrived damaged, which a printer leaves out as well."""
    packed = _COMPRESSED.fullmatch(data)
    try:
        if not packed:
            return bytes.fromhex(data.decode("ascii"))[:total]
        if int(packed.group(2), 16) != binascii.crc_hqx(packed.group(1), 0):
            return b""
        return zlib.decompressobj().decompress(base64.b64decode(packed.group(1)), total)
    except (ValueError, zlib.error):
        return b""


def _side(label: bytes, name: str) -> int:
    found = _SIZE[name].search(label)
    # Without ^PW and ^LL a 4-inch, 203 dpi printer prints 832 by 1,218 dots; the largest 600 dpi label is about 5,200.
    return min(max(1, int(found.group(1))), 5_200) if found else {"width": 832, "height": 1218}[name]
