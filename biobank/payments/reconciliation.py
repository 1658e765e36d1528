"""Statement lines against our payments: confirmed by whole reference and exact amount, or shown to a person."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.payments import ledger, matching, states, strays
from biobank.payments.figures import is_matched
from biobank.payments.models import (
    Disbursement,
    ExceptionKind,
    MatchState,
    Period,
    PeriodState,
    ReconMatch,
    State,
    StatementFile,
    StatementLine,
    Transfer,
    TransferKind,
)
from biobank.payments.questions import open_exception
from biobank.payments.statements import StatementLine as PlainLine
from biobank.payments.states import Step

DIFFERS = Phrase("The line differs by %(cents)s cents.")
UNCLEAR = Phrase("%(reference)s does not stand for one payment on one line.")
TOLD = Phrase("On the statement of %(day)s.")
TAKEN_BACK = Phrase("Match taken back: %(reason)s")


def match(tx: Tx, file_id: UUID) -> dict[str, int]:
    """Match the open lines of one statement with our open payments; answers how many of each outcome."""
    file = tx.session.get(StatementFile, file_id)
    if file is None:
        raise NotFound("There is no such statement. Import it first.")
    ledger.lock(tx, file.account)
    return _match_lines(tx, _open_lines(tx, StatementLine.file_id == file_id), file.account)


def match_all(tx: Tx) -> dict[str, int]:
    """Match every open line of every account."""
    counts: Counter[str] = Counter(
        confirmed=0, suggested=0, ambiguous=0, exceptions=0, unmatched_lines=0, unmatched_transfers=0
    )
    for account in tx.session.scalars(sa.select(StatementFile.account).distinct()).all():
        ledger.lock(tx, account)
        counts.update(_match_lines(tx, _open_lines(tx, StatementLine.account == account), account))
    return dict(counts)


def _open_lines(tx: Tx, condition: sa.ColumnElement[bool]) -> Sequence[StatementLine]:
    query = sa.select(StatementLine).where(condition, ~is_matched(StatementLine.id), ~_is_shut())
    return tx.session.scalars(query.order_by(StatementLine.id)).all()


def _is_shut() -> sa.Exists:
    """Whether the line's month takes nothing more."""
    is_in = StatementLine.booked_on.between(Period.opens_on, Period.closes_on)
    return sa.exists().where(Period.state != PeriodState.OPEN, is_in)


def _open_transfers(tx: Tx, account: str) -> dict[str, tuple[Transfer, matching.Transfer]]:
    """Payments from this account that no line is matched with, by key, as the matching wants them."""
    query = (
        sa.select(Transfer, Disbursement.external_id)
        .join(Disbursement, Disbursement.id == Transfer.disbursement_id)
        .where(Transfer.credit == account, Transfer.kind == TransferKind.PAYMENT, Disbursement.state == State.SENT)
    )
    return {
        str(row.id): (row, matching.Transfer(str(row.id), reference, -row.amount_cents, row.posted_on))
        for row, reference in tx.session.execute(query)
    }


def _match_lines(tx: Tx, lines: Sequence[StatementLine], account: str) -> dict[str, int]:
    kept = {line.line_key: line for line in lines}
    transfers = _open_transfers(tx, account)
    _forget_suggestions(tx, lines)
    odd = strays.find(tx, lines, {item.reference for _, item in transfers.values()})
    plain = [_plain(line) for line in lines if line.id not in odd]
    found = matching.match(plain, [item for _, item in transfers.values()])
    for pair in found.confirmed:
        _confirm(tx, kept[pair.line.line_key], transfers[pair.transfer.key][0], pair)
    for pair in found.suggested:
        line, transfer = kept[pair.line.line_key], transfers[pair.transfer.key][0]
        _write(tx, line, transfer, pair, MatchState.SUGGESTED)
    for wrong in found.exceptions:
        line, transfer = kept[wrong.line.line_key], transfers[wrong.transfer.key][0]
        open_exception(tx, ExceptionKind.AMOUNT_DIFF, DIFFERS % {"cents": wrong.difference_cents},
                       line_id=line.id, transfer_id=transfer.id)  # fmt: skip
    unclear = {line.line_key: group.reference for group in found.ambiguous for line in group.lines}
    for key, reference in unclear.items():
        open_exception(tx, ExceptionKind.AMBIGUOUS, UNCLEAR % {"reference": reference},
                       line_id=kept[key].id)  # fmt: skip
    return {
        "confirmed": len(found.confirmed),
        "suggested": len(found.suggested),
        "ambiguous": len(unclear),
        "exceptions": len(found.exceptions) + strays.ask(tx, odd),
        "unmatched_lines": len(lines) - len(found.confirmed),
        "unmatched_transfers": len(transfers) - len(found.confirmed),
    }


