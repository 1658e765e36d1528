"""Statement lines that name a payment reference of ours which is not open: charged again, or never ours."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, Phrase
from biobank.payments import states
from biobank.payments.models import Disbursement, ExceptionKind, State
from biobank.payments.models import StatementLine as KeptLine
from biobank.payments.questions import open_exception
from biobank.payments.references import named_in
from biobank.payments.statements import StatementLine

CHUNK = 500
NAMES = Phrase("The line names %(reference)s.")


@dataclass(frozen=True, slots=True)
class Stray:
    """One reference that a line names; `disbursement_id` is None when it is not ours at all."""

    reference: str
    kind: ExceptionKind | None
    disbursement_id: UUID | None


def find(tx: Tx, lines: Mapping[UUID, StatementLine], open_references: Collection[str]) -> Mapping[UUID, Stray]:
    """The lines that name a reference which no open payment has, by line."""
    named = {line_id: named_in(line.text, line.reference) for line_id, line in lines.items()}
    ours = frozenset(open_references)
    odd = {line_id: sorted(words - ours) for line_id, words in named.items() if words - ours}
    known = _known(tx, sorted({words[0] for words in odd.values()}))
    return {
        line_id: _judge(words[0], known.get(words[0]), lines[line_id].amount_cents, is_alone=len(named[line_id]) == 1)
        for line_id, words in odd.items()
    }


def _known(tx: Tx, references: Sequence[str]) -> dict[str, tuple[UUID, State]]:
    found: dict[str, tuple[UUID, State]] = {}
    for start in range(0, len(references), CHUNK):
        query = sa.select(Disbursement.external_id, Disbursement.id, Disbursement.state)
        query = query.where(Disbursement.external_id.in_(references[start : start + CHUNK]))
        found |= {reference: (key, state) for reference, key, state in tx.session.execute(query)}
    return found


def _judge(reference: str, known: tuple[UUID, State] | None, cents: int, *, is_alone: bool) -> Stray:
    if known is None:
        return Stray(reference, ExceptionKind.PROVIDER_NOT_OURS, None)
    key, state = known
    if not is_alone:
        return Stray(reference, ExceptionKind.AMBIGUOUS, key)
    if cents > 0:
        return Stray(reference, ExceptionKind.RETURNED, key)
    if state in states.PAID:
        return Stray(reference, ExceptionKind.CHARGED_TWICE, key)
    if state in states.DEAD:
        return Stray(reference, ExceptionKind.PAID_AFTER_ALL, key)
    # The worker will learn of it from the provider itself; until then the line waits.
    return Stray(reference, None, key)


def ask(tx: Tx, found: Mapping[UUID, Stray]) -> int:
    """Open an exception for each line that a person must look into; answers how many there are."""
    asked = [(line_id, stray, stray.kind) for line_id, stray in found.items() if stray.kind is not None]
    for line_id, stray, kind in asked:
        open_exception(tx, kind, NAMES % {"reference": stray.reference}, line_id=line_id)
    return len(asked)


def paid_payment(tx: Tx, line: StatementLine | KeptLine) -> UUID:
    """The one paid payment that a line bringing money back names, of the same amount; raises Conflict."""
    known = _known(tx, sorted(named_in(line.text, line.reference)))
    paid = [key for key, state in known.values() if state in states.PAID]
    amount = sa.select(Disbursement.amount_cents).where(Disbursement.id.in_(paid))
    if len(paid) != 1 or tx.session.scalars(amount).one() != line.amount_cents:
        raise Conflict("The line does not name one paid payment of ours with its exact amount. Book it to suspense and "
                       "ask the provider which payment it is.", code="no-payment")  # fmt: skip
    return paid[0]
