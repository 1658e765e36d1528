"""Statement lines against our entries: confirmed by whole reference and exact amount, or shown to a person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import NotFound, Phrase
from biobank.payments import ledger, matching, open_items, settling, strays, sure_pairs
from biobank.payments.matching import Matches, MatchRule
from biobank.payments.models import (
    ExceptionKind,
    MatchState,
    ReconMatch,
    StatementFile,
    StatementLine,
    TransferKind,
)
from biobank.payments.open_items import OpenEntry
from biobank.payments.questions import open_exception
from biobank.payments.settling import TOLD
from biobank.payments.statements import StatementLine as PlainLine

DIFFERS = Phrase("The line differs by %(cents)s cents.")
UNCLEAR = Phrase("%(reference)s does not stand for one payment on one line.")
CAME_BACK = Phrase("The line brings back %(reference)s.")
BATCH = 2000
Lines = Mapping[UUID, PlainLine]


def match(tx: Tx, file_id: UUID) -> dict[str, int]:
    """Match the open lines of the account of a statement with our open entries; answers how many of each outcome.

    Not those of the one file alone: a line of another may name the same payment, and then none of them is sure.
    """
    file = tx.session.get(StatementFile, file_id)
    if file is None:
        raise NotFound("There is no such statement. Import it first.")
    ledger.lock(tx, file.account)
    return _match_lines(tx, file.account)


def match_all(tx: Tx) -> dict[str, int]:
    """Match every open line of every account."""
    counts: Counter[str] = Counter(
        confirmed=0, suggested=0, ambiguous=0, exceptions=0, unmatched_lines=0, unmatched_transfers=0
    )
    for account in tx.session.scalars(sa.select(StatementFile.account).distinct()).all():
        ledger.lock(tx, account)
        counts.update(_match_lines(tx, account))
    return dict(counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the rules say of the open lines and entries of an account; `keys` are the rows behind what they name."""

    lines: Lines
    entries: Sequence[OpenEntry]
    fees: Sequence[OpenEntry]
    odd: Mapping[UUID, strays.Stray]
    found: Matches
    keys: Mapping[str, UUID]


def judge(tx: Tx, account: str) -> Judged:
    """Ask the rules about every open line of an account; nothing is written."""
    lines, everything = open_items.lines(tx, account), open_items.entries(tx, account)
    fees = [entry for entry in everything if entry.kind is TransferKind.FEE and entry.order]
    later = {fee.id for fee in fees}
    entries = {str(entry.id): entry for entry in everything if entry.id not in later}
    odd = strays.find(tx, lines, {entry.reference for entry in entries.values()})
    plain = [line for line_id, line in lines.items() if line_id not in odd]
    keys = {line.line_key: line_id for line_id, line in lines.items()}
    keys |= {key: entry.id for key, entry in entries.items()}
    found = matching.match(plain, [entry.as_matched() for entry in entries.values()])
    return Judged(lines=lines, entries=everything, fees=fees, odd=odd, found=found, keys=keys)


def _match_lines(tx: Tx, account: str) -> dict[str, int]:
    _forget_suggestions(tx, account)
    plain_pairs = sure_pairs.confirm(tx, account)
    judged = judge(tx, account)
    rows = [*_rows(tx, judged.found, judged.keys), *_fees(tx, judged.found, judged.fees, judged.keys)]
    _keep(tx, rows, judged.lines, {entry.id: entry for entry in judged.entries})
    confirmed = sum(row["state"] is MatchState.CONFIRMED and row["line_part"] == 1 for row in rows)
    return {
        "confirmed": plain_pairs + confirmed,
        "suggested": len(judged.found.suggested),
        "ambiguous": _ask_unclear(tx, judged.found, judged.keys),
        "exceptions": _ask_wrong(tx, judged.found, judged.keys) + strays.ask(tx, judged.odd),
        "unmatched_lines": len(judged.lines) - confirmed,
        "unmatched_transfers": len(judged.entries) - sum(row["state"] is MatchState.CONFIRMED for row in rows),
    }


