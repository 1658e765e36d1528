"""Whose business a participant is: of the site that enrolled them, and of each site they visit."""

from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.participants.models import Participant
from biobank.visits.models import Visit, VisitState


def sites_of(tx: Tx, participant_id: UUID) -> frozenset[UUID]:
    """The sites that have to do with a participant; none for one that does not exist."""
    enrolled = sa.select(Participant.site_id).where(Participant.id == participant_id)
    visited = sa.select(Visit.site_id).where(
        Visit.participant_id == participant_id, Visit.state != VisitState.CANCELLED
    )
    return frozenset(tx.session.scalars(enrolled.union(visited)))
