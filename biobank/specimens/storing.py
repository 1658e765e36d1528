"""A tube in somebody's hand: finding it, holding its row, noting what is wrong with it, releasing it from a hold."""

from uuid import UUID

import sqlalchemy as sa

from biobank.actor import Role
from biobank.db import Tx
from biobank.errors import Conflict, Forbidden, Invalid, NotFound, Phrase
from biobank.specimens import codes, log, temperatures
from biobank.specimens.conditions import CONDITIONS
from biobank.specimens.custody import Custodian, EventType
from biobank.specimens.flaws import OF_TUBES, note_on_tube
from biobank.specimens.models import CustodyEvent, Tube
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


def note_condition(tx: Tx, tube_id: UUID, code: str, note: str = "") -> CustodyEvent:
    """Record a coded condition of a tube that somebody has in hand; one that forbids its use sets it apart.

    Raises Invalid for what is no condition of a tube, Conflict for a tube with the courier, Forbidden to a clinic for a
    tube at the biobank, NotAllowed where the law of custody lets it not follow (out of its box first).
    """
    condition = CONDITIONS.get(code)
    if condition not in OF_TUBES:
        raise Invalid("Choose what is wrong with the tube.", code="no-condition")
    find_tube(tx, tube_id)
    tube = lock(tx, tube_id)
    if tube.custodian is Custodian.CARRIER:
        raise Conflict("This tube is with the courier. Its condition is noted when it is received.",
                       code="with-carrier")  # fmt: skip
    if tube.custodian is Custodian.BIOBANK and not tx.actor.has(Role.BIOBANK):
        raise Forbidden("This tube is at the biobank. Tell them what you know of it.", code="at-the-biobank")
    return note_on_tube(tx, tube, condition, note=note.strip() or None)


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
