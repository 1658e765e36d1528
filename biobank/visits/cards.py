"""The participant's card: printed at the desk of the open visit, scanned at every later one."""

from uuid import UUID

from biobank.access.models import Site
from biobank.db import Tx
from biobank.participants.actions import participant_of
from biobank.stations.actions import add_print_job, jobs_of
from biobank.stations.models import PrintJob
from biobank.visits.actions import require_open
from biobank.visits.models import Visit

AGAIN = "Card lost or damaged"


def card_of(tx: Tx, visit: Visit) -> PrintJob | None:
    """The newest copy of the participant's card."""
    code = participant_of(tx, visit.participant_id).clinic_code
    return jobs_of(tx, [code]).get(code)


def print_card(tx: Tx, visit_id: UUID) -> PrintJob:
    """Ask the visit's station for the card; a copy after the first makes the earlier ones void."""
    visit = require_open(tx, visit_id)
    if visit.station_id is None:
        raise RuntimeError("an open visit has a station")
    code = participant_of(tx, visit.participant_id).clinic_code
    site = tx.session.get_one(Site, visit.site_id)
    return add_print_job(tx, station_id=visit.station_id, template="participant-card", object_kind="participant",
                         object_code=code, data={"participant_code": code, "site_code": site.code},
                         reason=AGAIN if card_of(tx, visit) else None)  # fmt: skip