def _forget_suggestions(tx: Tx, account: str) -> None:
    """Suggestions are thoughts, not history: each round makes its own."""
    lines = sa.select(StatementLine.id).filter_by(account=account)
    days = open_items.open_days(tx, StatementLine.booked_on)
    lines = lines if days is None else lines.where(days)
    tx.session.execute(
        sa.delete(ReconMatch)
        .where(ReconMatch.state == MatchState.SUGGESTED, ReconMatch.line_id.in_(lines))
        .execution_options(synchronize_session=False)
    )


def _row(tx: Tx, line_id: UUID, transfer_id: UUID, rule: MatchRule, why: str) -> dict[str, Any]:
    return {
        "id": new_id(), "line_id": line_id, "transfer_id": transfer_id, "rule": rule, "why": why,
        "state": MatchState.CONFIRMED, "at": clock.now(), "by": tx.actor.name, "basket_id": None, "line_part": 1,
        "transfer_part": 1,
    }  # fmt: skip


def _rows(tx: Tx, found: Matches, keys: Mapping[str, UUID]) -> Iterable[dict[str, Any]]:
    for pair in found.confirmed:
        yield _row(tx, keys[pair.line.line_key], keys[pair.transfer.key], pair.rule, pair.why)
    for pair in found.suggested:
        row = _row(tx, keys[pair.line.line_key], keys[pair.transfer.key], pair.rule, pair.why)
        yield row | {"state": MatchState.SUGGESTED}
    for basket in found.baskets:
        basket_id = new_id()
        for number, item in enumerate(basket.transfers, start=1):
            row = _row(tx, keys[basket.line.line_key], keys[item.key], MatchRule.BATCH, basket.why)
            yield row | {"basket_id": basket_id, "line_part": number}


def _fees(tx: Tx, found: Matches, fees: Sequence[OpenEntry], keys: Mapping[str, UUID]) -> list[dict[str, Any]]:
    """Fees carry the provider's order, which the payment's own line may carry too: only what is left is looked at."""
    left = [*found.unmatched_lines, *(pair.line for pair in found.suggested)]
    if not fees or not left:
        return []
    items = [matching.Transfer(str(fee.id), fee.order, fee.cents, fee.posted_on) for fee in fees]
    pairs = matching.match(left, items).confirmed
    return [_row(tx, keys[pair.line.line_key], UUID(pair.transfer.key), pair.rule, pair.why) for pair in pairs]


def _keep(tx: Tx, rows: list[dict[str, Any]], lines: Lines, entries: Mapping[UUID, OpenEntry]) -> None:
    """Write the matches and settle the payments among them."""
    sure = {row["line_id"] for row in rows if row["state"] is MatchState.CONFIRMED}
    rows = [row for row in rows if row["state"] is MatchState.CONFIRMED or row["line_id"] not in sure]
    for start in range(0, len(rows), BATCH):
        tx.session.connection().execute(sa.insert(ReconMatch), rows[start : start + BATCH])
    notes: dict[UUID, str] = {}
    for row in rows:
        entry = entries[row["transfer_id"]]
        if row["state"] is MatchState.CONFIRMED and entry.settles is not None:
            notes[entry.settles] = TOLD % {"day": lines[row["line_id"]].booked_on}
    settling.settle(tx, notes)


def _ask_unclear(tx: Tx, found: Matches, keys: Mapping[str, UUID]) -> int:
    unclear = {line.line_key: group.reference for group in found.ambiguous for line in group.lines}
    for key, reference in unclear.items():
        open_exception(tx, ExceptionKind.AMBIGUOUS, UNCLEAR % {"reference": reference}, line_id=keys[key])
    return len(unclear)


def _ask_wrong(tx: Tx, found: Matches, keys: Mapping[str, UUID]) -> int:
    for wrong in found.exceptions:
        kind = ExceptionKind(wrong.kind)
        note = DIFFERS % {"cents": wrong.difference_cents}
        if kind is ExceptionKind.RETURNED:
            note = CAME_BACK % {"reference": wrong.transfer.reference}
        open_exception(tx, kind, note, line_id=keys[wrong.line.line_key], transfer_id=UUID(wrong.transfer.key))
    return len(found.exceptions)
