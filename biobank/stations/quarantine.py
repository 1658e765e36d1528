"""Readings of somebody who has left: refused when they arrive, whatever was measured before; waiting labels stopped."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import Instant
from biobank.db import Tx, insert_ignore
from biobank.errors import Phrase
from biobank.stations.models import CaptureWindow, InboxReading, InboxState, PrintJob, PrintState, QuarantinedVisit

REFUSAL = Phrase("This was measured for a participant who has left the study. Nobody may use it.")
STOPPED = Phrase("The participant has left the study.")


def quarantine(tx: Tx, visit_ids: Collection[UUID]) -> None:
    """Refuse every reading captured in these visits' windows, whether it waits here or is still on its way."""
    for visit_id in visit_ids:
        insert_ignore(tx.session, QuarantinedVisit, visit_id=visit_id, at=clock.now())
    query = sa.select(CaptureWindow).where(CaptureWindow.visit_id.in_(visit_ids))
    for window in tx.session.scalars(query).all():
        waiting = sa.update(InboxReading).where(
            InboxReading.station_id == window.station_id, InboxReading.state == InboxState.UNCLAIMED,
            InboxReading.happened_at >= window.opened_at,
            InboxReading.happened_at <= (window.closed_at or clock.now()),
        )  # fmt: skip
        tx.session.execute(waiting.values(state=InboxState.REFUSED, refusal=REFUSAL))


def spans_in_quarantine(tx: Tx, station_id: UUID, since: datetime) -> list[tuple[datetime, datetime | None]]:
    """From when to when a station, since a moment, measured for visits in quarantine."""
    rows = tx.session.connection().execute(_SPANS, {"station": station_id, "since": since})
    return [(row.opened_at, row.closed_at) for row in rows]


# Asked with every delivery and mostly answered with none, so it is prepared once and stays clear of the ORM.
_SPANS = (
    sa.select(CaptureWindow.opened_at, CaptureWindow.closed_at)
    .join(QuarantinedVisit, QuarantinedVisit.visit_id == CaptureWindow.visit_id)
    .where(CaptureWindow.station_id == sa.bindparam("station"),
           sa.or_(CaptureWindow.closed_at.is_(None), CaptureWindow.closed_at >= sa.bindparam("since", type_=Instant)))
)  # fmt: skip


def stop_prints(tx: Tx, object_codes: Collection[str]) -> None:
    """Void every label of these objects that has not gone to a printer yet."""
    waiting = sa.update(PrintJob).where(PrintJob.object_code.in_(object_codes), PrintJob.state == PrintState.QUEUED)
    tx.session.execute(waiting.values(state=PrintState.VOIDED, state_at=clock.now(), detail=STOPPED))
