"""What happens to participants, for those who must follow."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Record:
    """One record about a person: the kind and key by which looks at it are noted, and what it says."""

    kind: str
    id: UUID
    says: dict[str, Any]


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
class ParticipantDied:
    """Somebody has died: nothing new may be recorded; what was collected stays as consented."""

    participant_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationsMerged:
    """Two registrations turned out to be one person; the kept one stays, the other's codes lead to it."""

    kept_id: UUID
    merged_id: UUID
    kept_payee_id: UUID
    merged_payee_id: UUID
    site_id: UUID
    paid_twice: list[bool] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsAsked:
    """Asked for everything kept about one person: each slice adds what it has."""

    participant_id: UUID
    donor_id: UUID
    payee_id: UUID
    records: list[Record] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityNeeded:
    """Asked before an identity is destroyed: whoever still needs it adds a reason."""

    payee_id: UUID
    reasons: list[str] = field(default_factory=list)
