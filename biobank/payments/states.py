"""The law of a disbursement's states, and the one conditional UPDATE by which any of them changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm.util import identity_key

from biobank import clock
from biobank.db import Tx
from biobank.payments.models import Disbursement, DisbursementEvent, State

PAID = frozenset({State.SENT, State.SETTLED})
DEAD = frozenset({State.FAILED, State.VOIDED, State.RETURNED})
UNSENT = frozenset({State.QUEUED, State.HELD})

FOLLOWS: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.QUEUED, State.VOIDED}),
    State.QUEUED: frozenset({State.SENDING, State.HELD, State.VOIDED, State.RESERVED}),
    # Cash or a card is kept ready at the desk: handed over with two signatures, or counted back into the safe.
    State.RESERVED: frozenset({State.SENT, State.QUEUED}),
    # A try whose lease ran out is begun again, with the same key.
    State.SENDING: frozenset({State.SENDING, State.SENT, State.UNKNOWN, State.QUEUED, State.FAILED}),
    State.UNKNOWN: frozenset({State.SENDING}),
    State.SENT: frozenset({State.SETTLED, State.RETURNED}),
    # A match with the statement may be taken back.
    State.SETTLED: frozenset({State.SENT, State.RETURNED}),
    State.FAILED: frozenset(),
    State.RETURNED: frozenset(),
    State.VOIDED: frozenset(),
}


_EVENT = sa.insert(DisbursementEvent.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of state: it happens only from `came_from`, and only under `lease_token` if one is given."""

    disbursement_id: UUID
    came_from: State
    to: State
    lease_token: str | None = None
    note: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


def move(tx: Tx, step: Step) -> bool:
    """Take the step and write its event; False, and nothing done, when somebody else was there first.

    Raises ValueError for a step that the law does not know.
    """
    if step.to not in FOLLOWS[step.came_from]:
        raise ValueError(f"{step.to} does not follow {step.came_from}")
    tx.session.flush()
    given = {"of": step.disbursement_id, "came_from": step.came_from, "held_by": step.lease_token, "state": step.to}
    statement = _update(tuple(step.changes), is_leased=step.lease_token is not None)
    attempt = tx.connection.scalar(statement, given | dict(step.changes))
    if attempt is None:
        return False
    known = tx.session.identity_map.get(identity_key(Disbursement, step.disbursement_id))
    if known is not None:
        # What was read before must not show the state of before.
        tx.session.expire(known, ["state", "version", *step.changes])
    write_event(tx, step, attempt)
    return True


@cache
def _update(changes: tuple[str, ...], *, is_leased: bool) -> sa.Executable:
    """The conditional UPDATE of these columns, put together once: building it costs more than running it."""
    table = Disbursement.__table__
    conditions = [table.c.id == sa.bindparam("of"), table.c.state == sa.bindparam("came_from")]
    if is_leased:
        conditions.append(table.c.lease_token == sa.bindparam("held_by"))
    values = {name: sa.bindparam(name, type_=table.c[name].type) for name in ("state", *changes)}
    statement = sa.update(table).where(*conditions).values(**values, version=table.c.version + 1)  # type: ignore[arg-type]
    return statement.returning(table.c.attempts)


def write_event(tx: Tx, step: Step, attempt: int, *, is_birth: bool = False) -> None:
    """Add a line to the payment's history."""
    tx.connection.execute(
        _EVENT,
        {
            "disbursement_id": step.disbursement_id, "at": clock.now(),
            "came_from": None if is_birth else step.came_from, "state": step.to, "attempt": attempt,
            "actor_id": tx.actor.id, "actor_name": tx.actor.name, "note": step.note[:400],
        },
    )  # fmt: skip
