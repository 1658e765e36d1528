"""Each person's own key: drawn at enrolment, wrapped under a master key, rewrapped at rotation, destroyed for good."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.db import Databases, Tx, insert_ignore, run_tx
from biobank.errors import Conflict, Refused
from biobank.keys.provider import KEY_BYTES, BadKey, Wrapped
from biobank.participants.sealing import BrokenSeal
from biobank.participants.vault_models import MasterKey, PersonKey, VaultPerson

BATCH = 1000
_SETTLED = timedelta(minutes=10)
_KEYS: sa.Table = PersonKey.__table__  # type: ignore[assignment]
_REWRAP = (
    sa.update(_KEYS)
    .where(_KEYS.c.participant_id == sa.bindparam("of"), _KEYS.c.master == sa.bindparam("old"))
    .values(master=sa.bindparam("new"), wrapped=sa.bindparam("body"))
)

# A million single updates cost PostgreSQL minutes; one statement over arrays costs it one plan.
_REWRAP_MANY = sa.text(
    "UPDATE person_key SET master = d.new, wrapped = d.body FROM unnest(CAST(:of AS uuid[]), CAST(:old AS text[]), "
    "CAST(:new AS text[]), CAST(:body AS bytea[])) AS d(of, old, new, body) "
    "WHERE participant_id = d.of AND master = d.old"
)


class Erased(Refused):
    """The identity was destroyed: its key is gone, here and in what is restored from a backup."""

    status = 410
    code = "erased"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rotation has come."""

    done: int
    total: int
    master: str


def place_of(participant_id: UUID) -> bytes:
    """Associated data that ties a wrapped key to its row."""
    return b"person_key\x00" + participant_id.bytes


def draw_key() -> bytes:
    """A new key for one person: 256 random bits."""
    return secrets.token_bytes(KEY_BYTES)


def keep_key(tx: Tx, participant_id: UUID, key: bytes) -> None:
    """Keep a person's key, wrapped under the current master key."""
    wrapped = tx.databases.provider.wrap([(key, place_of(participant_id))])[0]
    insert_ignore(tx.vault, MasterKey, id=wrapped.master, since=clock.now(), retired_at=None)
    tx.vault.add(PersonKey(participant_id=participant_id, master=wrapped.master, wrapped=wrapped.body))
    tx.vault.flush()


def key_of(tx: Tx, person: VaultPerson) -> bytes:
    """The person's key in the clear, for this unit of work alone.

    Raises `Erased` when it was destroyed, `BrokenSeal` when it does not open.
    """
    kept = tx.vault.get(PersonKey, person.participant_id, populate_existing=True)
    if kept is None and person.erased_at is None:
        # Kept before each person had a key of their own; `biobank vault rotate` gives them one.
        return tx.databases.keys("vault-data")
    if kept is None:
        raise Erased("This identity was destroyed, as the participant asked. Nobody can say any more who it was.")
    try:
        wrapped = Wrapped(kept.master, kept.wrapped)
        return tx.databases.provider.unwrap([(wrapped, place_of(person.participant_id))])[0]
    except BadKey as problem:
        raise BrokenSeal("person_key.wrapped does not open") from problem


def destroy_key(tx: Tx, participant_id: UUID) -> bool:
    """Destroy a person's key and every trace that could be compared with them. False if that was done before."""
    person = tx.vault.scalar(sa.select(VaultPerson).filter_by(participant_id=participant_id).with_for_update())
    if person is None or person.erased_at is not None:
        return False
    tx.vault.execute(sa.delete(PersonKey).filter_by(participant_id=participant_id))
    person.first_name = person.last_name = person.born_on = b""
    person.email = person.phone = person.street = None
    # Random, so that nothing is ever found by it.
    person.name_index = secrets.token_bytes(KEY_BYTES)
    person.email_index = person.phone_index = person.email_alone = person.phone_alone = None
    person.erased_at = clock.now()
    tx.vault.flush()
    return True


