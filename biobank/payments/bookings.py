"""Statement lines that are no payment of ours: booked to their account by one person, approved by another."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.payments import ledger, states, strays
from biobank.payments.attempts import disbursement_of
from biobank.payments.figures import is_matched
from biobank.payments.ledger import Entry
from biobank.payments.matching import MatchRule
from biobank.payments.models import (
    MatchState,
    ReconException,
    ReconMatch,
    ResolutionCode,
    State,
    StatementLine,
    Transfer,
    TransferKind,
)
from biobank.payments.questions import close_exception
from biobank.payments.states import Step

BOOK = "payments.book"
BOOKED = Phrase("Booked as %(kind)s: %(note)s")
_CODE, _KIND = ResolutionCode, TransferKind
# By account of the statement, code, and whether money came in: the entry that such a line is booked with.
ENTRIES: Mapping[tuple[str, ResolutionCode, bool], TransferKind] = {
    (ledger.PROVIDER, _CODE.BOOKED_FEE, False): _KIND.FEE,
    (ledger.PROVIDER, _CODE.BOOKED_FEE, True): _KIND.FEE_BACK,
    (ledger.PROVIDER, _CODE.BOOKED_TOPUP, True): _KIND.TOPUP_CREDITED,
    (ledger.PROVIDER, _CODE.BOOKED_TOPUP, False): _KIND.TOPUP_REVERSED,
    (ledger.PROVIDER, _CODE.BOOKED_SUSPENSE, False): _KIND.SUSPENSE_OUT,
    (ledger.PROVIDER, _CODE.BOOKED_SUSPENSE, True): _KIND.SUSPENSE_IN,
    (ledger.PROVIDER, _CODE.BOOKED_REFUND, True): _KIND.REFUNDED,
    (ledger.BANK, _CODE.BOOKED_FEE, False): _KIND.BANK_FEE,
    (ledger.BANK, _CODE.BOOKED_TOPUP, False): _KIND.TOPUP_SENT,
    (ledger.BANK, _CODE.BOOKED_SUSPENSE, False): _KIND.BANK_SUSPENSE_OUT,
    (ledger.BANK, _CODE.BOOKED_SUSPENSE, True): _KIND.BANK_SUSPENSE_IN,
}


def codes_for(line: StatementLine) -> list[ResolutionCode]:
    """What this line may be booked as."""
    return [code for account, code, is_in in ENTRIES if account == line.account and is_in == (line.amount_cents > 0)]


def line_of(tx: Tx, line_id: UUID) -> StatementLine:
    """The statement line; raises NotFound."""
    found = tx.session.get(StatementLine, line_id)
    if found is None:
        raise NotFound("There is no such statement line. Go back to the statements.")
    return found


def ask(tx: Tx, line_id: UUID, code: ResolutionCode, note: str) -> None:
    """Ask a second person to book a line that is no payment of ours."""
    line = line_of(tx, line_id)
    _require_bookable(tx, line, code)
    if len(note.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    approvals.ask(
        tx, kind=BOOK, subject=line_id, payload={"code": str(code), "note": note.strip()[:300]},
        summary=Phrase("Book line %(number)s of %(day)s, %(cents)s cents, as %(code)s: %(note)s"),
        words={"number": str(line.number), "day": str(line.booked_on), "cents": str(line.amount_cents),
               "code": str(code), "note": note.strip()[:100]},
    )  # fmt: skip


def _require_bookable(tx: Tx, line: StatementLine, code: ResolutionCode) -> TransferKind:
    kind = ENTRIES.get((line.account, code, line.amount_cents > 0))
    if kind is None:
        raise Invalid("A line of this account and sign cannot be booked like that. Choose one of those offered.",
                      code="booking-unknown")  # fmt: skip
    if tx.session.scalar(sa.select(is_matched(line.id))):
        raise Conflict("This line is matched already. Take the match back first.", code="matched")
    if code is ResolutionCode.BOOKED_REFUND:
        strays.paid_payment(tx, line)
    ledger.require_open(tx, line.booked_on)
    return kind


def book(tx: Tx, line_id: UUID, code: ResolutionCode, note: str) -> UUID:
    """Post the entry of a line, dated as the line, and match the two; its open exceptions are answered with it."""
    line = line_of(tx, line_id)
    ledger.lock(tx, line.account)
    kind = _require_bookable(tx, line, code)
    returned = strays.paid_payment(tx, line) if code is ResolutionCode.BOOKED_REFUND else None
    count = tx.session.scalar(sa.select(sa.func.count()).where(Transfer.source == f"line:{line.id}")) or 0
    entry = Entry(kind=kind, amount_cents=abs(line.amount_cents), uid=f"line:{line.id}:{kind}:{count + 1}",
                  source=f"line:{line.id}", disbursement_id=returned, reference=line.reference[:120], note=note,
                  posted_on=line.booked_on)  # fmt: skip
    transfer_id = ledger.add(tx, entry)
    tx.session.execute(sa.delete(ReconMatch).filter_by(line_id=line.id, state=MatchState.SUGGESTED))
    tx.session.execute(
        sa.insert(ReconMatch).values(
            id=new_id(), line_id=line.id, transfer_id=transfer_id, state=MatchState.CONFIRMED, rule=MatchRule.BOOKED,
            why=(BOOKED % {"kind": kind, "note": note})[:300], at=clock.now(), by=tx.actor.name,
        )
    )  # fmt: skip
    if returned is not None:
        _mark_returned(tx, returned, note)
    for asked in tx.session.scalars(sa.select(ReconException).filter_by(line_id=line.id, resolved_at=None)):
        close_exception(tx, asked, BOOKED % {"kind": kind, "note": note}, code)
    return transfer_id


def _mark_returned(tx: Tx, disbursement_id: UUID, note: str) -> None:
    """The payment's money is back, on the bank's word: it is owed again and may be made anew."""
    payment = disbursement_of(tx, disbursement_id)
    step = Step(disbursement_id=payment.id, came_from=payment.state, to=State.RETURNED, note=note,
                changes={"next_at": None, "sealed_link": None})  # fmt: skip
    if not states.move(tx, step):
        raise Conflict("This payment was changed by somebody else in the meantime. Look at it again.", code="moved-on")
