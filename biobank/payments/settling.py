"""Payments settled by their statement lines, thousands at once, under the same law as every other change of state."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import fresh_id, new_id
from biobank.db import Tx
from biobank.errors import Conflict, Phrase
from biobank.payments import states
from biobank.payments.models import Disbursement, DisbursementEvent, State

MOVED_ON = Phrase("A payment was changed by somebody else in the meantime. Match again.")
TOLD = Phrase("On the statement of %(day)s.")
# Fewer than the 32,766 values that SQLite takes in one statement.
CHUNK = 5000


def settle(tx: Tx, notes: Mapping[UUID, str]) -> None:
    """Settle these sent payments, each with the note for its history; raises Conflict unless each is still sent."""
    _move(tx, notes, State.SENT, State.SETTLED)


def settle_from(tx: Tx, chosen: sa.Select[Any]) -> None:
    """Settle the sent payments of a query (`disbursement_id`, `note`) without reading them; raises Conflict too."""
    _require_known(State.SENT, State.SETTLED)
    rows, now = chosen.subquery(), clock.now()
    wanted = tx.session.scalar(sa.select(sa.func.count()).select_from(rows))
    done = tx.session.execute(
        sa.update(Disbursement)
        .where(Disbursement.id.in_(sa.select(rows.c.disbursement_id)), Disbursement.state == State.SENT)
        .values(state=State.SETTLED, settled_at=now, version=Disbursement.version + 1),
        execution_options={"synchronize_session": False},
    )
    if done.rowcount != wanted:  # type: ignore[attr-defined]
        raise Conflict(MOVED_ON, code="moved-on")
    said = {"at": now, "came_from": State.SENT, "state": State.SETTLED, "actor_id": tx.actor.id,
            "actor_name": tx.actor.name}  # fmt: skip
    event = {name: sa.literal(value, DisbursementEvent.__table__.c[name].type) for name, value in said.items()} | {
        "id": fresh_id(), "disbursement_id": rows.c.disbursement_id, "attempt": Disbursement.attempts,
        "note": rows.c.note,
    }  # fmt: skip
    query = sa.select(*event.values()).join_from(rows, Disbursement, Disbursement.id == rows.c.disbursement_id)
    tx.session.execute(sa.insert(DisbursementEvent).from_select(list(event), query))
    for one in tx.session.identity_map.values():
        if isinstance(one, Disbursement):
            tx.session.expire(one)


def unsettle(tx: Tx, notes: Mapping[UUID, str]) -> None:
    """Take settled payments back to sent, each with the note for its history."""
    _move(tx, notes, State.SETTLED, State.SENT)


def _require_known(came_from: State, to: State) -> None:
    if to not in states.FOLLOWS[came_from]:
        raise ValueError(f"{to} does not follow {came_from}")


def _move(tx: Tx, notes: Mapping[UUID, str], came_from: State, to: State) -> None:
    _require_known(came_from, to)
    keys, now = list(notes), clock.now()
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        done = tx.session.execute(
            sa.update(Disbursement)
            .where(Disbursement.id.in_(chunk), Disbursement.state == came_from)
            .values(state=to, settled_at=now if to is State.SETTLED else None, version=Disbursement.version + 1)
            .returning(Disbursement.id, Disbursement.attempts),
            execution_options={"synchronize_session": False},
        ).all()
        if len(done) != len(chunk):
            raise Conflict(MOVED_ON, code="moved-on")
        tx.session.connection().execute(
            sa.insert(DisbursementEvent),
            [
                {"id": new_id(), "disbursement_id": key, "at": now, "came_from": came_from, "state": to,
                 "attempt": attempts, "actor_id": tx.actor.id, "actor_name": tx.actor.name, "note": notes[key][:400]}
                for key, attempts in done
            ],
        )  # fmt: skip
    moved = {(key,) for key in keys}
    for one in tx.session.identity_map.values():
        # What was read before must not show the state of before.
        if isinstance(one, Disbursement) and sa.inspect(one).identity in moved:
            tx.session.expire(one)
