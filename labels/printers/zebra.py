"""The answer of ZPL II printers to `~HS`: three lines of comma-separated fields between STX and ETX."""

import re

from labels.printers.base import PrinterStatus

STATUS_REQUEST = b"~HS"
_LINE = re.compile(rb"\x02([^\x02\x03]*)\x03")


def is_complete(answer: bytes) -> bool:
    """Whether all three lines have arrived."""
    return len(_LINE.findall(answer)) >= 3


def read_status(answer: bytes) -> PrinterStatus:
    """The printer's status; UNKNOWN if the answer is cut short or is no host status.

    Fields counted from 1 (ZPL II Programming Guide, ~HS). Line 1: 2 paper out, 3 pause, 5 formats waiting, 6 buffer
    full. Line 2: 3 head up, 4 ribbon out, 9 labels remaining in the batch.
    """
    lines = [line.split(b",") for line in _LINE.findall(answer)]
    if len(lines) < 3 or len(lines[0]) < 12 or len(lines[1]) < 11:
        return PrinterStatus.UNKNOWN
    first, second = lines[0], lines[1]
    raised = {status for status, field in _flags(first, second) if field == b"1"}
    for status in _GRAVEST_FIRST:
        if status in raised:
            return status
    waiting = (first[4] + second[8]).strip(b"0 ")
    return PrinterStatus.BUSY if waiting or first[5] == b"1" else PrinterStatus.READY


def _flags(first: list[bytes], second: list[bytes]) -> list[tuple[PrinterStatus, bytes]]:
    return [
        (PrinterStatus.HEAD_OPEN, second[2]),
        (PrinterStatus.NO_MEDIA, first[1]),
        (PrinterStatus.NO_RIBBON, second[3]),
        (PrinterStatus.PAUSED, first[2]),
    ]


_GRAVEST_FIRST = (PrinterStatus.HEAD_OPEN, PrinterStatus.NO_MEDIA, PrinterStatus.NO_RIBBON, PrinterStatus.PAUSED)
