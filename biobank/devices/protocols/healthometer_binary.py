"""Health o meter chair and baby scales and Doran's imitation of them: short binary packets with the pair D7 E4."""

import re
from decimal import Decimal

from biobank.devices.events import Event, Measure, Reading
from biobank.devices.framing import DelimitedFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings
from biobank.devices.weights import malformed

_PACKET = re.compile(rb"[\x01\x02](.)\xd7\xe4 {0,4}(\d{1,3}\.\d{1,3})\r", re.DOTALL)
_UNITS = {0x80: ("lb", 1), 0x82: ("kg", 1), 0xB0: ("lb", -1), 0xB2: ("kg", -1)}


def framer() -> DelimitedFramer:
    """01 or 02, the unit, D7 E4, the digits and 0D: 10 bytes (2595KL) or 12 (522, 524, 553); no checksum."""
    start = re.compile(rb"[\x01\x02][\x80-\xff]\xd7\xe4")
    return DelimitedFramer(
        starts=start,
        restart=start,
        end=b"\r",
        begun=re.compile(rb"[\x01\x02](?:[\x80-\xff]\xd7?)?\Z"),
        illegal=re.compile(rb"[^\r\x01\x02\x20-\x39\x80-\xff]"),
        committed=start,
        whole=re.compile(rb"[\x01\x02][\x80-\xff]\xd7\xe4[ .0-9]{1,8}\r"),
        limit=12,
    )


def decode(frame: bytes) -> Event:
    """The weight, negative with Doran's unit bytes B0 and B2 (Pelstar protocol book 2023-07-11; Doran DS8030 p. 11)."""
    found = _PACKET.fullmatch(frame)
    if found is None:
        return malformed("its digits are not a weight")
    if found[1][0] not in _UNITS:
        return malformed("its unit byte is none of 80, 82, B0 and B2")
    unit, sign = _UNITS[found[1][0]]
    return Reading((Measure("weight", sign * Decimal(found[2].decode()), unit),))


PROTOCOL = DeviceProtocol(
    name="healthometer-binary",
    title="Health o meter 2595KL chair scale, 522, 524 and 553 baby scales; Doran format FH",
    settings=Settings(baud=2400),
    evidence=Evidence.MAKER_MANUAL,
    sources=("Pelstar, Communication Protocols, 2023-07-11", "Doran DS8030 manual p. 11-13"),
    manner=Manner.REPEATED,
    framer=framer,
    decode=decode,
    note="A 2595KL keeps sending after the person has left, until zeroed; lifting its arm rest spoils the weight.",
)
