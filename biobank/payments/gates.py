"""A provider's gate, shared by all workers through one row: rate, breaker, Retry-After, and a person's hold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Invalid, Phrase
from biobank.payments.gate_models import GateEvent, GateStep, ProviderGate
from biobank.payments.providers.base import Outcome, OutcomeKind
from biobank.payments.till import Till

# So many calls may be saved up; more would break the provider's rate within its first second.
BURST = 2
STREAK, WINDOW, SHARE = 5, 20, 0.5
LONGEST_QUIET = timedelta(minutes=15)
OPENED = Phrase("The provider does not answer: %(bad)s of the last %(all)s calls. One call is tried after %(seconds)s "
                "seconds.")  # fmt: skip


_GATE: Any = ProviderGate.__table__
_SEEN = sa.select(
    _GATE.c.free_at, _GATE.c.quiet_until, _GATE.c.openings, _GATE.c.held_since, _GATE.c.swept_at
).where(_GATE.c.provider == sa.bindparam("of"))  # fmt: skip
_HELD = _SEEN.with_for_update()
_PASSED = sa.update(_GATE).where(_GATE.c.provider == sa.bindparam("of")).values(
    free_at=sa.bindparam("free_at"), quiet_until=sa.bindparam("quiet_until")
)  # fmt: skip
# The signs of more calls: of the last calls, as many of the oldest are forgotten.
_KEPT = sa.bindparam("kept", type_=sa.Integer())
_LEARNT = sa.update(_GATE).where(_GATE.c.provider == sa.bindparam("of")).values(
    recent=sa.case((sa.func.length(_GATE.c.recent) <= _KEPT, _GATE.c.recent),
                   else_=sa.func.substr(_GATE.c.recent, sa.func.length(_GATE.c.recent) - _KEPT + 1))
    + sa.bindparam("signs", type_=_GATE.c.recent.type)
).returning(_GATE.c.openings, _GATE.c.recent)  # fmt: skip


def ensure(tx: Tx, provider: str) -> None:
    """Make the provider's gate, open, unless it stands."""
    insert_ignore(tx.session, ProviderGate, provider=provider, free_at=clock.now(), recent="", openings=0, version=1)


def gate_of(tx: Tx, provider: str) -> ProviderGate:
    """The provider's gate, held for a change; it is made at its first use."""
    query = sa.select(ProviderGate).filter_by(provider=provider).execution_options(populate_existing=True)
    query = query if tx.read_only else query.with_for_update()
    found = tx.session.scalar(query)
    if found is None:
        ensure(tx, provider)
        found = tx.session.scalars(query).one()
    return found


def is_shut(tx: Tx, provider: str) -> bool:
    """Whether nothing may be sent before somebody or the provider says so; only reads. The rate is not asked here."""
    found = tx.session.execute(_SEEN, {"of": provider}).first()
    return found is not None and is_closed(found)


def is_closed(gate: ProviderGate | sa.Row[*tuple[Any, ...]]) -> bool:
    """Whether a person, the provider's own word or its silence keeps calls back now."""
    return gate.held_since is not None or (gate.quiet_until is not None and gate.quiet_until > clock.now())


def pass_one(tx: Tx, till: Till) -> bool:
    """Let one call through, in the transaction that claims it; False when it must wait."""
    return bool(pass_some(tx, till, 1))


def pass_some(tx: Tx, till: Till, most: int) -> list[datetime]:
    """Let calls through, in the transaction that claims them: when each may go; none while all must wait.

    A rate as GCRA (ITU-T I.371) keeps it: one instant, moved on by every call. While the breaker is open only one
    call is let through, and the next when its lease has run out without a word of it.
    """
    found, now = tx.connection.execute(_HELD, {"of": till.name}).first() or gate_of(tx, till.name), clock.now()
    saved_up = till.between_calls * (BURST - 1)
    if is_closed(found) or found.free_at > now + saved_up:
        return []
    count, start = 1 if found.openings else most, max(now, found.free_at)
    quiet_until = now + till.pace.lease if found.openings else found.quiet_until
    moved_on = {"of": till.name, "free_at": start + till.between_calls * count, "quiet_until": quiet_until}
    tx.connection.execute(_PASSED, moved_on)
    return [start + till.between_calls * number - saved_up for number in range(count)]


