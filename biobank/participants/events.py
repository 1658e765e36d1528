"""What happens to participants, for those who must follow."""

from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityNeeded:
    """Asked before an identity is destroyed: whoever still needs it adds a reason."""

    payee_id: UUID
    reasons: list[str] = field(default_factory=list)
