"""A month that is shut stays as it is, whoever writes to the database; a closed one shows it by its seal."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from biobank import clock
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.errors import Conflict
from biobank.payments import ledger, nightly, periods, seals, write_offs
from biobank.payments.ledger import Entry
from biobank.payments.models import (
    Period,
    PeriodPack,
    ReconMatch,
    StatementFile,
    StatementLine,
    Transfer,
    TransferKind,
)
from tests.payments.test_periods import NOVEMBER, _a_settled_month, _approve, _close, finance

__all__ = ["finance"]


def _raw_entry(tx: Tx) -> None:
    old = tx.session.scalars(sa.select(Transfer).limit(1)).one()
    tx.session.execute(sa.insert(Transfer).values(
        id=new_id(), uid="raw", kind=old.kind, debit=old.debit, credit=old.credit, amount_cents=1, source="raw",
        posted_on=date(2026, 11, 1), posted_at=clock.now()))  # fmt: skip


def _raw_line(tx: Tx) -> None:
    old = tx.session.scalars(sa.select(StatementLine).limit(1)).one()
    tx.session.execute(sa.insert(StatementLine).values(
        id=new_id(), file_id=old.file_id, account=old.account, line_key="raw", number=9, text="", reference="",
        booked_on=date(2026, 11, 30), amount_cents=1, occurrence=1))  # fmt: skip


def _raw_undo(tx: Tx) -> None:
    tx.session.execute(sa.update(ReconMatch).values(state="undone"))


@pytest.mark.parametrize("work", [_raw_entry, _raw_line, _raw_undo])
def test_the_database_itself_refuses_what_comes_into_a_locked_month(
    databases: Databases, finance: Callable[..., Any], work: Callable[[Tx], None]
) -> None:
    _a_settled_month(databases)
    finance(lambda tx: periods.lock(tx, NOVEMBER))
    with pytest.raises(sa.exc.DBAPIError, match="this month is locked"):
        finance(work)


def _raw_match(tx: Tx) -> None:
    old = tx.session.scalars(sa.select(ReconMatch).limit(1)).one()
    tx.session.execute(sa.insert(ReconMatch).values(
        id=new_id(), line_id=old.line_id, transfer_id=old.transfer_id, state="suggested", rule="by_hand", why="raw",
        at=clock.now(), by="raw"))  # fmt: skip


@pytest.mark.parametrize("work", [_raw_match])
def test_the_database_refuses_a_match_of_a_locked_month(
    databases: Databases, finance: Callable[..., Any], work: Callable[[Tx], None]
) -> None:
    _a_settled_month(databases)
    finance(lambda tx: periods.lock(tx, NOVEMBER))
    with pytest.raises(sa.exc.DBAPIError, match="this month is locked"):
        finance(work)


NEVER = [
    (sa.update(Transfer).values(amount_cents=1), "append-only"),
    (sa.delete(Transfer), "append-only"),
    (sa.update(StatementLine).values(amount_cents=1), "append-only"),
    (sa.delete(StatementFile), "append-only"),
    (sa.update(PeriodPack).values(sha256=""), "append-only"),
    (sa.delete(ReconMatch), "never removed"),
    (sa.delete(Period), "never removed|append-only"),
    (sa.update(Period).values(state="open", closes_on=date(2026, 11, 29)), "keeps its days"),
    (sa.update(Period).values(state="locked"), "keeps its days"),
]


@pytest.mark.parametrize(("statement", "refusal"), NEVER, ids=lambda item: str(item).replace("\n", " ")[:40])
def test_what_is_written_in_the_books_is_not_rewritten_even_by_hand(
    databases: Databases, finance: Callable[..., Any], statement: Any, refusal: str
) -> None:
    _a_settled_month(databases)
    _close(finance)
    with pytest.raises(sa.exc.DBAPIError, match=refusal):
        finance(lambda tx: tx.session.execute(statement))


def test_a_closed_month_is_sealed_and_its_seal_holds(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    _close(finance)
    found = finance(seals.verify)
    assert [(one.month, one.entries, one.wrong) for one in found] == [(NOVEMBER, 2, [])]
    kept = finance(lambda tx: periods.pack_of(tx, NOVEMBER).content["ledger"])
    assert (kept["sha256"], kept["before"]) == (found[0].sha256, seals.FIRST)


def _in_suspense(tx: Tx) -> UUID:
    """A payment that the provider charged twice, booked to suspense."""
    return ledger.add(tx, Entry(kind=TransferKind.SUSPENSE_OUT, amount_cents=2500, uid="twice", source="line:x"))


def test_money_in_suspense_is_written_off_by_two_people_once(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    key = finance(_in_suspense)
    finance(lambda tx: write_offs.ask(tx, key, "the provider denies it"))
    assert finance(lambda tx: ledger.balance(tx, ledger.SUSPENSE)) == 2500
    finance(_approve, person=1)
    assert finance(lambda tx: (ledger.balance(tx, ledger.SUSPENSE), ledger.balance(tx, ledger.LOSS))) == (0, 2500)
    with pytest.raises(Conflict, match="written off already"):
        finance(lambda tx: write_offs.ask(tx, key, "once more"))


def test_money_that_came_back_from_suspense_is_not_written_off(
    databases: Databases, finance: Callable[..., Any]
) -> None:
    _a_settled_month(databases)
    key = finance(_in_suspense)
    finance(
        lambda tx: ledger.add(tx, Entry(kind=TransferKind.SUSPENSE_IN, amount_cents=2500, uid="b", source="line:y"))
    )
    with pytest.raises(Conflict, match="cleared up"):
        finance(lambda tx: write_offs.ask(tx, key, "never mind"))


def _guards_of(tx: Tx, table: str) -> list[str]:
    if tx.session.get_bind().dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"
        return [f"DROP TRIGGER {name}" for name in tx.session.scalars(sa.text(query), {"t": table})]
    return [f"ALTER TABLE {table} DISABLE TRIGGER USER"]


def test_an_entry_changed_behind_the_guards_breaks_the_seal(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    _close(finance)
    with databases.transaction() as tx:
        for statement in _guards_of(tx, "transfer"):
            tx.session.execute(sa.text(statement))
        tx.session.execute(sa.update(Transfer).where(Transfer.kind == "payment").values(note="another story"))
    assert [one.wrong for one in finance(seals.verify)] == [["entries"]]
    assert [one.code for one in finance(nightly.check) if one.difference] == ["seals"]


ROWS = st.lists(st.tuples(st.text(max_size=5), st.integers(0, 9), st.none() | st.text(max_size=3)), max_size=6)


@given(ROWS, ROWS)
def test_other_rows_another_order_or_another_beginning_give_another_seal(one: Any, other: Any) -> None:
    assert (seals.chain("a", one) == seals.chain("a", other)) == (one == other)
    assert seals.chain("a", one) != seals.chain("b", one)
