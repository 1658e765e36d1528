"""How each provider stands, for finance: whether it sends, why not, what waits, what happened at its gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import NotFound
from biobank.payments import gates, providers
from biobank.payments.gate_models import GateEvent, Hint, ProviderGate, ProviderStop, StopReason
from biobank.payments.models import Disbursement, State
from biobank.payments.providers.base import Capabilities

WAITING = (State.QUEUED, State.SENDING, State.UNKNOWN)
EVENTS_SHOWN = 20


class Standing(StrEnum):
    """Whether a provider is sent to, and if not, why."""

    SENDS = "sends"
    HELD = "held"
    NO_FUNDS = "no-funds"
    REFUSED = "refused"
    SILENT = "silent"
    PAUSES = "pauses"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """One provider. `waiting` are the payments that only wait for it, `oldest` the moment the oldest began to."""

    name: str
    standing: Standing
    until: datetime | None
    held_by: str | None
    held_reason: str | None
    waiting: int
    in_doubt: int
    oldest: datetime | None
    open_hints: int
    swept_at: datetime | None
    promises: Capabilities | None
    events: Sequence[GateEvent]


def states_of(tx: Tx) -> list[ProviderState]:
    """Every provider that is installed or was ever used, by name."""
    used = tx.session.scalars(sa.select(ProviderGate.provider)).all()
    found = [state_of(tx, name) for name in sorted({*used, *providers.available()})]
    # Those that a worker calls are what finance looks for here.
    return sorted(found, key=lambda one: one.promises is not None and not one.promises.is_called)


def require_known(tx: Tx, name: str) -> None:
    """Raise `NotFound` for a provider that is neither installed nor was ever used."""
    if name not in providers.available() and tx.session.get(ProviderGate, name) is None:
        raise NotFound("There is no such provider. Go back to the list.")


def state_of(tx: Tx, name: str) -> ProviderState:
    """One provider as it stands now."""
    gate, stop = tx.session.get(ProviderGate, name), tx.session.get(ProviderStop, name)
    promises = _promises(name)
    its_own = Disbursement.provider == name
    if promises is None or promises.is_called:
        its_own = sa.or_(its_own, Disbursement.provider.is_(None))
    waits = sa.and_(Disbursement.state.in_(WAITING), its_own)
    count, oldest = tx.session.execute(
        sa.select(sa.func.count(), sa.func.min(Disbursement.created_at)).where(waits)
    ).one()
    unknown = sa.select(sa.func.count()).where(Disbursement.state == State.UNKNOWN, Disbursement.provider == name)
    events = sa.select(GateEvent).filter_by(provider=name).order_by(GateEvent.id.desc()).limit(EVENTS_SHOWN)
    hints = sa.select(sa.func.count()).select_from(Hint).where(Hint.provider == name, Hint.done_at.is_(None))
    return ProviderState(
        name=name, standing=_standing(gate, stop), until=gate.quiet_until if gate else None,
        held_by=gate.held_by if gate else None, held_reason=gate.held_reason if gate else None,
        waiting=count, oldest=oldest, in_doubt=tx.session.scalars(unknown).one(),
        open_hints=tx.session.scalars(hints).one(),
        swept_at=gate.swept_at if gate else None, promises=promises, events=tx.session.scalars(events).all(),
    )  # fmt: skip


def _standing(gate: ProviderGate | None, stop: ProviderStop | None) -> Standing:
    if gate is not None and gate.held_since is not None:
        return Standing.HELD
    if stop is not None:
        return Standing.NO_FUNDS if stop.reason is StopReason.NO_FUNDS else Standing.REFUSED
    if gate is None or not gates.is_closed(gate):
        return Standing.SENDS
    return Standing.SILENT if gate.openings else Standing.PAUSES


def _promises(name: str) -> Capabilities | None:
    installed = name in providers.available()
    return getattr(providers.kind_of(name), "capabilities", None) if installed else None
