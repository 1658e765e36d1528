"""What happens to measurements that others react to."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class MeasurementsFinalised:
    """A visit's measurements are complete and closed."""

    visit_id: UUID
    participant_id: UUID


@dataclass(frozen=True)
class MeasurementsAmended:
    """A new version of measurements that were final took the former one's place."""

    visit_id: UUID
    participant_id: UUID
    number: int


@dataclass(frozen=True)
class MeasurementsCancelled:
    """Measurements that were final no longer count."""

    visit_id: UUID
    participant_id: UUID


@dataclass(frozen=True)
class MeasurementsRestored:
    """Measurements that were cancelled count again."""

    visit_id: UUID
    participant_id: UUID
