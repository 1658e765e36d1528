"""What happens in this slice that others may act on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class ApprovalGiven:
    """A second person approved: what was asked for is to be done now, in the same transaction."""

    approval_id: UUID
    kind: str
    subject: str
    payload: Mapping[str, Any]
    asked_by: UUID
    asked_by_name: str


@dataclass(frozen=True)
class ApprovalRefused:
    """A second person refused, or whoever asked has withdrawn."""

    approval_id: UUID
    kind: str
    subject: str
    payload: Mapping[str, Any]
    reason: str
