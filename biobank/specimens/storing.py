"""After receipt: finding a tube, holding its row, and releasing it from a hold."""

from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Invalid, NotFound, Phrase
from biobank.specimens import codes, log, temperatures
from biobank.specimens.custody import EventType
from biobank.specimens.models import Tube
from biobank.specimens.sites import require_here
from labels import Kind

_NOT_HERE = Phrase("There is no such tube at your site.")


def release(tx: Tx, tube_id: UUID, reason: str) -> Tube:
    """Let a held tube go on. A withdrawn participant's never is, one of a warm parcel only by two people."""
    if not reason.strip():
        raise Invalid("Say why the tube may be released.", code="reason-missing")
    tube = lock(tx, tube_id)
    temperatures.require_no_excursion(tx, tube)
    log.record(tx, tube, EventType.RELEASED, reason=reason.strip()[:200])
    tx.session.flush()
    return tube


def tube_by_code(tx: Tx, code: str) -> Tube:
    """The tube of a scanned code."""
    tube = tx.session.scalar(sa.select(Tube).filter_by(code=codes.read(code, Kind.TUBE)))
    message = Phrase("No tube has this code. Check it, or ask the site that sent it.")
    if tube is None:
        raise NotFound(message, code="unknown-tube")
    require_here(tx, tube.order.site_id, message)
    return tube


def find_tube(tx: Tx, tube_id: UUID) -> Tube:
    """The tube, for reading; its clinic's, or anybody's who receives or audits."""
    tube = tx.session.get(Tube, tube_id)
    if tube is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, tube.order.site_id, _NOT_HERE)
    return tube


def lock(tx: Tx, tube_id: UUID) -> Tube:
    """The tube, held until the transaction ends."""
    query = sa.select(Tube).filter_by(id=tube_id).with_for_update().execution_options(populate_existing=True)
    tube = tx.session.scalar(query)
    if tube is None:
        raise NotFound(_NOT_HERE)
    return tube
