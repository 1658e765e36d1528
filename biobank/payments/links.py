"""The participant's links: bearer money, kept sealed, opened only for the desk that hands one over."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Databases, Tx, run_tx
from biobank.participants import sealing
from biobank.payments import deliveries, states
from biobank.payments.models import Disbursement
from biobank.payments.providers.base import ProviderError
from biobank.payments.till import FIRST_ASKED, Till

KEY = "payment-links"
_TABLE, _COLUMN = "disbursement", "sealed_link"
_AGAIN_AFTER = timedelta(minutes=1)


def seal(databases: Databases, disbursement_id: UUID, link: str) -> bytes:
    """The link, readable only with the key and only as this payment's."""
    return sealing.seal(databases.keys(KEY), link, table=_TABLE, column=_COLUMN, row=disbursement_id)


def is_kept(tx: Tx, disbursement_id: UUID) -> bool:
    """Whether there is a link to hand over; it stays sealed."""
    query = sa.select(Disbursement.id).where(Disbursement.id == disbursement_id, Disbursement.sealed_link.is_not(None))
    return tx.session.scalar(query.where(Disbursement.state.in_(states.PAID))) is not None


def open_link(tx: Tx, disbursement_id: UUID) -> str | None:
    """The link in the clear, None while there is none. The caller has noted the look, and must not keep or log it."""
    query = sa.select(Disbursement.sealed_link).where(Disbursement.id == disbursement_id)
    sealed = tx.session.scalar(query.where(Disbursement.state.in_(states.PAID)))
    if sealed is None:
        return None
    return sealing.unseal(tx.databases.keys(KEY), sealed, table=_TABLE, column=_COLUMN, row=disbursement_id)


def renew_next(till: Till) -> bool:
    """Fetch the link of a payment that was confirmed without one; answers whether there was one to fetch."""
    with till.databases.transaction(read_only=True) as tx:
        query = sa.select(Disbursement.id, Disbursement.reward_ref).where(
            Disbursement.state.in_(states.PAID), Disbursement.provider == till.name, Disbursement.sealed_link.is_(None),
            Disbursement.reward_ref.is_not(None), Disbursement.next_at <= clock.now(), ~deliveries.by_itself(),
        )  # fmt: skip
        found = tx.session.execute(query.order_by(Disbursement.next_at).limit(1)).first()
    if found is None:
        return False
    disbursement_id, reward_ref = found
    try:
        link = till.provider.renew_link(str(reward_ref))
    except ProviderError:
        run_tx(till.databases, lambda tx: _keep(tx, disbursement_id, {"next_at": clock.now() + _AGAIN_AFTER}))
        return True
    sealed = seal(till.databases, disbursement_id, link)
    kept = {"sealed_link": sealed, "next_at": clock.now() + FIRST_ASKED}
    run_tx(till.databases, lambda tx: _keep(tx, disbursement_id, kept))
    return True


def _keep(tx: Tx, disbursement_id: UUID, values: dict[str, object]) -> None:
    tx.session.execute(
        sa.update(Disbursement)
        .where(Disbursement.id == disbursement_id, Disbursement.sealed_link.is_(None))
        .values(values)
    )
