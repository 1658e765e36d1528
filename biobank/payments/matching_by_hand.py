"""What a person decides about lines and entries: confirm a suggestion, fill a basket, take a match back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.payments import ledger, open_items, settling
from biobank.payments.book_facts import is_confirmed
from biobank.payments.matching import MatchRule
from biobank.payments.models import MatchState, ReconException, ReconMatch, ResolutionCode, StatementLine, Transfer
from biobank.payments.open_items import OpenEntry
from biobank.payments.questions import close_exception
from biobank.payments.settling import TOLD

TAKEN_BACK = Phrase("Match taken back: %(reason)s")
MATCHED = Phrase("Matched by hand: %(reason)s")
MOST = 500


@dataclass(frozen=True, slots=True)
class Basket:
    """Lines and entries that somebody holds to be the same money; `difference` in cents must be 0."""

    lines: Sequence[StatementLine]
    entries: Sequence[OpenEntry]

    @property
    def difference(self) -> int:
        return sum(line.amount_cents for line in self.lines) - sum(entry.cents for entry in self.entries)

    @property
    def is_ready(self) -> bool:
        return bool(self.lines and self.entries) and self.difference == 0 and 1 in (len(self.lines), len(self.entries))


def confirm_suggestion(tx: Tx, match_id: UUID) -> ReconMatch:
    """A person says that a suggested line and payment are the same money."""
    found = _match_of(tx, match_id)
    if found.state is not MatchState.SUGGESTED:
        raise Conflict("This is no open suggestion any more. Match again.")
    basket = basket_of(tx, [found.line_id], [found.transfer_id])
    if basket.difference:
        raise Invalid("Line and payment differ in their amounts. They cannot be matched.", code="amounts-differ")
    ledger.require_open(tx, found.line.booked_on)
    found.state, found.at, found.by = MatchState.CONFIRMED, clock.now(), tx.actor.name
    tx.session.flush()
    _settle(tx, basket)
    return found


def basket_of(tx: Tx, line_ids: Sequence[UUID], entry_ids: Sequence[UUID]) -> Basket:
    """These open lines and entries, of one account; raises Conflict where one of them is matched meanwhile."""
    if len(line_ids) + len(entry_ids) > MOST:
        raise Invalid("At most %(most)s lines and entries go into one basket.", most=MOST, code="basket-full")
    lines = tx.session.scalars(
        sa.select(StatementLine).where(
            StatementLine.id.in_(line_ids), ~is_confirmed(ReconMatch.line_id, StatementLine.id)
        )
    ).all()
    accounts = {line.account for line in lines} or {ledger.PROVIDER}
    if len(accounts) > 1:
        raise Invalid("The lines belong to several accounts. Match one account at a time.", code="two-accounts")
    query = open_items.entries_query(accounts.pop()).where(Transfer.id.in_(entry_ids))
    entries = open_items.as_entries(tx.session.execute(query))
    if len(lines) != len(set(line_ids)) or len(entries) != len(set(entry_ids)):
        raise Conflict("A line or entry was matched by somebody else in the meantime. Look at the lists again.",
                       code="moved-on")  # fmt: skip
    return Basket(lines, entries)


def match_by_hand(tx: Tx, line_ids: Sequence[UUID], entry_ids: Sequence[UUID], reason: str) -> UUID:
    """Match one line with several entries, or one entry with several lines, that come to the same to the cent."""
    if len(reason.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    line = tx.session.get(StatementLine, line_ids[0]) if line_ids else None
    ledger.lock(tx, line.account if line else ledger.PROVIDER)
    basket = basket_of(tx, line_ids, entry_ids)
    if not basket.is_ready:
        raise Invalid("A basket holds one line and its entries, or one entry and its lines, with a difference of 0.00.",
                      code="basket-differs")  # fmt: skip
    for one in basket.lines:
        ledger.require_open(tx, one.booked_on)
    basket_id = _write(tx, basket, MATCHED % {"reason": reason.strip()})
    _settle(tx, basket)
    asked = sa.select(ReconException).where(ReconException.line_id.in_(line_ids), ReconException.resolved_at.is_(None))
    for question in tx.session.scalars(asked):
        close_exception(tx, question, MATCHED % {"reason": reason.strip()}, ResolutionCode.CORRECTED)
    return basket_id


def _write(tx: Tx, basket: Basket, why: str) -> UUID:
    basket_id = new_id()
    line_ids = [line.id for line in basket.lines]
    tx.session.execute(
        sa.delete(ReconMatch).where(ReconMatch.line_id.in_(line_ids), ReconMatch.state == MatchState.SUGGESTED)
    )
    is_one_line = len(basket.lines) == 1
    pairs = [(line, entry) for line in basket.lines for entry in basket.entries]
    tx.session.execute(
        sa.insert(ReconMatch),
        [
            {"id": new_id(), "basket_id": basket_id, "line_id": line.id, "transfer_id": entry.id, "why": why[:300],
             "state": MatchState.CONFIRMED, "rule": MatchRule.BY_HAND, "at": clock.now(), "by": tx.actor.name,
             "line_part": number if is_one_line else 1, "transfer_part": 1 if is_one_line else number}
            for number, (line, entry) in enumerate(pairs, start=1)
        ],
    )  # fmt: skip
    return basket_id


def _settle(tx: Tx, basket: Basket) -> None:
    day = max(line.booked_on for line in basket.lines)
    told = {entry.settles: TOLD % {"day": day} for entry in basket.entries if entry.settles is not None}
    settling.settle(tx, told)


def undo_match(tx: Tx, match_id: UUID, reason: str) -> ReconMatch:
    """Take a match back, the whole basket with it, with the reason; lines and entries are open again."""
    if len(reason.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    found = _match_of(tx, match_id)
    if found.state is not MatchState.CONFIRMED:
        raise Conflict("This match was taken back already.")
    joined = [found]
    if found.basket_id is not None:
        joined = list(tx.session.scalars(sa.select(ReconMatch).filter_by(basket_id=found.basket_id)))
    notes: dict[UUID, str] = {}
    for one in joined:
        ledger.require_open(tx, one.line.booked_on)
        one.state, one.why = MatchState.UNDONE, reason.strip()[:300]
        one.at, one.by = clock.now(), tx.actor.name
        if one.transfer.kind in open_items.PAYING and one.transfer.disbursement_id:
            notes[one.transfer.disbursement_id] = TAKEN_BACK % {"reason": reason.strip()}
    tx.session.flush()
    settling.unsettle(tx, notes)
    tx.session.refresh(found)
    return found


def _match_of(tx: Tx, match_id: UUID) -> ReconMatch:
    found = tx.session.get(ReconMatch, match_id)
    if found is None:
        raise NotFound("There is no such match. Match the statement again.")
    ledger.lock(tx, found.line.account)
    tx.session.refresh(found)
    return found
