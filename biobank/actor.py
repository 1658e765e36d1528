"""Who acts: a member of staff, a station, or the service itself."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a member of staff may be. The table in `access.table` says what each may do."""

    CLINIC = "clinic"
    BIOBANK = "biobank"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who stands behind a change. `kind` is staff, station or system; `name` is what a history shows.

    `zone` is the IANA zone of `site_id`, where whoever made the actor knew it. `proved_by` and `proved_at` say how and
    when a member of staff last showed who they are.
    """

    kind: str
    name: str
    id: UUID | None = None
    site_id: UUID | None = None
    zone: str | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    proved_by: str = field(default="", compare=False)
    proved_at: datetime | None = field(default=None, compare=False)

    def has(self, *roles: Role) -> bool:
        return bool(self.roles.intersection(roles))


SYSTEM = Actor(kind="system", name="Biobank service")
NOBODY = Actor(kind="nobody", name="")
