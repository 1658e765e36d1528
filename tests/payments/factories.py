"""Payees, payments and statements, made up."""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.actions import add_site, add_staff
from biobank.access.models import SiteKind, Staff
from biobank.actor import Role
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.payments import ledger, states
from biobank.payments.actions import add_payee, books_difference, entitle, latest_of
from biobank.payments.models import Disbursement, Entitlement, Payee, State, TransferKind
from biobank.payments.states import Step
from labels import Kind, mint

_numbers = count(1)
A_DAY = 400


def make_site_id(tx: Tx) -> UUID:
    number = next(_numbers)
    return add_site(tx, code=f"FC{number}", name=f"Clinic {number}", kind=SiteKind.CLINIC, zone="America/Chicago").id


def make_payee(tx: Tx) -> Payee:
    return add_payee(tx, new_id(), mint(Kind.FINANCE))


def make_entitlement(tx: Tx, site_id: UUID | None = None) -> Entitlement:
    site_id = site_id or make_site_id(tx)
    return entitle(tx, payee_id=make_payee(tx).id, site_id=site_id, earned_at=clock.now())


def make_payment(tx: Tx, site_id: UUID | None = None) -> Disbursement:
    return latest_of(tx, make_entitlement(tx, site_id).id)


def sent(tx: Tx, payment: Disbursement, at: datetime | None = None) -> Disbursement:
    """The payment, as the provider has confirmed it, with its entry."""
    for came_from, to in ((State.QUEUED, State.SENDING), (State.SENDING, State.SENT)):
        proof = {"lease_token": "mine", "provider": "p", "provider_ref": str(payment.id), "sent_at": at or clock.now()}
        states.move(tx, Step(disbursement_id=payment.id, came_from=came_from, to=to, changes=proof))
    ledger.post(tx, TransferKind.PAYMENT, payment.id, payment.amount_cents)
    return payment


def make_payments(databases: Databases, number: int) -> list[UUID]:
    """Payments that are due, committed; their keys. So many of each day that no limit holds them."""
    keys: list[UUID] = []
    for day, first in enumerate(range(0, number, A_DAY)):
        with clock.at(clock.now() - timedelta(days=day)) if day else nullcontext(), databases.transaction() as tx:
            site_id = make_site_id(tx)
            keys += [make_payment(tx, site_id).id for _ in range(min(A_DAY, number - first))]
    return keys


def make_staff(tx: Tx, *roles: Role, site_id: UUID | None = None) -> Staff:
    number = next(_numbers)
    return add_staff(tx, username=f"person{number}", display_name=f"Person {number}", roles=roles,
                     password="correct horse battery", site_id=site_id or make_site_id(tx))  # fmt: skip


def states_of(databases: Databases) -> dict[State, int]:
    """How many payments stand in each state."""
    with databases.transaction(read_only=True) as tx:
        query = sa.select(Disbursement.state, sa.func.count()).group_by(Disbursement.state)
        return {row.state: row[1] for row in tx.session.execute(query)}


def statement(
    lines: Iterable[tuple[str, str, int]], *, opening: int = 1_000_000, last_day: str = "2026-11-20"
) -> bytes:
    """A statement that adds up, as CSV: day, text, cents of each line."""

    def dollars(cents: int) -> str:
        return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"

    rows = ["Date,Description,Reference,Amount,Balance", f"2026-11-20,Opening balance,,,{dollars(opening)}"]
    balance = opening
    for day, text, cents in lines:
        balance += cents
        rows.append(f"{day},{text},,{dollars(cents)},{dollars(balance)}")
    rows.append(f"{last_day},Closing balance,,,{dollars(balance)}")
    return "\n".join(rows).encode()


def fault(kind: str, **values: Any) -> dict[str, Any]:
    """What the simulated provider is told to do wrong."""
    return {"kind": kind, "seconds": 0 if kind == "throttle" else 0.7, **values}


def books(databases: Databases) -> int:
    """What the books are off, in cents."""
    with databases.transaction(read_only=True) as tx:
        return books_difference(tx)
