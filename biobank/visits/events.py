"""What happens to visits, for those who must follow."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCheckedIn:
    """A participant sat down at a station."""

    visit_id: UUID
    participant_id: UUID
    site_id: UUID
    station_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCompleted:
    """Both steps are done and the clerk has closed the visit."""

    visit_id: UUID
    participant_id: UUID
    site_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCancelled:
    """The visit did not take place, or was broken off."""

    visit_id: UUID
    participant_id: UUID
    site_id: UUID
