"""What a device protocol is: a name, serial settings, how far it is proven, its framer and what its frames say."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from biobank.devices.events import Event
from biobank.devices.framing import Framer


class Evidence(StrEnum):
    """How far a protocol is proven; only a site's acceptance check makes it `captured`."""

    MAKER_MANUAL = "conforms to the maker's published format"
    OPEN_SOURCE = "conforms to an open-source driver that cites the maker"
    CAPTURED = "checked against a device at a site"


class Manner(StrEnum):
    """When a value is final (devices reference, section 7)."""

    REPEATED = "repeated"  # no stable flag: a plateau is needed
    ONCE_CHECKED = "once, with a checksum"
    ONCE_UNCHECKED = "once, without a checksum"
    SCANNED = "scanned"


@dataclass(frozen=True)
class Settings:
    """Serial settings; `settle_seconds` is how long what arrives after opening is thrown away."""

    baud: int = 9600
    bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    settle_seconds: float = 0.05

    def __str__(self) -> str:
        return f"{self.baud} {self.bits}{self.parity}{self.stop_bits}"


@dataclass(frozen=True)
class DeviceProtocol:
    """One family of devices, as data and two pure functions.

    `decode` says what a frame says, or None for one that only acknowledges. `blank` gives the frame with the
    subject's identifier overwritten, for keeping.
    """

    name: str
    title: str
    settings: Settings
    evidence: Evidence
    sources: tuple[str, ...]
    manner: Manner
    framer: Callable[[], Framer]
    decode: Callable[[bytes], Event | None]
    blank: Callable[[bytes], bytes]