def rotate(databases: Databases, batch: int = BATCH) -> Iterator[Progress]:
    """Rewrap every key under a new master key while the service runs; one step a batch.

    What an interrupted rotation left under older masters is finished first, under the current one; a new master is
    drawn only when there is nothing of that kind.
    """
    current, others, total = _standing(databases)
    if not others:
        current = databases.provider.rotate()
    run_tx(databases, partial(_note_master, master=current), SYSTEM)
    done, after = total - others if others else 0, UUID(int=0)
    yield Progress(done, total, current)
    while True:
        rows = _older(databases, current, after, batch)
        if not rows:
            return
        changes = _rewrapped(databases, rows)
        run_tx(databases, partial(_store, changes=changes), SYSTEM)
        done, after = done + len(rows), rows[-1].participant_id
        yield Progress(done, max(done, total), current)


def _standing(databases: Databases) -> tuple[str, int, int]:
    """The current master, how many keys are under another, and how many there are."""
    current = databases.provider.current()
    count = sa.select(sa.func.count()).select_from(PersonKey)
    with databases.transaction(read_only=True) as tx:
        total = tx.vault.scalar(count) or 0
        return current, tx.vault.scalar(count.where(PersonKey.master != current)) or 0, total


def _note_master(tx: Tx, master: str) -> None:
    insert_ignore(tx.vault, MasterKey, id=master, since=clock.now(), retired_at=None)


def _older(databases: Databases, current: str, after: UUID, limit: int) -> Sequence[sa.Row[UUID, str, bytes]]:
    # Columns, not objects: a million of them.
    query = sa.select(PersonKey.participant_id, PersonKey.master, PersonKey.wrapped)
    query = query.where(PersonKey.participant_id > after, PersonKey.master != current)
    with databases.transaction(read_only=True) as tx:
        return tx.vault.execute(query.order_by(PersonKey.participant_id).limit(limit)).all()


def _rewrapped(databases: Databases, rows: Sequence[sa.Row[UUID, str, bytes]]) -> list[dict[str, object]]:
    """The new wrapping of each, worked out while no transaction is open."""
    places = [place_of(row.participant_id) for row in rows]
    old = [Wrapped(row.master, row.wrapped) for row in rows]
    clear = databases.provider.unwrap(list(zip(old, places, strict=True)))
    new = databases.provider.wrap(list(zip(clear, places, strict=True)))
    return [{"of": row.participant_id, "old": row.master, "new": wrapped.master, "body": wrapped.body}
            for row, wrapped in zip(rows, new, strict=True)]  # fmt: skip


def _store(tx: Tx, changes: list[dict[str, object]]) -> None:
    """A key that was destroyed meanwhile is not there to be updated, and stays destroyed."""
    connection = tx.vault.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_REWRAP_MANY, {name: [row[name] for row in changes] for name in changes[0]})
    else:
        connection.execute(_REWRAP, changes)


def retire_masters(databases: Databases) -> list[str]:
    """Destroy every master key but the current one; answers their ids. Older backups of the vault open no more.

    Refused while a key is still under one of them, or ten minutes have not passed since the current one came.
    """
    current = databases.provider.current()
    with databases.transaction(SYSTEM) as tx:
        newest = tx.vault.get(MasterKey, current)
        if newest is None or tx.vault.scalar(sa.select(PersonKey.master).where(PersonKey.master != current).limit(1)):
            raise Conflict("Some keys are still under an older master key. Run `biobank vault rotate` first.")
        if clock.now() - newest.since < _SETTLED:
            raise Conflict("The master key is only minutes old. Wait ten minutes, so that nobody is enrolling under "
                           "the older one, and run this again.")  # fmt: skip
        query = sa.select(MasterKey).where(MasterKey.id != current, MasterKey.retired_at.is_(None))
        older = list(tx.vault.scalars(query))
        for master in older:
            databases.provider.retire(master.id)
            master.retired_at = clock.now()
        return [master.id for master in older]
