"""What the bank sent back of our files: matched by trace and exact amount, the payment returned on the bank's word."""

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Phrase
from biobank.payments import ledger, states
from biobank.payments.ach_models import AchEntry
from biobank.payments.figures import is_matched
from biobank.payments.ledger import Entry
from biobank.payments.matching import MatchRule
from biobank.payments.models import MatchState, ReconMatch, State, StatementLine, TransferKind
from biobank.payments.states import Step

CAME_BACK = Phrase("The bank returned it: %(code)s, trace %(trace)s.")


def take_returns(tx: Tx) -> int:
    """Book every open line of the return files whose trace and amount are one sent payment's; answers how many."""
    open_lines = (
        sa.select(StatementLine, AchEntry)
        .join(AchEntry, sa.and_(AchEntry.trace == StatementLine.reference, AchEntry.is_live))
        .where(StatementLine.account == ledger.ACH, StatementLine.return_code.is_not(None),
               StatementLine.amount_cents == AchEntry.cents, ~is_matched(StatementLine.id))
    )  # fmt: skip
    return sum(_book(tx, line, entry) for line, entry in tx.session.execute(open_lines).all())


def _book(tx: Tx, line: StatementLine, entry: AchEntry) -> bool:
    ledger.require_open(tx, line.booked_on)
    note = CAME_BACK % {"code": line.return_code, "trace": entry.trace}
    step = Step(disbursement_id=entry.disbursement_id, came_from=State.SENT, to=State.RETURNED, note=note,
                changes={"next_at": None})  # fmt: skip
    if not states.move(tx, step):
        return False
    transfer_id = ledger.add(tx, Entry(kind=TransferKind.ACH_RETURNED, disbursement_id=entry.disbursement_id,
                                       amount_cents=entry.cents, reference=entry.trace, posted_on=line.booked_on,
                                       note=note))  # fmt: skip
    tx.session.execute(
        sa.insert(ReconMatch).values(
            id=new_id(), line_id=line.id, transfer_id=transfer_id, state=MatchState.CONFIRMED,
            rule=MatchRule.REFERENCE, why=note[:300], at=clock.now(), by=tx.actor.name,
        )
    )  # fmt: skip
    return True
