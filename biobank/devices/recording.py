"""A port's raw bytes with their times, as JSON lines that may leave the site: no subject identifier stays in them."""

import json
import re
import time
from collections.abc import Iterator

from biobank import clock
from biobank.devices.port import Port
from biobank.devices.protocol import DeviceProtocol
from biobank.devices.signing import instant_text

_QUIET_SECONDS = 0.1
_LARGEST = 8192
# An identifier in a line the protocol cannot parse: no measure has eight digits or letters in a row.
# The letter after an escape names a field and stays, so that the recording can be read again.
_LONG_RUN = re.compile(rb"(?<!\x1b)[0-9A-Za-z]{8,}")


def record(port: Port, protocol: DeviceProtocol, seconds: float | None = None) -> Iterator[str]:
    """A JSON line for each burst until `seconds` have passed (None: without end): `at`, `hex` and the settings.

    Bytes are held until the line is quiet for 0.1 s, so that an identifier that arrives in pieces is seen whole.
    Raises PortError when the port is lost.
    """
    until = None if seconds is None else time.monotonic() + seconds
    while until is None or time.monotonic() < until:
        burst = _burst(port)
        if burst:
            line = {"at": instant_text(clock.now()), "protocol": protocol.name, "settings": str(port.requested)}
            yield json.dumps(line | {"hex": without_identifiers(protocol, burst).hex()})


def without_identifiers(protocol: DeviceProtocol, data: bytes) -> bytes:
    """The bytes with the subject's field, and any other run of 8 or more letters or digits, overwritten with zeros.

    A check that was right is made right again, so that the recording replays as the device spoke; a wrong one stays so.
    """
    blanked = _LONG_RUN.sub(lambda found: b"0" * len(found.group()), protocol.blank(data))
    return protocol.reseal(data, blanked)


def _burst(port: Port) -> bytes:
    held = b""
    while len(held) < _LARGEST and (piece := port.read(_QUIET_SECONDS)):
        held += piece
    return held
