"""What happens to participants, for those who must follow."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantEnrolled:
    """Somebody joined. The three ids and codes belong to one person; whoever reacts keeps them apart."""

    participant_id: UUID
    donor_id: UUID
    biobank_code: str
    payee_id: UUID
    finance_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantWithdrawn:
    """Somebody left for good: nothing new may be recorded and every tube is held."""

    participant_id: UUID
    donor_id: UUID
