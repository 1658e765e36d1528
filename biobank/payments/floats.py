"""A site's float: cash in and out, each movement with its entry in the books and two people's names."""

from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Phrase
from biobank.payments import actions, ledger
from biobank.payments.cash_models import Count, Counted, FloatMove, FloatMoveKind, Means
from biobank.payments.ledger import Entry
from biobank.payments.models import Disbursement, Entitlement, ExceptionKind, State, TransferKind
from biobank.payments.questions import open_exception

DIFFERS = Phrase("Counted %(counted)s, expected %(expected)s.")
_TRANSFERS = {
    FloatMoveKind.FILLED: TransferKind.FLOAT_FILLED,
    FloatMoveKind.BANKED: TransferKind.FLOAT_BANKED,
    FloatMoveKind.SHORT: TransferKind.FLOAT_SHORT,
    FloatMoveKind.OVER: TransferKind.FLOAT_OVER,
}
Person = tuple[UUID, str]


def balance(tx: Tx, site_id: UUID) -> int:
    """The cash that a site must have, in cents, what is kept ready included."""
    total = sa.select(sa.func.sum(FloatMove.cents)).filter_by(site_id=site_id)
    return int(tx.session.scalar(total) or 0)


def reserved(tx: Tx, site_id: UUID) -> int:
    """The cash that is kept ready for payments, in cents."""
    query = sa.select(sa.func.sum(Disbursement.amount_cents)).join(
        Entitlement, Entitlement.id == Disbursement.entitlement_id
    )
    ready = query.where(Entitlement.site_id == site_id, Disbursement.state == State.RESERVED)
    return int(tx.session.scalar(ready.where(Disbursement.provider == Means.CASH)) or 0)


def require_room(tx: Tx, site_id: UUID, cents: int) -> None:
    """Raise `Conflict` when the float would hold more than the policy lets a site have."""
    most = actions.policy_today().float_cents
    if balance(tx, site_id) + cents > most:
        raise Conflict("A site may hold %(most)s dollars in cash at most. Bank some of it first.", code="float-full",
                       most=str(most // 100))  # fmt: skip


def require_free(tx: Tx, site_id: UUID, cents: int) -> None:
    """Raise `Conflict` when the float has not so much that is not kept ready for somebody."""
    if balance(tx, site_id) - reserved(tx, site_id) < cents:
        raise Conflict("The float has not so much cash. Count it, or fill it first.", code="float-short")


def fill(tx: Tx, site_id: UUID, cents: int, first: Person) -> None:
    """Cash has come from the bank."""
    require_room(tx, site_id, cents)
    _move(tx, site_id, FloatMoveKind.FILLED, cents, first)


def bank(tx: Tx, site_id: UUID, cents: int, first: Person) -> None:
    """Cash goes back to the bank."""
    require_free(tx, site_id, cents)
    _move(tx, site_id, FloatMoveKind.BANKED, -cents, first)


def count(tx: Tx, site_id: UUID, cents: int, first: Person) -> None:
    """Note a count; a difference is booked as a loss or a find, and a person of finance is asked about it."""
    expected = balance(tx, site_id)
    key = write_count(tx, site_id, Counted.CASH, (cents, expected), first)
    if cents == expected:
        return
    kind = FloatMoveKind.OVER if cents > expected else FloatMoveKind.SHORT
    _move(tx, site_id, kind, cents - expected, first)
    open_exception(
        tx, ExceptionKind.FLOAT_DIFF, DIFFERS % {"counted": cents, "expected": expected}, item=f"count:{key}"
    )


def write_count(tx: Tx, site_id: UUID, what: Counted, figures: tuple[int, int], first: Person) -> UUID:
    """Keep a count as (counted, expected) with both people's names."""
    key = new_id()
    tx.session.execute(sa.insert(Count).values(id=key, site_id=site_id, what=what, counted=figures[0],
                                               expected=figures[1], **signed(tx, first)))  # fmt: skip
    return key


def signed(tx: Tx, first: Person) -> dict[str, object]:
    """The moment and the two people."""
    return {"at": clock.now(), "first_id": first[0], "first_name": first[1], "second_id": tx.actor.id,
            "second_name": tx.actor.name}  # fmt: skip


def give(tx: Tx, site_id: UUID, payment: Disbursement, first: Person) -> None:
    """Cash has been handed over for a payment."""
    tx.session.execute(sa.insert(FloatMove).values(
        id=new_id(), site_id=site_id, kind=FloatMoveKind.GIVEN, cents=-payment.amount_cents,
        disbursement_id=payment.id, **signed(tx, first),
    ))  # fmt: skip
    ledger.add(tx, Entry(kind=TransferKind.CASH_GIVEN, disbursement_id=payment.id, amount_cents=payment.amount_cents,
                         site_id=site_id))  # fmt: skip


def _move(tx: Tx, site_id: UUID, kind: FloatMoveKind, cents: int, first: Person) -> None:
    key = new_id()
    tx.session.execute(
        sa.insert(FloatMove).values(id=key, site_id=site_id, kind=kind, cents=cents, **signed(tx, first))
    )
    actions.ensure_scheme(tx)
    ledger.add(tx, Entry(kind=_TRANSFERS[kind], amount_cents=abs(cents), uid=f"float:{key}", source=f"float:{key}",
                         site_id=site_id))  # fmt: skip
