"""Provider-wide stops: no funds or a refused key hold every payment alike until the provider answers well again."""

from dataclasses import dataclass

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx, insert_ignore, run_tx
from biobank.payments import gates
from biobank.payments.models import GateStep, ProviderStop, StopReason
from biobank.payments.providers.base import Outcome, OutcomeKind, ProviderError
from biobank.payments.till import Till
from biobank.web.logs import log


@dataclass(frozen=True, slots=True)
class Need:
    """The cents it must have, and whether it is time to ask."""

    cents: int
    is_time: bool


def holds(provider: sa.ColumnElement[str]) -> sa.Exists:
    """Whether nothing is sent to a provider, asked within a query."""
    return sa.exists().where(ProviderStop.provider == provider)


_STOP = sa.select(ProviderStop.needed_cents, ProviderStop.next_at).where(ProviderStop.provider == sa.bindparam("of"))


def stop_for(tx: Tx, till: Till, outcome: Outcome, amount_cents: int) -> None:
    """Stop the provider when this outcome says so; a no-op otherwise."""
    if outcome.stops_provider:
        reason = StopReason.REFUSED
    elif outcome.kind is OutcomeKind.NO_FUNDS:
        reason = StopReason.NO_FUNDS
    else:
        return
    now = clock.now()
    is_new = insert_ignore(
        tx.session, ProviderStop, provider=till.name, reason=reason, needed_cents=amount_cents, since=now,
        next_at=now + till.pace.stopped, detail=outcome.detail[:600],
    )  # fmt: skip
    if is_new:
        gates.write(tx, till.name, GateStep.STOPPED, outcome.detail)
        log.error("payment provider stopped", state=reason)


def need_of(tx: Tx, provider: str) -> Need | None:
    """What a stopped provider must have before it is sent to again; None while it is not stopped."""
    found = tx.session.execute(_STOP, {"of": provider}).first()
    return None if found is None else Need(found.needed_cents, found.next_at <= clock.now())


def is_stopped(till: Till, need: Need) -> bool:
    """Whether nothing may be sent now. When it is time, asks for the balance, with no transaction open."""
    if not need.is_time:
        return True
    if _answers_well(till, need.cents):
        run_tx(till.databases, lambda tx: _lift(tx, till))
        log.info("payment provider goes on")
        return False
    run_tx(till.databases, lambda tx: _wait(tx, till))
    return True


def _answers_well(till: Till, cents: int) -> bool:
    try:
        return till.provider.balance().available_cents >= cents
    except ProviderError:
        return False


def _lift(tx: Tx, till: Till) -> None:
    tx.session.execute(sa.delete(ProviderStop).filter_by(provider=till.name))
    gates.write(tx, till.name, GateStep.GOES_ON, "")


def _wait(tx: Tx, till: Till) -> None:
    later = clock.now() + till.pace.stopped
    tx.session.execute(sa.update(ProviderStop).filter_by(provider=till.name).values(next_at=later))
