"""Two payees who turned out to be one person: paid once, the second entitlement revoked while it can be."""

from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict
from biobank.payments.actions import decline
from biobank.payments.models import Decision, Entitlement

REASON = "paid-as-another-payee"


def join_payees(tx: Tx, *, kept_id: UUID, merged_id: UUID, site_id: UUID) -> bool:
    """Leave one live entitlement of the two: whichever was earned first. False if the second is paid or on its way.

    Where only one has earned it, the other uses up its turn, so that it never earns a second.
    """
    query = sa.select(Entitlement).filter_by(decision=Decision.ELIGIBLE)
    earned = tx.session.scalars(query.where(Entitlement.payee_id.in_([kept_id, merged_id]))).all()
    if not earned:
        return _refuse(tx, merged_id, site_id)
    first = min(earned, key=lambda entitlement: (entitlement.earned_at, entitlement.id))
    second = merged_id if first.payee_id == kept_id else kept_id
    if _refuse(tx, second, site_id):
        return True
    # The later one is out of our hands; the earlier may still be stopped, and one payment is what is owed.
    return _refuse(tx, first.payee_id, site_id)


def _refuse(tx: Tx, payee_id: UUID, site_id: UUID) -> bool:
    try:
        with tx.session.begin_nested():
            decline(tx, payee_id=payee_id, site_id=site_id, reason=REASON, decision=Decision.DUPLICATE)
    except Conflict:
        return False
    return True
