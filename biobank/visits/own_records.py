"""What this slice keeps about one participant, for the file that is handed to them."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from biobank.access.models import Site
from biobank.db import Tx
from biobank.participants.events import Record
from biobank.visits.models import Visit


def own_records(tx: Tx, participant_id: UUID) -> Iterator[Record]:
    """The visits, at every site, oldest first."""
    query = (
        sa.select(Visit, Site.name).join(Site, Site.id == Visit.site_id).filter(Visit.participant_id == participant_id)
    )
    for visit, site in tx.session.execute(query.order_by(Visit.id)):
        at = visit.checked_in_at or visit.appointed_for
        yield Record("visit", visit.id, {"site": site, "at": at.isoformat() if at else None, "state": str(visit.state)})


def visit_ids_of(tx: Tx, participant_id: UUID) -> list[UUID]:
    return list(tx.session.scalars(sa.select(Visit.id).filter_by(participant_id=participant_id)))
