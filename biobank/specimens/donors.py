"""Donors: adding one, and putting every tube of one on hold."""

from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, NotFound
from biobank.specimens import log
from biobank.specimens.custody import EventType
from biobank.specimens.models import ENDED, UNDRAWN, CollectionOrder, Donor, OrderState, Tube


def add_donor(tx: Tx, donor_id: UUID, code: str) -> Donor:
    """Make a participant known here, under the biobank's own code for them."""
    donor = Donor(id=donor_id, code=code)
    tx.session.add(donor)
    tx.session.flush()
    return donor


def lock_donor(tx: Tx, donor_id: UUID) -> Donor:
    """The donor, held until the transaction ends."""
    query = sa.select(Donor).filter_by(id=donor_id).with_for_update().execution_options(populate_existing=True)
    donor = tx.session.scalar(query)
    if donor is None:
        raise NotFound("The biobank does not know this participant. Enrol them first.")
    return donor


def require_live(donor: Donor) -> Donor:
    """Raises Conflict for a donor whose tubes are on hold."""
    if donor.held:
        raise Conflict("The participant has withdrawn: nothing may be collected, packed or stored.", code="withdrawn")
    return donor


def hold_donor(tx: Tx, donor_id: UUID, reason: str) -> int:
    """Put every tube of a donor on hold, wherever it is, and cancel what is still being collected.

    Answers how many tubes are now on hold. Holding twice changes nothing.
    """
    donor = lock_donor(tx, donor_id)
    if donor.held:
        return 0
    donor.held, donor.held_at, donor.held_reason = True, clock.now(), reason[:200]
    tubes = tx.session.scalars(sa.select(Tube).filter_by(donor_id=donor_id).order_by(Tube.id).with_for_update()).all()
    live = [tube for tube in tubes if not tube.state.is_over]
    for tube in live:
        log.record(tx, tube, EventType.WITHDRAWN, reason=reason[:200])
        if tube.state in UNDRAWN:
            log.record(tx, tube, EventType.VOIDED, reason=reason[:200])
    open_orders = sa.select(CollectionOrder).where(
        CollectionOrder.donor_id == donor_id, CollectionOrder.state.not_in(ENDED)
    )
    for order in tx.session.scalars(open_orders):
        order.state, order.cancel_reason, order.version = OrderState.CANCELLED, reason[:200], order.version + 1
    tx.session.flush()
    return sum(not tube.state.is_over for tube in live)
