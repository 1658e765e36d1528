"""What happened in the specimens slice that others may want to follow."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OrderFinalised:
    """Every tube of a collection order is collected or accounted for. `outcome` is collected or attempted."""

    order_id: UUID
    donor_id: UUID
    site_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True)
class TubeKept:
    """A tube was put into a position, or an event of its story was corrected: what is derived of it may be another."""

    tube_id: UUID
