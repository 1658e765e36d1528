"""What a frame can say: a reading, an unstable value, a scan, an error, the device's clock, or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

# The flag of a reading whose line carried no check where others of its kind do.
UNCHECKED = "without-checksum"


class Reason(StrEnum):
    """Why bytes were refused."""

    CHECKSUM = "checksum"
    MALFORMED = "malformed"
    OUT_OF_RANGE = "out-of-range"
    UNSUPPORTED_FORMAT = "unsupported-format"
    NOT_A_MEASURE = "not-a-measure"
    SETTINGS = "settings"
    NOISE = "noise"


class Measure(NamedTuple):
    """One quantity as the device sent it; `unit` is None where the frame carries none."""

    quantity: str
    value: Decimal
    unit: str | None

    def as_json(self) -> dict[str, str | None]:
        return {"quantity": self.quantity, "value": format(self.value, "f"), "unit": self.unit}


@dataclass(frozen=True)
class Reading:
    """A finished set of measures; `stable` is None when the protocol has no flag, `device_time` is local text."""

    measures: tuple[Measure, ...]
    stable: bool | None = None
    device_time: str | None = None
    flags: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "event": "reading",
            "measures": [measure.as_json() for measure in self.measures],
            "stable": self.stable,
            "device_time": self.device_time,
            "flags": list(self.flags),
        }


@dataclass(frozen=True)
class Unstable:
    """A value still moving: to be shown live, never kept."""

    measures: tuple[Measure, ...]

    def as_json(self) -> dict[str, object]:
        return {"event": "unstable", "measures": [measure.as_json() for measure in self.measures]}


@dataclass(frozen=True)
class Scan:
    """The text of one barcode."""

    text: str

    def as_json(self) -> dict[str, object]:
        return {"event": "scan", "text": self.text}


@dataclass(frozen=True)
class DeviceError:
    """The device says that it could not measure: overload, underload, device or unknown-command."""

    code: str
    message: str

    def as_json(self) -> dict[str, object]:
        return {"event": "device_error", "code": self.code, "message": self.message}


@dataclass(frozen=True)
class Rejected:
    """Bytes that gave no reading, why, and how many they were."""

    reason: Reason
    message: str
    size: int = 0

    def as_json(self) -> Mapping[str, object]:
        return {"event": "rejected", "reason": self.reason.value, "message": self.message}


@dataclass(frozen=True)
class DeviceClock:
    """What the device's own clock shows, as local text: tells new records of a memory from old ones, never printed."""

    device_time: str


Said = Reading | Unstable | Scan | DeviceError | Rejected
Event = Said | DeviceClock
