"""Lines that name one payment and nothing else, confirmed by the database itself, thousands at once.

`matching.match` is the law: what is taken here is what it would confirm, and whatever is not as plain as that is left
to it. A line taken is named by no other line and its payment by no other entry, so that nothing else changes by it.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.columns import fresh_id, the_one
from biobank.db import Tx
from biobank.payments import settling
from biobank.payments.book_facts import is_confirmed
from biobank.payments.matching import EXACT, MatchRule
from biobank.payments.models import (
    Disbursement,
    MatchState,
    ReconMatch,
    State,
    StatementLine,
    Transfer,
    TransferKind,
)
from biobank.payments.open_items import PAYING, open_days, other_entries
from biobank.payments.references import REFERENCE, TOKEN, named_in
from biobank.payments.settling import TOLD

# Beyond these the question which lines are plain takes longer than to look at each of them.
MOST_OTHERS, MOST_MIXED = 100, 2000
# PostgreSQL ends a statement after ten seconds.
CHUNK = 20_000

PAIR = sa.Table(
    "sure_pair",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("line_id", sa.Uuid),
    sa.Column("transfer_id", sa.Uuid),
    sa.Column("disbursement_id", sa.Uuid),
    sa.Column("reference", sa.String(100)),
    sa.Column("booked_on", sa.Date),
    sa.Column("is_sent", sa.Boolean),
    prefixes=["TEMPORARY"],
)


def confirm(tx: Tx, account: str) -> int:
    """Confirm and settle the plain pairs of an account; answers how many. It is locked by the caller."""
    query = query_of(tx, account)
    if query is None:
        return 0
    connection = tx.session.connection()
    PAIR.create(connection)
    try:
        connection.execute(sa.insert(PAIR).from_select(PAIR.columns.keys()[1:], query))
        number = int(tx.session.scalar(sa.select(sa.func.count()).select_from(PAIR)) or 0)
        for start in range(0, number, CHUNK):
            _keep(tx, PAIR.c.number.between(start + 1, start + CHUNK))
    finally:
        # What is refused meanwhile is rolled back, and this table with it.
        if connection.in_transaction() and tx.session.is_active:
            PAIR.drop(connection)
    return number


def query_of(tx: Tx, account: str) -> sa.Select[Any] | None:
    """The plain pairs of line and entry; None where the lines are better looked at one by one."""
    others = other_entries(tx, account)
    mixed = _mixed(tx, account)
    if mixed is None or len(others) > MOST_OTHERS:
        return None
    line, entry = StatementLine, Transfer
    is_plain = sa.and_(
        entry.kind.in_(PAYING), entry.credit == account, entry.amount_cents == -line.amount_cents,
        entry.disbursement_id == Disbursement.id, *_of_none(others, mixed),
    )  # fmt: skip
    columns: list[Any] = [the_one(line.id), the_one(entry.id), the_one(Disbursement.id), line.named,
                          the_one(line.booked_on), the_one(Disbursement.state == State.SENT)]  # fmt: skip
    query = (
        sa.select(*columns)
        .join(entry, entry.reference == line.named)
        .join(Disbursement, Disbursement.external_id == line.named)
        .where(line.account == account, line.mentions == 1, ~is_confirmed(ReconMatch.line_id, line.id),
               # Fees are matched by the provider's order, after everything else.
               entry.kind != TransferKind.FEE, ~is_confirmed(ReconMatch.transfer_id, entry.id),
               Disbursement.state.in_((State.SENT, State.RETURNED)), Disbursement.provider_ref != "")
        # One row of a reference: one open line names it and one open entry has it. All three tables are read in the
        # order of their indexes, so that a million lines are a walk. What makes a pair no plain one stands behind the
        # counting, because a line that is not plain names its payment all the same.
        .group_by(line.named)
        .having(sa.func.count() == 1, the_one(is_plain))
    )  # fmt: skip
    days = open_days(tx, line.booked_on)
    return query if days is None else query.where(days)


def _mixed(tx: Tx, account: str) -> frozenset[str] | None:
    """The references on lines that name several, which are never plain; None when there are very many such lines."""
    query = sa.select(StatementLine.text, StatementLine.reference).where(
        StatementLine.account == account, StatementLine.mentions > 1
    )
    query = query.where(~is_confirmed(ReconMatch.line_id, StatementLine.id)).limit(MOST_MIXED + 1)
    found = tx.session.execute(query).all()
    if len(found) > MOST_MIXED:
        return None
    return frozenset(reference for text, words in found for reference in named_in(text, words))


def _of_none(others: frozenset[str], mixed: frozenset[str]) -> Iterator[sa.ColumnElement[bool]]:
    """That a line carries no word by which another entry is called, and shares its reference with no mixed line."""
    words = {word.casefold() for word in others}
    payments = {word.upper() for word in words if REFERENCE.fullmatch(word.upper())} | mixed
    if payments:
        yield StatementLine.named.not_in(sorted(payments))
    for word in sorted(words):
        if TOKEN.fullmatch(word) and not REFERENCE.fullmatch(word.upper()):
            for column in (StatementLine.text, StatementLine.reference):
                yield ~sa.func.lower(column).contains(word, autoescape=True)


def _keep(tx: Tx, chunk: sa.ColumnElement[bool]) -> None:
    now = clock.now()
    before, after = (EXACT % {"reference": "\0"}).split("\0")
    why = sa.literal(before).concat(PAIR.c.reference).concat(after)
    kept = {
        "id": fresh_id(), "line_id": PAIR.c.line_id, "transfer_id": PAIR.c.transfer_id,
        "state": _said(ReconMatch.state, MatchState.CONFIRMED), "rule": _said(ReconMatch.rule, MatchRule.REFERENCE),
        "why": why, "line_part": sa.literal(1), "transfer_part": sa.literal(1), "at": _said(ReconMatch.at, now),
        "by": _said(ReconMatch.by, tx.actor.name),
    }  # fmt: skip
    tx.session.execute(sa.insert(ReconMatch).from_select(list(kept), sa.select(*kept.values()).where(chunk)))
    before, after = (TOLD % {"day": "\0"}).split("\0")
    told = sa.literal(before).concat(sa.cast(PAIR.c.booked_on, sa.String)).concat(after)
    settling.settle_from(tx, sa.select(PAIR.c.disbursement_id, told.label("note")).where(chunk, PAIR.c.is_sent))


def _said(column: Any, value: Any) -> sa.ColumnElement[Any]:
    return sa.literal(value, column.type)
