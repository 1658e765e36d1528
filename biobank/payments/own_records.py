"""What finance keeps of one payee, for the file that is handed to them."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.participants.events import Record
from biobank.payments import deliveries
from biobank.payments.models import Disbursement, Entitlement


def own_records(tx: Tx, payee_id: UUID) -> Iterator[Record]:
    """Every attempt to pay, with its amount in cents and how it went; never the link, which is money."""
    query = sa.select(Disbursement).join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
    for one in tx.session.scalars(query.where(Entitlement.payee_id == payee_id).order_by(Disbursement.id)).all():
        yield Record("payment", one.id, {"reference": one.external_id, "amount_cents": one.amount_cents,
                                         "currency": "USD", "state": str(one.state),
                                         "delivery": str(deliveries.route_of(tx, one.id)),
                                         "at": one.created_at.isoformat()})  # fmt: skip
