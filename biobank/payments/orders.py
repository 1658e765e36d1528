"""The provider's orders against our payments, both ways, as its statements tell of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Phrase
from biobank.payments import book_facts, ledger
from biobank.payments.equations import Equation, Unit
from biobank.payments.models import (
    Disbursement,
    ExceptionKind,
    ReconMatch,
    State,
    StatementFile,
    StatementLine,
    Transfer,
)
from biobank.payments.questions import open_exception

# A provider books an order on the day it is made, or on the next.
GRACE = timedelta(days=1)
MOST_ASKED = 500
MISSING = Phrase("Sent on %(day)s; the provider's statement does not tell of it.")


def equations(tx: Tx) -> Iterator[Equation]:
    """Nothing on the provider's statements that we never made; nothing of ours that they leave out."""
    for code, name, query, page in (
        ("orders-not-ours", Phrase("Every order on the provider's statements is a payment of ours"), _not_ours(),
         "payments.open_lines"),
        ("orders-missing", Phrase("Every payment sent is on the provider's statements"), _missing(tx),
         "payments.ageing"),
    ):  # fmt: skip
        count = tx.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
        yield Equation(code=code, name=name, expected=0, found=int(count), unit=Unit.COUNT, page=page)


def ask(tx: Tx) -> None:
    """Ask a person about each payment that the provider's statements leave out."""
    for payment in tx.session.execute(_missing(tx).limit(MOST_ASKED)).all():
        note = MISSING % {"day": payment.sent_at.date()}
        open_exception(tx, ExceptionKind.OURS_NOT_PROVIDER, note, disbursement_id=payment.id)


def _not_ours() -> sa.Select[Any]:
    ours = sa.exists().where(Disbursement.external_id == StatementLine.named)
    is_open = ~book_facts.is_confirmed(ReconMatch.line_id, StatementLine.id)
    return sa.select(StatementLine.id).where(StatementLine.account == ledger.PROVIDER, StatementLine.mentions == 1,
                                             is_open, ~ours)  # fmt: skip


def _missing(tx: Tx) -> sa.Select[UUID, datetime | None]:
    """Payments through the provider's balance, sent before its last statement ended, that no line has settled."""
    last = tx.session.scalar(sa.select(sa.func.max(StatementFile.closed_on)).filter_by(account=ledger.PROVIDER))
    paid = sa.exists().where(Transfer.disbursement_id == Disbursement.id, Transfer.credit == ledger.PROVIDER)
    query = sa.select(Disbursement.id, Disbursement.sent_at).where(Disbursement.state == State.SENT, paid)
    if last is None:
        return query.where(sa.false())
    return query.where(Disbursement.sent_at < datetime.combine(last, time(), UTC) - GRACE).order_by(Disbursement.id)
