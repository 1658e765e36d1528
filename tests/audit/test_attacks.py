"""Eleven ways to falsify the log of who looked, by somebody who owns the database; each is found and named."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank.access.models import Look
from biobank.audit import sealing, verifying
from biobank.audit.chain import Seal, Signer, members_of
from biobank.audit.judging import Flaw
from biobank.audit.models import AuditAlarm, AuditSeal
from biobank.audit.rows import fetch, sealed_tables, select_cells
from biobank.columns import new_id
from biobank.db import Databases
from biobank.errors import Conflict
from tests.audit.factories import change, disarm, look

STRANGER = Signer.of(b"\x07" * 32)
Attack = Callable[[Databases, list[UUID]], None]
_SEALS: Any = AuditSeal.__table__
_LOOKS: Any = Look.__table__


def _seals(databases: Databases) -> list[Seal]:
    with databases.transaction(read_only=True) as tx:
        return list(verifying.seals_of(tx))


def _rewrite(databases: Databases, seal: Seal, **values: Any) -> None:
    change(databases, sa.update(_SEALS).where(_SEALS.c.number == seal.number).values(**values))


def _edit(databases: Databases, keys: list[UUID]) -> None:
    change(databases, sa.update(_LOOKS).where(_LOOKS.c.id == keys[4]).values(actor_name="Somebody Else"))


def _delete(databases: Databases, keys: list[UUID]) -> None:
    change(databases, sa.delete(_LOOKS).where(_LOOKS.c.id == keys[4]))


def _cut(databases: Databases, keys: list[UUID]) -> None:
    change(databases, sa.delete(_SEALS).where(_SEALS.c.number == 3), sa.delete(_LOOKS).where(_LOOKS.c.id > keys[5]))


def _reorder(databases: Databases, _keys: list[UUID]) -> None:
    table, (_, second, third) = _SEALS, _seals(databases)
    for seal, number in ((second, 99), (third, 2), (second, 3)):
        change(databases, sa.update(table).where(table.c.link == seal.link).values(number=number))


def _fork(databases: Databases, keys: list[UUID]) -> None:
    """With the service's own key: the last batch is told anew, without one look."""
    signer, third = sealing.signer_of(databases), _seals(databases)[2]
    change(databases, sa.delete(_LOOKS).where(_LOOKS.c.id == keys[7]))
    (table,) = [one for one in sealed_tables() if one.name == "look"]
    with databases.transaction(read_only=True) as tx:
        query = select_cells(table, table.columns, databases.study.engine.dialect.name)
        rows = fetch(tx.session, query.where(table.key > keys[5]))
    members, digest = members_of(rows)
    told = signer.signed(replace(third, count=len(rows), members=members, digest=digest))
    _rewrite(databases, third, count=told.count, members=members, digest=digest, link=told.link,
             signature=told.signature)  # fmt: skip


def _replay(databases: Databases, _keys: list[UUID]) -> None:
    """An old batch once more at the end, well signed."""
    signer, (first, _, last) = sealing.signer_of(databases), _seals(databases)
    again = signer.signed(replace(first, number=4, previous=last.link))
    with databases.transaction() as tx:
        tx.session.add(AuditSeal(**{column.name: getattr(again, {"table_name": "table"}.get(column.name, column.name))
                                    for column in _SEALS.columns} |
                                 {"at": _at(databases), "low": UUID(again.low), "high": UUID(again.high)}))  # fmt: skip


def _at(databases: Databases) -> Any:
    with databases.transaction(read_only=True) as tx:
        return tx.session.scalar(sa.select(AuditSeal.at).filter_by(number=1))


def _swap(databases: Databases, keys: list[UUID]) -> None:
    """Two looks change places: each under the other's key."""
    spare = new_id()
    for old, new in ((keys[4], spare), (keys[7], keys[4]), (spare, keys[7])):
        change(databases, sa.update(_LOOKS).where(_LOOKS.c.id == old).values(id=new))


def _wrong_key(databases: Databases, _keys: list[UUID]) -> None:
    third = _seals(databases)[2]
    other = STRANGER.signed(third)
    _rewrite(databases, third, key=other.key, link=other.link, signature=other.signature)


def _forged(databases: Databases, _keys: list[UUID]) -> None:
    _rewrite(databases, _seals(databases)[1], signature=bytes(64))


def _moved(databases: Databases, _keys: list[UUID]) -> None:
    first, second, _ = _seals(databases)
    _rewrite(databases, second, signature=first.signature)


