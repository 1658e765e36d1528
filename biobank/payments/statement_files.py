"""Statements on their way in: kept whole or refused whole, the same file once, the same line once, no gap."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Invalid
from biobank.payments import formats, layouts, ledger, statements
from biobank.payments.formats import csvmap
from biobank.payments.models import StatementFile, StatementForm, StatementLine
from biobank.payments.references import named_in
from biobank.payments.statements import Statement
from biobank.payments.statements import StatementLine as Line

# Fewer than SQLite's 32,766 values in a statement, at ten a line.
BATCH = 2000
ACCOUNTS = (ledger.PROVIDER, ledger.BANK, ledger.ACH)
NewLines = Sequence[tuple[int, Line]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a file is said to be: its form, the account it tells of, and for a bank's CSV the saved layout.

    `form` None: recognised by how the file begins. Balances are for layouts without a balance column.
    """

    form: StatementForm | None = StatementForm.CSV
    account: str = ledger.PROVIDER
    layout_id: UUID | None = None
    balances: csvmap.Balances = csvmap.Balances()


def import_statement(tx: Tx, content: bytes, source: Source = Source()) -> StatementFile:
    """Keep a statement. The same bytes again answer the file kept before.

    Refused whole: a file that does not add up, that leaves a gap after the last statement of its account, that is of
    another bank account, or that brings a line into a month that is locked or closed.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    query = sa.select(StatementFile).filter_by(sha256=sha256)
    kept = tx.session.scalar(query)
    if kept is not None:
        return kept
    form, read = _read(tx, content, source)
    ledger.ensure_accounts(tx)
    ledger.lock(tx, read.account)
    before = _last(tx, read.account)
    read, lines = _joined(tx, form, read, before)
    for day in sorted({line.booked_on.replace(day=1) for _, line in lines}):
        ledger.require_open(tx, day)
    is_new = insert_ignore(
        tx.session, StatementFile, id=new_id(), sha256=sha256, account=read.account, form=form,
        bank_account=read.bank_account, opened_on=read.opened_on, closed_on=read.closed_on,
        opening_cents=read.opening_cents, closing_cents=read.closing_cents, line_count=len(read.lines),
        new_count=len(lines), imported_at=clock.now(), imported_by=tx.actor.name,
    )  # fmt: skip
    file = tx.session.scalars(query).one()
    if is_new:
        _keep_lines(tx, file, lines)
    return file


def preview(tx: Tx, content: bytes, source: Source) -> Statement:
    """The statement as it would be read, with nothing kept; raises Invalid."""
    return _read(tx, content, source)[1]


def _read(tx: Tx, content: bytes, source: Source) -> tuple[StatementForm, Statement]:
    form = StatementForm.MAPPED_CSV if source.layout_id else source.form or formats.recognise(content)
    account = ledger.ACH if form is StatementForm.ACH_RETURNS else source.account
    if account not in ACCOUNTS:
        raise Invalid("Statements are kept of the provider's balance and of the bank. Choose one of them.",
                      code="account-unknown")  # fmt: skip
    try:
        if source.layout_id:
            layout = csvmap.Layout.from_json(layouts.layout_of(tx, source.layout_id).columns)
            return form, csvmap.read(content, account, layout, source.balances)
        return form, formats.read(form, content, account)
    except statements.StatementRefused as refusal:
        raise Invalid.of(refusal, code="statement-refused") from refusal


def _last(tx: Tx, account: str) -> StatementFile | None:
    query = sa.select(StatementFile).filter_by(account=account)
    return tx.session.scalar(query.order_by(StatementFile.closed_on.desc(), StatementFile.id.desc()).limit(1))


def _joined(tx: Tx, form: StatementForm, read: Statement, before: StatementFile | None) -> tuple[Statement, NewLines]:
    """The statement behind the last one of its account, and its lines that no earlier file brought."""
    whole = list(enumerate(read.lines, start=1))
    if before is None:
        return read, whole
    if before.bank_account and read.bank_account and before.bank_account != read.bank_account:
        raise Invalid("This statement is of the bank account %(other)s, the last one was of %(ours)s. Choose the "
                      "account that it belongs to.", code="other-account", other=read.bank_account,
                      ours=before.bank_account)  # fmt: skip
    known = _known(tx, read)
    unseen = [(number, line) for number, line in whole if line.line_key not in known]
    if form is StatementForm.ACH_RETURNS:
        # Such a file has no balances: each goes on where the last one ended.
        total = before.closing_cents + sum(line.amount_cents for _, line in unseen)
        return replace(read, opening_cents=before.closing_cents, closing_cents=total), unseen
    goes_on = read.opening_cents == before.closing_cents != before.opening_cents
    is_all_known = not unseen and read.closed_on <= before.closed_on
    if not goes_on and (is_all_known or _leads_on(before, unseen, read)):
        return read, unseen
    _require_no_gap(read, before)
    return read, list(_all_new(read, known))


def _known(tx: Tx, read: Statement) -> set[str]:
    if not read.lines:
        return set()
    days = [line.booked_on for line in read.lines]
    query = sa.select(StatementLine.line_key).where(
        StatementLine.account == read.account, StatementLine.booked_on.between(min(days), max(days))
    )
    return set(tx.session.scalars(query))


def _leads_on(before: StatementFile, unseen: NewLines, read: Statement) -> bool:
    """Whether the last closing balance and what is new come to this closing balance: nothing missing, nothing twice."""
    return before.closing_cents + sum(line.amount_cents for _, line in unseen) == read.closing_cents


def _require_no_gap(read: Statement, before: StatementFile) -> None:
    if read.opening_cents == before.closing_cents and read.closed_on >= before.closed_on:
        return
    raise Invalid(
        "The last statement closed on %(closed)s with %(closing)s; this one opens on %(opened)s with %(opening)s. "
        "Something is missing between them: export the days from %(closed)s on, and import that first.",
        code="statement-gap", closed=before.closed_on, closing=statements.dollars(before.closing_cents),
        opened=read.opened_on, opening=statements.dollars(read.opening_cents),
    )  # fmt: skip


def _all_new(read: Statement, known: set[str]) -> Iterator[tuple[int, Line]]:
    """Every line, counted on from the same movement in earlier files: it is charged again, not told again."""
    for number, line in enumerate(read.lines, start=1):
        occurrence, key = line.occurrence, line.line_key
        while key in known:
            occurrence += 1
            key = statements.key_at(line, read.account, occurrence)
        known.add(key)
        yield number, replace(line, line_key=key, occurrence=occurrence)


def _keep_lines(tx: Tx, file: StatementFile, lines: NewLines) -> None:
    rows = [
        {
            "id": new_id(), "file_id": file.id, "account": file.account, "line_key": line.line_key, "number": number,
            "booked_on": line.booked_on, "text": line.text, "reference": line.reference,
            "amount_cents": line.amount_cents, "occurrence": line.occurrence, "return_code": line.return_code,
            **_mentioned(line),
        }
        for number, line in lines
    ]  # fmt: skip
    for start in range(0, len(rows), BATCH):
        tx.session.connection().execute(sa.insert(StatementLine), rows[start : start + BATCH])


def _mentioned(line: Line) -> dict[str, object]:
    """What `StatementLine` keeps of the payment references in a line."""
    found = named_in(line.text, line.reference)
    return {"mentions": len(found), "named": next(iter(found)) if len(found) == 1 else None}
