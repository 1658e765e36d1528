"""Statements on their way in: kept whole or refused whole, the same file once, the same line once."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Invalid, Phrase
from biobank.payments import ledger, statements
from biobank.payments.models import ExceptionKind, StatementFile, StatementLine
from biobank.payments.questions import open_exception
from biobank.payments.statements import Statement
from biobank.payments.statements import StatementLine as Line

# Fewer than SQLite's 32,766 values in a statement, at nine a line.
BATCH = 2000
GAP = Phrase("It opens on %(opened)s with another balance than the statement closed on %(closed)s.")


def import_statement(tx: Tx, content: bytes) -> StatementFile:
    """Keep a statement. The same bytes again answer the file kept before; one that does not add up is refused."""
    sha256 = hashlib.sha256(content).hexdigest()
    query = sa.select(StatementFile).filter_by(sha256=sha256)
    kept = tx.session.scalar(query)
    if kept is not None:
        return kept
    try:
        read = statements.read_csv(content)
    except statements.StatementRefused as refusal:
        raise Invalid.of(refusal, code="statement-refused") from refusal
    ledger.ensure_accounts(tx)
    ledger.lock(tx, read.account)
    before = _last(tx, read.account)
    is_new = insert_ignore(
        tx.session, StatementFile, id=new_id(), sha256=sha256, account=read.account, opened_on=read.opened_on,
        closed_on=read.closed_on, opening_cents=read.opening_cents, closing_cents=read.closing_cents,
        line_count=len(read.lines), new_count=0, imported_at=clock.now(), imported_by=tx.actor.name,
    )  # fmt: skip
    file = tx.session.scalars(query).one()
    if is_new:
        file.new_count = _keep_lines(tx, file, read, before)
        tx.session.flush()
        _ask_about_gap(tx, file, before)
    return file


def _last(tx: Tx, account: str) -> StatementFile | None:
    query = sa.select(StatementFile).filter_by(account=account)
    return tx.session.scalar(query.order_by(StatementFile.closed_on.desc(), StatementFile.id.desc()).limit(1))


def _keep_lines(tx: Tx, file: StatementFile, read: Statement, before: StatementFile | None) -> int:
    """Add the lines that no earlier file brought; answers how many."""
    known = set(tx.session.scalars(sa.select(StatementLine.line_key).filter_by(account=read.account)))
    if before is not None and _goes_on(file, before):
        lines = list(_all_new(read, known))
    else:
        lines = [(number, line) for number, line in enumerate(read.lines, start=1) if line.line_key not in known]
    rows = [
        {
            "file_id": file.id, "account": read.account, "line_key": line.line_key, "number": number,
            "booked_on": line.booked_on, "text": line.text, "reference": line.reference,
            "amount_cents": line.amount_cents, "occurrence": line.occurrence,
        }
        for number, line in lines
    ]  # fmt: skip
    for start in range(0, len(rows), BATCH):
        tx.session.execute(sa.insert(StatementLine), rows[start : start + BATCH])
    return len(rows)


def _goes_on(file: StatementFile, before: StatementFile) -> bool:
    """Whether a statement begins where the last one ended, and so repeats nothing of it."""
    return file.opening_cents == before.closing_cents != before.opening_cents


def _all_new(read: Statement, known: set[str]) -> Iterator[tuple[int, Line]]:
    """Every line, counted on from the same movement in earlier files: it is charged again, not told again."""
    for number, line in enumerate(read.lines, start=1):
        occurrence, key = line.occurrence, line.line_key
        while key in known:
            occurrence += 1
            key = statements.key_at(line, read.account, occurrence)
        known.add(key)
        yield number, replace(line, line_key=key, occurrence=occurrence)


def _ask_about_gap(tx: Tx, file: StatementFile, before: StatementFile | None) -> None:
    """Between two statements nothing may be missing: the next begins where the last ended, or covers it again."""
    if before is None or file.opening_cents in (before.closing_cents, before.opening_cents):
        return
    note = GAP % {"opened": file.opened_on, "closed": before.closed_on}
    open_exception(tx, ExceptionKind.STATEMENT_GAP, note, file_id=file.id)