def _plain(line: StatementLine) -> PlainLine:
    return PlainLine(line.line_key, line.booked_on, line.text, line.reference, line.amount_cents, line.occurrence)


def _forget_suggestions(tx: Tx, lines: Sequence[StatementLine]) -> None:
    """Suggestions are thoughts, not history: each round makes its own."""
    suggested = set(tx.session.scalars(sa.select(ReconMatch.line_id).filter_by(state=MatchState.SUGGESTED)))
    for line_id in suggested.intersection(line.id for line in lines):
        tx.session.execute(sa.delete(ReconMatch).filter_by(line_id=line_id, state=MatchState.SUGGESTED))


def _write(tx: Tx, line: StatementLine, transfer: Transfer, pair: matching.Match, state: MatchState) -> None:
    tx.session.execute(
        sa.insert(ReconMatch).values(line_id=line.id, transfer_id=transfer.id, state=state, rule=pair.rule,
                                     why=pair.why, at=clock.now(), by=tx.actor.name)
    )  # fmt: skip


def _confirm(tx: Tx, line: StatementLine, transfer: Transfer, pair: matching.Match) -> None:
    _write(tx, line, transfer, pair, MatchState.CONFIRMED)
    _settle(tx, line, transfer)


def _settle(tx: Tx, line: StatementLine, transfer: Transfer) -> None:
    if line.amount_cents != -transfer.amount_cents or transfer.credit != ledger.PROVIDER:
        raise Invalid("Line and payment differ in their amounts. They cannot be matched.", code="amounts-differ")
    if transfer.disbursement_id is None:
        return
    step = Step(disbursement_id=transfer.disbursement_id, came_from=State.SENT, to=State.SETTLED,
                note=TOLD % {"day": line.booked_on}, changes={"settled_at": clock.now()})  # fmt: skip
    if not states.move(tx, step):
        raise Conflict("This payment was settled by somebody else in the meantime. Match again.")


def confirm_suggestion(tx: Tx, match_id: UUID) -> ReconMatch:
    """A person says that a suggested line and payment are the same money."""
    found = _match_of(tx, match_id)
    if found.state is not MatchState.SUGGESTED:
        raise Conflict("This is no open suggestion any more. Match again.")
    ledger.require_open(tx, found.line.booked_on)
    found.state, found.at, found.by = MatchState.CONFIRMED, clock.now(), tx.actor.name
    tx.session.flush()
    _settle(tx, found.line, found.transfer)
    return found


def undo_match(tx: Tx, match_id: UUID, reason: str) -> ReconMatch:
    """Take a match back, with the reason; line and payment are open again."""
    if len(reason.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    found = _match_of(tx, match_id)
    if found.state is not MatchState.CONFIRMED:
        raise Conflict("This match was taken back already.")
    ledger.require_open(tx, found.line.booked_on)
    found.state, found.why = MatchState.UNDONE, reason.strip()[:300]
    found.at, found.by = clock.now(), tx.actor.name
    if found.transfer.disbursement_id is None:
        return found
    step = Step(disbursement_id=found.transfer.disbursement_id, came_from=State.SETTLED, to=State.SENT,
                note=TAKEN_BACK % {"reason": reason.strip()}, changes={"settled_at": None})  # fmt: skip
    if not states.move(tx, step):
        raise Conflict("This payment is not settled any more. Look at it again.")
    tx.session.flush()
    return found


def _match_of(tx: Tx, match_id: UUID) -> ReconMatch:
    ledger.lock(tx, ledger.PROVIDER)
    found = tx.session.get(ReconMatch, match_id, populate_existing=True)
    if found is None:
        raise NotFound("There is no such match. Match the statement again.")
    return found
