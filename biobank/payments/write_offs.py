"""What nobody can clear up: an entry that stands in suspense is written off by one person, approved by another."""

from uuid import UUID

import sqlalchemy as sa

from biobank.access import approvals
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.payments import ledger
from biobank.payments.ledger import Entry
from biobank.payments.models import Transfer, TransferKind

WRITE_OFF = "payments.write-off"
ENDS = (TransferKind.SUSPENSE_LOSS, TransferKind.SUSPENSE_GAIN)


def ask(tx: Tx, transfer_id: UUID, note: str) -> None:
    """Ask a second person to write an entry in suspense off."""
    found = _require_standing(tx, transfer_id)
    if len(note.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    approvals.ask(
        tx, kind=WRITE_OFF, subject=transfer_id, payload={"note": note.strip()[:300]},
        summary=Phrase("Write off %(cents)s cents of %(day)s that stand in suspense: %(note)s"),
        words={"cents": str(found.amount_cents), "day": str(found.posted_on), "note": note.strip()[:100]},
    )  # fmt: skip


def _require_standing(tx: Tx, transfer_id: UUID) -> Transfer:
    found = tx.session.get(Transfer, transfer_id)
    if found is None or ledger.SUSPENSE not in (found.debit, found.credit):
        raise NotFound("There is no such entry in suspense. Go back to the account.")
    if found.id not in standing(tx):
        raise Conflict("This entry is cleared up or written off already.", code="cleared")
    return found


def standing(tx: Tx) -> frozenset[UUID]:
    """The entries that still stand in suspense: neither written off nor undone, nor more than what is left there."""
    left = ledger.balance(tx, ledger.SUSPENSE)
    if not left:
        return frozenset()
    query = sa.select(Transfer.id, Transfer.uid, Transfer.kind, Transfer.reverses_id).where(
        (Transfer.debit if left > 0 else Transfer.credit) == ledger.SUSPENSE, Transfer.amount_cents <= abs(left)
    )
    found = [key for key, _, kind, undone in tx.session.execute(query) if kind not in ENDS and undone is None]
    ended = sa.select(Transfer.uid, Transfer.reverses_id).where(
        sa.or_(Transfer.kind.in_(ENDS), Transfer.kind == TransferKind.REVERSAL)
    )
    gone = {word for row in tx.session.execute(ended) for word in row}
    return frozenset(key for key in found if key not in gone and _uid_of(key) not in gone)


def _uid_of(transfer_id: UUID) -> str:
    return f"{transfer_id}:written-off"


def write_off(tx: Tx, transfer_id: UUID, note: str) -> UUID:
    """Post the loss, or the gain where nobody claims the money; the actor is the second person."""
    ledger.lock(tx, ledger.SUSPENSE)
    found = _require_standing(tx, transfer_id)
    kind = TransferKind.SUSPENSE_LOSS if found.debit == ledger.SUSPENSE else TransferKind.SUSPENSE_GAIN
    return ledger.add(tx, Entry(kind=kind, amount_cents=found.amount_cents, uid=_uid_of(transfer_id), note=note,
                                source=found.source or f"entry:{transfer_id}", reference=found.reference))  # fmt: skip
