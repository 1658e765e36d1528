"""A tube that cannot be found where it should be, and one that turns up again."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import case_lists, cases, log
from biobank.specimens.case_models import Case, CaseState, CaseType, Resolution
from biobank.specimens.cases import About
from biobank.specimens.custody import Custodian, EventType, TubeStatus
from biobank.specimens.models import CollectionOrder, Tube
from biobank.specimens.storing import find_tube, lock

NOT_TO_BE_FOUND = "not-to-be-found"


def lose(tx: Tx, tube_id: UUID, note: str) -> Tube:
    """Declare that a tube of one's own site or of the biobank cannot be found; a case is opened about it.

    Raises Conflict for a tube in the courier's hands: closing its receipt says what did not come. NotAllowed for one
    that is gone or never was.
    """
    if not note.strip():
        raise Invalid("Say where you looked.", code="note-missing")
    find_tube(tx, tube_id)
    tube = lock(tx, tube_id)
    if tube.custodian is Custodian.CARRIER:
        raise Conflict("This tube is with the courier. Close the receipt of its parcel, or declare the parcel lost.",
                       code="with-carrier")  # fmt: skip
    event = log.record(tx, tube, EventType.DECLARED_MISSING, reason=NOT_TO_BE_FOUND, note=note.strip())
    tx.session.flush()
    case = cases.open_case(tx, CaseType.MISSING, About(tube.order.site_id, None, tube.id, event_id=event.id))
    cases.note(tx, case.id, note)
    return tube


def find_again(tx: Tx, tube_id: UUID, raw_scan: str) -> Tube:
    """A lost tube is in somebody's hand: it is again what it was before. Raises NotAllowed for one that is not lost.

    One that the courier lost is received at the bench instead.
    """
    find_tube(tx, tube_id)
    tube = lock(tx, tube_id)
    if tube.state is TubeStatus.MISSING and tube.custodian is Custodian.CARRIER:
        raise Conflict("This tube was lost on its way to the biobank. It is received there, by its scan at the bench.",
                       code="with-carrier")  # fmt: skip
    log.record(tx, tube, EventType.FOUND, raw_scan=raw_scan)
    tx.session.flush()
    cases.settle_tube(tx, tube.id, CaseType.MISSING, Resolution.FOUND)
    return tube


def lost(tx: Tx, limit: int = case_lists.MOST) -> Sequence[Tube]:
    """Tubes that cannot be found: of one's own site, or of all for those who receive or audit; the newest first."""
    query = sa.select(Tube).where(Tube.state == TubeStatus.MISSING).order_by(Tube.collected_at.desc(), Tube.id)
    at = case_lists.only_site(tx)
    if at is not None:
        ours = sa.select(CollectionOrder.id).filter_by(site_id=at)
        query = query.where(Tube.order_id.in_(ours))
    return tx.session.scalars(query.limit(limit)).all()


def cases_of(tx: Tx, tubes: Sequence[Tube]) -> dict[UUID, Case]:
    """The open case about each of these lost tubes."""
    query = sa.select(Case).where(Case.tube_id.in_([tube.id for tube in tubes]), Case.type == CaseType.MISSING,
                                  Case.state == CaseState.OPEN)  # fmt: skip
    return {case.tube_id: case for case in tx.session.scalars(query) if case.tube_id}
