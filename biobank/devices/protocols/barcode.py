"""Barcode scanners in serial mode: one line of text a scan."""

import re

from biobank.devices.events import Scan
from biobank.devices.framing import LineFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings


def framer() -> LineFramer:
    """Printable lines of 8 to 128 characters ended by CR, LF or CR LF, whichever suffix the scanner is set to.

    After noise in the same line only a whole code (a letter and twelve digits) is believed: its check digits
    decide the rest, and a scan that lost its first character must fail.
    """
    return LineFramer(
        terminators=re.compile(rb"\r\n|\r|\n"),
        begun=re.compile(rb"[\x20-\x7e]+\Z"),
        rescue=re.compile(rb"(?<![\x20-\x7e])[A-Z]\d{12}\Z"),
        least=8,
    )


def decode(frame: bytes) -> Scan:
    """The text as scanned, an AIM symbology prefix included (Honeywell 1900 and Zebra serial guides)."""
    return Scan(frame.decode("ascii"))


PROTOCOL = DeviceProtocol(
    name="barcode",
    title="Barcode scanner, serial or USB serial mode",
    settings=Settings(baud=9600),
    evidence=Evidence.MAKER_MANUAL,
    sources=("Honeywell 1900 and 1200g user guides, serial interface",),
    manner=Manner.SCANNED,
    framer=framer,
    decode=decode,
)
