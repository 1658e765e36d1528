"""A participant's history: what happened, when, and who did it."""

from typing import Any
from uuid import UUID

from biobank import clock
from biobank.db import Tx
from biobank.participants.models import ParticipantEvent, ParticipantEventKind


def record(tx: Tx, participant_id: UUID, kind: ParticipantEventKind, **details: Any) -> None:
    """Add to a participant's history; details are codes and names of fields, never what names a person."""
    tx.session.add(ParticipantEvent(participant_id=participant_id, kind=kind, at=clock.now(), actor_id=tx.actor.id,
                                    actor_name=tx.actor.name, details=details))  # fmt: skip
    tx.session.flush()
