"""The sequencer: rows are appended freely and sealed in batches soon afterwards, each seal holding the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.audit import alarms, checkpoint
from biobank.audit.chain import GENESIS, Cells, Seal, Signer, keys_in, members_of
from biobank.audit.models import AlarmKind, AuditSeal
from biobank.audit.rows import Table, fetch, sealed_tables, select_cells, time_ordered
from biobank.db import Databases, Tx, run_tx
from biobank.errors import Conflict

BATCH, _AT_ONCE = 10_000, 500
KEY = "audit-seal"
# A transaction lasts a minute at most; clocks of two machines differ by less than this too.
SETTLED = timedelta(minutes=10)
LATE = timedelta(seconds=60)
_EPOCH_START = UUID(int=0)


def signer_of(databases: Databases) -> Signer:
    return Signer.of(databases.keys(KEY))


def place(databases: Databases) -> Path:
    return databases.home / checkpoint.NAME


def as_seal(row: AuditSeal) -> Seal:
    return Seal(row.number, row.epoch, _text(row.at), row.table_name, row.columns, row.count, row.low.hex,
                row.high.hex, row.members, row.digest, row.note, row.previous, row.key, row.link,
                row.signature)  # fmt: skip


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


@dataclass(frozen=True)
class Last:
    """The newest seal, as the next one holds it."""

    number: int = 0
    epoch: int = 1
    link: str = GENESIS


def _last(tx: Tx) -> Last:
    """Read before anything else: who reads an older one fails at the next number, which is taken."""
    query = sa.select(AuditSeal.number, AuditSeal.epoch, AuditSeal.link).order_by(AuditSeal.number.desc()).limit(1)
    row = tx.session.execute(query).one_or_none()
    return Last(*row) if row else Last()


def seal_all(databases: Databases) -> int:
    """Seal every row that is not sealed yet; answers how many. One sequencer runs at a time.

    Two never write one number: the slower one's insert is refused by the database, and raises `IntegrityError`.
    Raises `Conflict` where the database stands behind its own checkpoint: an older copy was put in its place.
    """
    signer = signer_of(databases)
    require_whole(databases, signer)
    sealed, last = 0, None
    for table in _waiting(databases):
        for seal_some in (_seal_fresh, _seal_late):
            while found := run_tx(databases, partial(seal_some, table=table, signer=signer), SYSTEM):
                sealed, last = sealed + found.count, found
    if last:
        checkpoint.write(place(databases), last, signer)
    return sealed


def require_whole(databases: Databases, signer: Signer) -> None:
    noted = checkpoint.read(place(databases), signer.public)
    if not noted:
        return
    with databases.transaction(SYSTEM, read_only=True) as tx:
        link = tx.session.scalar(sa.select(AuditSeal.link).filter_by(number=noted[-1].number))
    if link != noted[-1].link:
        text = f"seal {noted[-1].number} is not the one of the checkpoint"
        alarms.tell(databases, AlarmKind.SEAL_BROKEN, clock.now().date().isoformat(), text)
        raise Conflict("Seal %(number)s of the logs is missing or another one: an older copy of the database was put "
                       "in its place, or somebody cut the log. Run `biobank audit verify`; after a restore that was "
                       "meant, `biobank audit resume`.", code="behind", number=noted[-1].number)  # fmt: skip


def _high(tx: Tx, table: Table) -> UUID:
    query = sa.select(AuditSeal.high).filter_by(table_name=table.name).order_by(AuditSeal.high.desc()).limit(1)
    return tx.session.scalar(query) or _EPOCH_START


def _cells(tx: Tx, table: Table, condition: sa.ColumnElement[bool], limit: int) -> list[Cells]:
    query = select_cells(table, table.columns, tx.session.get_bind().dialect.name).where(condition)
    return fetch(tx.session, query.limit(limit))


def _waiting(databases: Databases) -> list[Table]:
    """The tables in which something waits to be sealed, found without keeping any writer waiting."""
    with databases.transaction(SYSTEM, read_only=True) as tx:
        return [table for table in sealed_tables() if _waits(tx, table, _high(tx, table))]


def _waits(tx: Tx, table: Table, high: UUID) -> bool:
    """Asked of every table every few seconds: of keys alone, not of whole rows."""
    if table.is_rising and tx.session.scalar(sa.select(table.key).where(_beyond(table, high)).limit(1)) is not None:
        return True
    return bool(_missing(tx, table, high))


def _beyond(table: Table, high: UUID) -> sa.ColumnElement[bool]:
    # A key from the future would hide all that come before it.
    return sa.and_(table.key > high, table.key < time_ordered(clock.now() + SETTLED))


def _fresh(tx: Tx, table: Table, limit: int) -> list[Cells]:
    """Rows beyond the last sealed one, in the order of their keys."""
    return _cells(tx, table, _beyond(table, _high(tx, table)), limit) if table.is_rising else []


def _missing(tx: Tx, table: Table, high: UUID) -> list[UUID]:
    """Keys of rows whose transaction ended after those with higher keys were sealed."""
    floor = time_ordered(_moment(high) - SETTLED) if table.is_rising else _EPOCH_START
    within = sa.and_(table.key >= floor, table.key <= high) if table.is_rising else sa.true()
    there = tx.session.scalars(sa.select(table.key).where(within).order_by(table.key)).all()
    sealed = _sealed_keys(tx, table, floor) if there else set()
    return [key for key in there if key.bytes not in sealed][:_AT_ONCE]


def _seal_fresh(tx: Tx, table: Table, signer: Signer) -> Seal | None:
    last = _last(tx)
    rows = _fresh(tx, table, BATCH)
    return _add(tx, signer, last, table, rows) if rows else None


def _seal_late(tx: Tx, table: Table, signer: Signer) -> Seal | None:
    last = _last(tx)
    missing = _missing(tx, table, _high(tx, table))
    return _add(tx, signer, last, table, _cells(tx, table, table.key.in_(missing), _AT_ONCE)) if missing else None


def _moment(key: UUID) -> datetime:
    return datetime.fromtimestamp(max(key.int >> 80, 86_400_000) / 1000, tz=clock.now().tzinfo)


def _sealed_keys(tx: Tx, table: Table, floor: UUID) -> set[bytes]:
    query = sa.select(AuditSeal.members).where(AuditSeal.table_name == table.name, AuditSeal.high >= floor)
    return {key for members in tx.session.scalars(query) for key in keys_in(members)}


def _add(tx: Tx, signer: Signer, last: Last, table: Table, rows: Sequence[Cells]) -> Seal:
    members, digest = members_of(rows)
    body = {"table": table.name, "columns": ",".join(table.columns), "count": len(rows), "low": str(rows[0][0]),
            "high": str(rows[-1][0]), "members": members, "digest": digest, "note": ""}  # fmt: skip
    return _append(tx, signer, last, body, last.epoch)


def _append(tx: Tx, signer: Signer, last: Last, body: dict[str, Any], epoch: int) -> Seal:
    seal = signer.signed(
        Seal(number=last.number + 1, epoch=epoch, at=_text(clock.now()), previous=last.link, key="", **body)
    )
    values = {name: getattr(seal, name) for name in ("number", "epoch", "columns", "count", "members", "digest",
                                                     "note", "previous", "key", "link", "signature")}  # fmt: skip
    tx.session.add(AuditSeal(at=datetime.fromisoformat(seal.at), table_name=seal.table, low=UUID(seal.low),
                             high=UUID(seal.high), **values))  # fmt: skip
    tx.session.flush()
    return seal


def resume(databases: Databases, reason: str) -> Seal:
    """After a restore that was meant: begin a new epoch, saying in the chain itself what was lost and why."""
    signer = signer_of(databases)
    noted = checkpoint.read(place(databases), signer.public)

    def begin(tx: Tx) -> Seal:
        last = _last(tx)
        epoch = max([last.epoch, *(one.epoch for one in noted)]) + 1
        lost = f" (the checkpoint stood at seal {noted[-1].number})" if noted else ""
        zero = _EPOCH_START.hex
        body = {"table": "", "columns": "", "count": 0, "low": zero, "high": zero, "members": b"",
                "digest": members_of([])[1], "note": f"{reason[:200]}{lost}"}  # fmt: skip
        return _append(tx, signer, last, body, epoch)

    seal = run_tx(databases, begin, SYSTEM)
    checkpoint.write(place(databases), seal, signer)
    return seal


def watch(databases: Databases) -> int:
    """Seal, and tell the auditor when rows had waited for more than a minute: nobody had sealed meanwhile."""
    waited = oldest_unsealed(databases)
    sealed = seal_all(databases)
    if waited and clock.now() - waited > LATE:
        stretch = clock.now().strftime("%Y-%m-%d %Hh")
        alarms.tell(databases, AlarmKind.SEAL_LATE, stretch, f"rows waited since {waited:%Y-%m-%d %H:%M:%S} UTC")
    return sealed


def oldest_unsealed(databases: Databases) -> datetime | None:
    """When the oldest row was written that no seal covers yet; None while nothing was ever sealed or all is."""
    oldest = []
    with databases.transaction(SYSTEM, read_only=True) as tx:
        if tx.session.scalar(sa.select(AuditSeal.number).limit(1)) is None:
            return None
        for table in sealed_tables():
            if table.is_rising:
                query = sa.select(table.key).where(table.key > _high(tx, table)).order_by(table.key).limit(1)
                found = tx.session.scalar(query)
                oldest += [_moment(found)] if found else []
    return min(oldest, default=None)
