"""What no event would wake: attempts without a time, debts without an attempt. Looked for every few minutes."""

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.db import Tx, run_tx
from biobank.errors import Phrase
from biobank.payments import gates, ledger, means, sums
from biobank.payments.attempts import add_attempt, new_attempt
from biobank.payments.gate_models import GateStep, ProviderGate
from biobank.payments.models import (
    Decision,
    Disbursement,
    Entitlement,
    PayScheme,
    State,
    Transfer,
    TransferKind,
)
from biobank.payments.till import Till

MENDED = Phrase("%(woken)s waiting payments had no time to be tried, %(begun)s debts had no payment.")
FORGOTTEN = Phrase("Earned, and found without a payment.")
# By so many at once, so that the transaction stays short.
CHUNK = 200


def sweep_when_due(till: Till) -> bool:
    """Sweep once in a while, by one worker at a time; answers whether anything was mended."""
    with till.databases.transaction(read_only=True) as tx:
        found = tx.session.get(ProviderGate, till.name)
        if found is not None and found.swept_at is not None and found.swept_at > clock.now() - till.pace.sweep:
            return False
    return run_tx(till.databases, lambda tx: sweep(tx, till.name) > 0, SYSTEM)


def sweep(tx: Tx, provider: str) -> int:
    """Mend what is forgotten; answers how many payments that were."""
    gate = gates.gate_of(tx, provider)
    gate.swept_at = clock.now()
    sums.fold(tx)
    tx.session.flush()
    woken, begun = _wake(tx, provider), _begin(tx)
    if woken or begun:
        gates.write(tx, provider, GateStep.SWEPT, MENDED % {"woken": woken, "begun": begun})
    return woken + begun


def _wake(tx: Tx, provider: str) -> int:
    """Attempts that wait for this provider, but for no moment."""
    waiting = (State.QUEUED, State.SENDING, State.UNKNOWN)
    its_own = sa.or_(Disbursement.provider.is_(None), Disbursement.provider == provider)
    woken = sa.update(Disbursement).where(Disbursement.state.in_(waiting), Disbursement.next_at.is_(None), its_own)
    found = tx.session.execute(woken.values(next_at=clock.now()).returning(Disbursement.id))
    return len(found.all())


def _begin(tx: Tx) -> int:
    """Debts that no attempt was ever made for."""
    attempts = sa.exists().where(Disbursement.entitlement_id == Entitlement.id)
    query = sa.select(Entitlement).where(Entitlement.decision == Decision.ELIGIBLE, ~attempts).limit(CHUNK)
    forgotten = tx.session.scalars(query.with_for_update(of=Entitlement, skip_locked=True)).all()
    for one in forgotten:
        scheme = tx.session.get_one(PayScheme, one.scheme_id)
        first = new_attempt(one, scheme.amount_cents, seq=1, state=State.QUEUED,
                            provider=means.provider_at(tx, one.site_id))  # fmt: skip
        add_attempt(tx, first, FORGOTTEN)
        _accrue(tx, first)
    return len(forgotten)


def _accrue(tx: Tx, first: Disbursement) -> None:
    posted = sa.select(Transfer.id).filter_by(disbursement_id=first.id, kind=TransferKind.ACCRUAL)
    if tx.session.scalar(posted) is None:
        ledger.post(tx, TransferKind.ACCRUAL, first.id, first.amount_cents)
