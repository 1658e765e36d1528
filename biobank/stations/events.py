"""What happens at stations that other slices may react to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ReadingClaimed:
    """A reading belongs to a visit now. `measures` are (quantity, value as sent, unit as sent or None).

    `captured_at` is by our clock; `stable` is None where the device has no such flag; `raw` is the frame in hex.
    """

    reading_id: UUID
    visit_id: UUID
    station_id: UUID
    device: str
    protocol: str
    captured_at: datetime
    measures: tuple[tuple[str, str, str | None], ...]
    stable: bool | None
    flags: tuple[str, ...]
    raw: str
