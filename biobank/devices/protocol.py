"""What a device protocol is: a name, settings, how far it is proven, its framer, what frames say, what it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from biobank.devices.events import Event
from biobank.devices.framing import Framer
from biobank.devices.polling import Polling


class Evidence(StrEnum):
    """How far a protocol is proven; only a site's acceptance check makes it `captured`."""

    MAKER_MANUAL = "conforms to the maker's published format"
    OPEN_SOURCE = "conforms to an open-source driver that cites the maker"
    CAPTURED = "checked against a device at a site"
    TYPED = "read and typed by a person, who is named with the value"


class Manner(StrEnum):
    """When a value is final (devices reference, section 7)."""

    REPEATED = "repeated"  # no stable flag: a plateau is needed
    FLAGGED = "with a stable flag, without a checksum"
    ONCE_CHECKED = "once, with a checksum"
    ONCE_UNCHECKED = "once, without a checksum"
    REMEMBERED = "from the device's memory, with a checksum"
    SCANNED = "scanned"
    TYPED = "typed"


class Act(StrEnum):
    """What a device can be told to do to a person: only ever because somebody clicked, and only once."""

    START_CUFF = "start-cuff"
    STOP_CUFF = "stop-cuff"


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
    subject's identifier overwritten, for keeping. `polling` is how a device that speaks only when asked is asked;
    `acts` are the commands that act on a person, none of which is ever sent without a click.
    `reseal` takes bytes as they came and as they were blanked, and makes right again each check that was right.
    `note` says what of it no manual settles; `has_port` is False for what a person types.
    """

    name: str
    title: str
    settings: Settings
    evidence: Evidence
    sources: tuple[str, ...]
    manner: Manner
    framer: Callable[[], Framer]
    decode: Callable[[bytes], Event | None]
    blank: Callable[[bytes], bytes] = bytes
    reseal: Callable[[bytes, bytes], bytes] = lambda _before, after: after
    polling: Polling | None = None
    acts: Mapping[str, bytes] = field(default_factory=dict)
    note: str = ""
    has_port: bool = True