def _added(databases: Databases, keys: list[UUID]) -> None:
    """A look that never was, dated back between two others."""
    with databases.transaction(read_only=True) as tx:
        row = dict(tx.session.execute(sa.select(_LOOKS).where(_LOOKS.c.id == keys[4])).mappings().one())
    change(databases, sa.insert(_LOOKS).values(row | {"id": UUID(int=keys[4].int - 1)}))


# The attack, what is found first, in which seal, and at which row of the log.
ATTACKS: list[tuple[Attack, Flaw, int, int | None]] = [
    (_edit, Flaw.ROW_CHANGED, 2, 4),
    (_delete, Flaw.ROW_MISSING, 2, 4),
    (_cut, Flaw.BEHIND, 3, None),
    (_reorder, Flaw.SEAL_MOVED, 2, None),
    (_fork, Flaw.FORKED, 3, None),
    (_replay, Flaw.ROW_TWICE, 4, 9),
    (_swap, Flaw.ROW_CHANGED, 2, 4),
    (_wrong_key, Flaw.SIGNATURE, 3, None),
    (_forged, Flaw.SIGNATURE, 2, None),
    (_moved, Flaw.SIGNATURE, 2, None),
]


@pytest.fixture
def keys(databases: Databases) -> list[UUID]:
    """Nine looks in three seals, and the guards taken away."""
    for _ in range(3):
        look(databases, 3)
        sealing.seal_all(databases)
    disarm(databases, "look", "audit_seal")
    with databases.transaction(read_only=True) as tx:
        return list(tx.session.scalars(sa.select(Look.id).order_by(Look.id)))


def test_nine_looks_in_three_seals_are_whole(databases: Databases, keys: list[UUID]) -> None:
    report = verifying.verify(databases)
    assert (report.is_whole, report.seals, report.rows) == (True, 3, len(keys))


def _kept(databases: Databases) -> dict[Any, list[dict[str, Any]]]:
    with databases.study.engine.connect() as connection:
        return {table: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
                for table in (_LOOKS, _SEALS)}  # fmt: skip


def _as_it_was(databases: Databases, kept: dict[Any, list[dict[str, Any]]]) -> None:
    for table, rows in kept.items():
        change(databases, sa.delete(table), sa.insert(table).values(rows))


def test_each_way_to_falsify_a_log_is_found_and_the_first_place_named(databases: Databases, keys: list[UUID]) -> None:
    kept, found = _kept(databases), {}
    for attack, *_ in ATTACKS:
        attack(databases, keys)
        first = verifying.verify(databases).findings[0]
        found[attack.__name__] = (first.flaw, first.seal, first.index)
        _as_it_was(databases, kept)
    assert found == {attack.__name__: tuple(place) for attack, *place in ATTACKS}


def test_a_look_dated_back_is_found(databases: Databases, keys: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    _added(databases, keys)
    # As if ten minutes had passed: no transaction is still under way.
    monkeypatch.setattr(verifying, "SETTLED", -sealing.SETTLED)
    (found,) = verifying.verify(databases).findings
    assert (found.flaw, found.row) == (Flaw.ROW_ADDED, str(UUID(int=keys[4].int - 1)))


def test_an_older_copy_in_its_place_is_found_and_not_sealed_on(databases: Databases, keys: list[UUID]) -> None:
    _cut(databases, keys)
    look(databases, 2)
    with pytest.raises(Conflict, match="Seal 3"):
        sealing.seal_all(databases)
    assert verifying.verify(databases).findings[0].flaw is Flaw.BEHIND


def test_a_copy_of_the_checkpoint_finds_what_was_cut_together_with_our_own(
    databases: Databases, keys: list[UUID], tmp_path: Path
) -> None:
    kept = shutil.copy(sealing.place(databases), tmp_path / "kept")
    sealing.place(databases).unlink()
    _cut(databases, keys)
    assert verifying.verify(databases).is_whole
    assert verifying.verify(databases, Path(kept)).findings[0].flaw is Flaw.BEHIND


def test_a_line_added_to_the_checkpoint_is_refused(databases: Databases, keys: list[UUID]) -> None:
    place = sealing.place(databases)
    place.write_text(place.read_text().replace('"number": 3', '"number": 2'))
    with pytest.raises(Conflict, match="Line 1"):
        verifying.verify(databases)


def test_what_is_found_is_told_to_the_auditor(databases: Databases, keys: list[UUID]) -> None:
    _edit(databases, keys)
    verifying.verify(databases)
    verifying.verify(databases)
    with databases.transaction(read_only=True) as tx:
        (alarm,) = tx.session.scalars(sa.select(AuditAlarm))
        assert "look row 4" in alarm.detail