def note(tx: Tx, till: Till, calls: Sequence[Sequence[Outcome]]) -> None:
    """Learn from the answers to calls, the last one's above all: the breaker opens or closes, and a Retry-After holds
    for every payment alike."""
    signs = "".join("x" if any(map(_is_silence, outcomes)) else "." for outcomes in calls)
    given = {"of": till.name, "signs": signs, "kept": WINDOW - len(signs)}
    openings, recent = tx.connection.execute(_LEARNT, given).one()
    is_bad = signs.endswith("x")
    if is_bad and (openings or _is_enough(recent)):
        _open(tx, till, gate_of(tx, till.name))
    elif openings and not is_bad:
        _close(tx, gate_of(tx, till.name))
    asked = max((one.retry_after or 0 for one in calls[-1] if one.kind is OutcomeKind.THROTTLED), default=0)
    if asked:
        gate, now = gate_of(tx, till.name), clock.now()
        gate.quiet_until = max(gate.quiet_until or now, now + timedelta(seconds=asked))
    tx.session.flush()


def _is_silence(outcome: Outcome) -> bool:
    """Whether no usable answer came; an order that we can read is an answer, whatever stands in it."""
    return outcome.kind is OutcomeKind.UNKNOWN and outcome.provider_ref is None


def _is_enough(recent: str) -> bool:
    return recent.endswith("x" * STREAK) or (len(recent) == WINDOW and recent.count("x") > WINDOW * SHARE)


def _open(tx: Tx, till: Till, gate: ProviderGate) -> None:
    gate.openings += 1
    pause = min(LONGEST_QUIET, till.pace.breaker * 2 ** min(gate.openings - 1, 10))
    gate.quiet_until = clock.now() + pause
    if gate.openings == 1:
        words = {"bad": gate.recent.count("x"), "all": len(gate.recent), "seconds": round(pause.total_seconds())}
        write(tx, till.name, GateStep.BREAKER_OPENED, OPENED % words)


def _close(tx: Tx, gate: ProviderGate) -> None:
    gate.openings, gate.quiet_until, gate.recent = 0, None, ""
    write(tx, gate.provider, GateStep.BREAKER_CLOSED, "")


def hold(tx: Tx, provider: str, reason: str) -> None:
    """Send nothing to a provider until somebody resumes it. What is on its way ends by itself."""
    gate = gate_of(tx, provider)
    if gate.held_since is not None:
        raise Conflict("This provider is held already. Read the reason.", code="held")
    gate.held_since, gate.held_by, gate.held_reason = clock.now(), tx.actor.name, _said(reason)
    gate.version += 1
    tx.session.flush()
    write(tx, provider, GateStep.HELD, gate.held_reason)


def resume(tx: Tx, provider: str, reason: str) -> None:
    """Send again to a provider that was held; an open breaker tries at once too."""
    gate = gate_of(tx, provider)
    if gate.held_since is None:
        raise Conflict("This provider is not held. Look at its state again.", code="not-held")
    said = _said(reason)
    gate.held_since = gate.held_by = gate.held_reason = gate.quiet_until = None
    gate.version += 1
    tx.session.flush()
    write(tx, provider, GateStep.RESUMED, said)


def _said(reason: str) -> str:
    if len(reason.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    return reason.strip()[:400]


def write(tx: Tx, provider: str, step: GateStep, text: str) -> None:
    """Add a line to the gate's history."""
    tx.session.execute(sa.insert(GateEvent).values(provider=provider, at=clock.now(), step=step,
                                                   actor_name=tx.actor.name, note=text[:400]))  # fmt: skip
