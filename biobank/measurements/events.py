"""What happens to measurements that others react to."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class MeasurementsFinalised:
    """A visit's measurements are complete and closed."""

    visit_id: UUID
    participant_id: UUID
